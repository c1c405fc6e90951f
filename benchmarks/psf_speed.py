"""Time the PSF models beside psfmodels from PyPI, in one run, and write the table to docs/accuracy.md.

pip install psfmodels; OMP_NUM_THREADS=1 python benchmarks/psf_speed.py
"""

import statistics
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psfmodels
from scipy.optimize import minimize_scalar

sys.path.insert(0, str(Path(__file__).parent))
from accuracy import even, vectorial

from napari_deconvolution import Grid, Microscope, psf
from napari_deconvolution.optics.psf import MODELS

GRID = Grid(shape=(63, 127, 127), spacing=(0.2, 0.1, 0.1))
OPTICS = {
    "oil, matched": Microscope(na=1.3, wavelength=0.52),
    "oil into water, 10 µm deep": Microscope(na=1.3, wavelength=0.52, n_sample=1.33, depth=10.0),
}
MODELLED = {"gibson-lanni": ("scalar", even), "richards-wolf": ("vectorial", vectorial)}
REPEATS = 9
ROWS, COLUMNS = [63, 66, 83], [0, 30, 50, 60, 62, 63, 64, 65, 67, 71, 80, 100]


def theirs(model: str, microscope: Microscope, focus: float) -> np.ndarray:
    """The same PSF by psfmodels, which averages over 3 × 3 points a pixel."""
    planes = focus + GRID.coordinates()[0]
    return psfmodels.make_psf(
        planes, nx=GRID.shape[-1], dxy=GRID.spacing[-1], pz=microscope.depth, model=model, wvl=microscope.wavelength,
        NA=microscope.na, ns=microscope.n_sample, ni=microscope.n_immersion, ni0=microscope.n_immersion,
        ng=microscope.n_coverslip, ng0=microscope.n_coverslip,
    )  # fmt: skip


def exact(microscope: Microscope, reference: Callable, z: np.ndarray) -> np.ndarray:
    """The pixels of ROWS and COLUMNS in the planes z, by quadrature over 6 × 6 points each; shape (planes, rows,
    columns).
    """
    nodes, weights = np.polynomial.legendre.leggauss(6)
    axes = zip((ROWS, COLUMNS), GRID.shape[1:], GRID.spacing[1:], strict=True)
    y, x = ((np.array(at)[:, None] - n // 2 + nodes / 2) * step for at, n, step in axes)
    radii = np.hypot(y[:, :, None, None], x).ravel()
    points = reference(microscope, radii, z).reshape(len(ROWS), 6, len(COLUMNS), 6, len(z))
    return np.einsum("ryxcz,y,c->zrx", points, weights / 2, weights / 2)


def misfit(volume: np.ndarray, microscope: Microscope, reference: Callable, focus: float, reach: float) -> float:
    """The greatest error over the peak, after the best scale and, within this reach, the best shift along z."""
    pixels, z = volume[:, ROWS][:, :, COLUMNS].astype(np.float64), GRID.coordinates()[0]

    def error(shift: float) -> float:
        wanted = exact(microscope, reference, focus + shift + z)
        scale = np.vdot(pixels, wanted) / np.vdot(pixels, pixels)
        return float(np.abs(scale * pixels - wanted).max() / wanted.max())

    if not reach:
        return error(0.0)
    first = min(np.arange(-reach, reach + 0.1, 0.2).tolist(), key=error)
    return float(
        minimize_scalar(error, bounds=(first - 0.2, first + 0.2), method="bounded", options={"xatol": 1e-3}).fun
    )


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def compared() -> list[str]:
    lines = [
        "| optics | model | psfmodels | ours | ratio | error of psfmodels | ours |",
        "|---|---|---|---|---|---|---|",
    ]
    for optics, microscope in OPTICS.items():
        for name, (their_name, reference) in MODELLED.items():
            focus = MODELS[name].best_focus(microscope)
            jobs = (lambda: theirs(their_name, microscope, focus), lambda: psf(name, microscope, GRID))  # noqa: B023
            times = [[seconds(job) for job in jobs] for _ in range(REPEATS + 1)][1:]
            before, after = (statistics.median(column) for column in zip(*times, strict=True))
            error_of_theirs = misfit(jobs[0](), microscope, reference, focus, 2.0 if microscope.depth else 0.2)
            error = misfit(jobs[1](), microscope, reference, focus, 0.0)
            lines.append(
                f"| {optics} | {their_name} | {before * 1e3:.0f} ms | {after * 1e3:.0f} ms | {after / before:.2f} "
                f"| {error_of_theirs:.1e} | {error:.1e} |"
            )
    return lines


def scaling() -> list[str]:
    lines = [
        "| samples | gibson-lanni | richards-wolf | ns per voxel | peak memory, volumes |",
        "|---|---|---|---|---|",
    ]
    microscope = OPTICS["oil, matched"]
    for shape in ((32, 127, 127), (63, 127, 127), (63, 255, 255), (127, 255, 255), (127, 511, 511)):
        grid = GRID.replace(shape=shape)
        times = [statistics.median(seconds(lambda: psf(name, microscope, grid)) for _ in range(5)) for name in MODELLED]  # noqa: B023
        peaks = []
        for name in MODELLED:
            tracemalloc.start()
            volume = psf(name, microscope, grid)
            peaks.append(tracemalloc.get_traced_memory()[1] / volume.nbytes)
            tracemalloc.stop()
        each = " and ".join(f"{t / volume.size * 1e9:.1f}" for t in times)
        took = " | ".join(f"{t * 1e3:.0f} ms" for t in times)
        lines.append(f"| {'x'.join(map(str, shape))} | {took} | {each} | {peaks[0]:.1f} and {peaks[1]:.1f} |")
    return lines


TEXT = """
## Speed

Written by `benchmarks/psf_speed.py`: psfmodels {version} and these models in one run, alternating, medians of
{repeats}, 63x127x127 voxels of 0.2 x 0.1 x 0.1 µm, pixel-integrated on both sides. The error is the greatest one over
the peak, after the best scale, in 36 pixels of every plane against quadrature; that of psfmodels also after the best
shift along z, since it puts the stage's zero of a deep object elsewhere.

{compared}

Time and peak memory (in output volumes of float32) against the number of voxels:

{scaling}
"""

if __name__ == "__main__":
    warnings.simplefilter("ignore", UserWarning)
    page = Path(__file__).parents[1] / "docs" / "accuracy.md"
    text = TEXT.format(
        version=psfmodels.__version__, repeats=REPEATS, compared="\n".join(compared()), scaling="\n".join(scaling())
    )
    print(text)
    page.write_text(page.read_text(encoding="utf-8").partition("\n## ")[0] + text, encoding="utf-8")
