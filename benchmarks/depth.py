"""What a PSF that varies with depth gains: specimens imaged plane by plane, each plane with the PSF of its own depth.

The images are made by direct sums of periodic convolutions in float64, one for each plane, of specimens that were drawn
on finer voxels and go on beyond the field. Widefield, NA 1.3, oil 1.518 into a sample of 1.46, 0 to 24 µm.

OMP_NUM_THREADS=1 python benchmarks/depth.py [seed ...]
"""

import sys
import time
import warnings

import numpy as np
import scipy.fft

from napari_deconvolution import Grid, Microscope, deconvolve, psf
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.forward.varying import VaryingPsf
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.optics.psf_by_depth import line_of_foci, psf_by_depth
from napari_deconvolution.simulation.specimens import SPECIMENS, binned

SHAPE, SPACING, MARGIN, DEEPER = (96, 48, 48), (0.25, 0.1, 0.1), 16, 8
MICROSCOPE = Microscope(na=1.3, wavelength=0.52, n_immersion=1.518, n_sample=1.46)
KERNEL = Grid(shape=(2 * SHAPE[0] - 1, 63, 63), spacing=SPACING)
BACKGROUND, ITERATIONS, PHOTONS = 0.02, 40, (2000,)
DRAWN = {
    "filaments": SPECIMENS["filaments"].replace(threads=20, width=0.4, length=30),
    "beads": SPECIMENS["beads"].replace(concentration=60, diameter=0.6),
    "bars": SPECIMENS["bars"].replace(spread=24, width=2.0, wall=0.5, distance=4.0),
}


def optics():
    """The model at the stage position of each plane, by the depth that is imaged there, written out once more."""
    start, rise = line_of_foci(MODELS["gibson-lanni"], MICROSCOPE, (SHAPE[0] - 1) * SPACING[0])
    for plane in range(SHAPE[0] + DEEPER):
        stage = start + plane * SPACING[0]
        model = MODELS["gibson-lanni"].replace(focus="stage", defocus=stage)
        yield psf(model, MICROSCOPE.replace(depth=(stage - start) / rise), KERNEL)


def specimen(name: str, seed: int) -> np.ndarray:
    """On the field, what lies around it, and a few planes deeper."""
    shape = (SHAPE[0] + DEEPER, *(n + 2 * MARGIN for n in SHAPE[1:]))
    fine = Grid(shape=(shape[0], 2 * shape[1], 2 * shape[2]), spacing=(SPACING[0], SPACING[1] / 2, SPACING[2] / 2))
    return binned(DRAWN[name].draw(fine, seed), (1, 2, 2))


def imaged(truth: np.ndarray, psfs: list[np.ndarray]) -> np.ndarray:
    """Every plane through its own PSF, one after the other."""
    padded = [scipy.fft.next_fast_len(n + m) for n, m in zip(truth.shape[1:], KERNEL.shape[1:], strict=True)]
    seen = np.zeros((SHAPE[0], *padded))
    for plane, kernel in enumerate(psfs):
        spectrum = scipy.fft.rfft2(truth[plane].astype(float), padded)
        # Plane k of the image sees plane `plane` of the specimen through plane k − plane of its PSF.
        first = KERNEL.shape[0] // 2 - plane
        part = kernel[max(first, 0) : first + SHAPE[0]].astype(float)
        seen[max(-first, 0) :][: len(part)] += scipy.fft.irfft2(scipy.fft.rfft2(part, padded) * spectrum, padded)
    y, x = (slice(MARGIN + m // 2, MARGIN + m // 2 + n) for n, m in zip(SHAPE[1:], KERNEL.shape[1:], strict=True))
    return seen[:, y, x]


def formations(every: list[np.ndarray]) -> dict[str, object]:
    """What is compared: the last one has the PSF of each plane in full."""
    psfs, at = psf_by_depth("gibson-lanni", MICROSCOPE, KERNEL, SHAPE[0])
    modes = {f"{n} modes": VaryingPsf(psfs, at, modes=n) for n in (2, 3)}
    chosen = VaryingPsf(psfs, at)
    print("model error of 1, 2, ... modes:", *(f"{error:.4f}" for error in chosen.errors))
    print("modes chosen:", len(chosen.modes))
    unaberrated, middle = (psf("gibson-lanni", MICROSCOPE.replace(depth=depth), KERNEL) for depth in (0.0, 11.5))
    whole = VaryingPsf(np.stack(every), np.arange(len(every)), error=0.0002)
    print("modes in place of a PSF per plane:", len(whole.modes))
    return {
        "unaberrated": StationaryPsf(unaberrated),
        "mid-depth": StationaryPsf(middle),
        **modes,
        "a PSF per plane": whole,
    }


def pace(formation: object, y: np.ndarray) -> float:
    """Milliseconds of one way through H and back."""
    H = formation.model(SHAPE, "open", threads=1)
    x, best = np.ones(H.shape, np.float32), np.inf
    for _ in range(4):
        begin = time.process_time()
        H.through(x, lambda blurred, at: np.divide(y[at], blurred + 1, out=blurred), lambda back, at: None)
        best = min(best, time.process_time() - begin)
    return 1e3 * best


def main(seeds: list[int]) -> None:
    every = list(optics())
    compared = formations(every)
    y = np.ones(SHAPE, np.float32)
    for name, formation in compared.items():
        print(f"{name}: {pace(formation, y):.0f} ms")
    for kind in DRAWN:
        for photons in PHOTONS:
            rows = {name: [] for name in compared}
            for seed in seeds:
                truth = specimen(kind, seed)
                light = imaged(truth, every)
                light *= photons / light.max()
                data = np.random.default_rng(seed).poisson(light + BACKGROUND * photons).astype(np.float32)
                inner = truth[: SHAPE[0], MARGIN:-MARGIN, MARGIN:-MARGIN]
                for name, formation in compared.items():
                    errors = []
                    deconvolve(
                        data, formation, "richardson-lucy", acceleration="nu-method", iterations=ITERATIONS, gain=1,
                        background=BACKGROUND * photons, mask=False, threads=1,
                        watch=lambda step, e=errors, t=inner: e.append(fitted_error(step.estimate[step.inside], t)),
                    )  # fmt: skip
                    rows[name].append((errors[-1], min(errors)))
            for name, found in rows.items():
                last, best = (np.sqrt(np.mean(np.square(one))) for one in zip(*found, strict=True))
                print(f"{kind} {photons} {name}: after {ITERATIONS} {last:.4f}, best {best:.4f}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main([int(seed) for seed in sys.argv[1:]] or [11, 12])
