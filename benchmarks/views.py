"""What several views gain when they are deconvolved together: threads of Gaussian dots, imaged in closed form.

Light-sheet-like Gaussian PSFs, 4 : 1, of views turned about y. The images are sums of Gaussians at the voxels of each
view, so that nothing of the forward model under test makes its own data.

OMP_NUM_THREADS=1 python benchmarks/views.py [seed ...]
"""

import sys
import warnings

import numpy as np

from napari_deconvolution import deconvolve, deconvolve_views
from napari_deconvolution.algorithms.forward.sampling import CubicSampling
from napari_deconvolution.algorithms.forward.views import turned_psf
from napari_deconvolution.algorithms.metrics.errors import fitted_error

SHAPE, OWN, LATERAL, AXIAL, LEVEL = (48, 40, 48), 1.0, 1.2, 4.8, 0.02
ITERATIONS = 60
SCENES = {"2 views, 90°": (0, 90), "4 views, 45°": (0, 45, 90, 135)}


def turn(degrees: float) -> np.ndarray:
    """About y through the middle: from the voxels of a view to those of the result."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    middle = (np.array(SHAPE) - 1) / 2
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = matrix, middle - matrix @ middle
    return whole


def threads(seed: int) -> np.ndarray:
    """Places of the dots: worm-like chains that go on beyond the field."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(14, 1, 3)) + np.cumsum(rng.normal(0, 0.15, (14, 140, 3)), axis=1)
    steps *= 0.7 / np.linalg.norm(steps, axis=2, keepdims=True)
    chains = np.cumsum(steps, axis=1)
    chains += rng.uniform(0, SHAPE, (14, 1, 3)) - chains[:, 70:71]
    return chains.reshape(-1, 3)


def drawn(transform: np.ndarray, sigmas: tuple[float, ...], dots: np.ndarray) -> np.ndarray:
    """The dots behind a Gaussian along the axes of a view, at its voxels."""
    back = np.linalg.inv(transform)
    at, wide = dots @ back[:3, :3].T + back[:3, 3], np.hypot(OWN, sigmas)
    z, y, x = (
        np.exp(-((np.arange(n) - at[:, k, None]) ** 2) / (2 * wide[k] ** 2)) / wide[k] for k, n in enumerate(SHAPE)
    )
    return np.einsum("kz,kp->zp", z, (y[:, :, None] * x[:, None]).reshape(len(dots), -1), optimize=True).reshape(SHAPE)


def kernel() -> np.ndarray:
    z, r = np.arange(-19, 20), np.arange(-5, 6)
    axial, lateral = np.exp(-(z**2) / (2 * AXIAL**2)), np.exp(-(r**2) / (2 * LATERAL**2))
    psf = axial[:, None, None] * lateral[:, None] * lateral
    return (psf / psf.sum()).astype(np.float32)


def least(run, truth: np.ndarray) -> float:
    errors = []
    run(
        watch=lambda step: errors.append(fitted_error(step.estimate[step.inside], truth)),
        algorithm="richardson-lucy", acceleration="momentum", iterations=ITERATIONS, gain=1, mask=False, threads=1,
    )  # fmt: skip
    return min(errors)


def compared(angles: tuple[int, ...], photons: float, seed: int) -> dict[str, float]:
    dots, psf, rng = threads(seed), kernel(), np.random.default_rng(seed)
    truth, transforms = drawn(np.eye(4), (0, 0, 0), dots), [turn(angle) for angle in angles]
    light = [drawn(transform, (AXIAL, LATERAL, LATERAL), dots) for transform in transforms]
    scale, level = photons / max(one.max() for one in light), LEVEL * photons
    images = [rng.poisson(scale * one + level).astype(np.float32) for one in light]
    several = {"brightness": (1,) * len(angles), "background": level}
    found = {
        "joint": least(lambda **how: deconvolve_views(images, [psf] * len(angles), transforms, **several, **how), truth)
    }
    found["one view"] = least(lambda **how: deconvolve(images[0], psf, background=level, **how), truth)
    back = [CubicSampling(np.linalg.inv(transform), SHAPE, SHAPE) for transform in transforms]
    seen = sum(one.inside.astype(float) for one in back)
    fused = sum(np.where(one.inside, one.see(image), 0) for one, image in zip(back, images, strict=True)) / seen
    turned = [turned_psf(psf, transform[:3, :3]) for transform in transforms]
    most = np.max([one.shape for one in turned], axis=0)
    mean = sum(np.pad(one, [((m - n) // 2,) * 2 for n, m in zip(one.shape, most, strict=True)]) for one in turned)
    fused, mean = np.maximum(fused, 0).astype(np.float32), (mean / mean.sum()).astype(np.float32)
    found["fused, then deconvolved"] = least(lambda **how: deconvolve(fused, mean, background=level, **how), truth)
    found["mean of the views"] = fitted_error(fused - level, truth)
    return found


def main(seeds: list[int]) -> None:
    for name, angles in SCENES.items():
        for photons in (1000, 30):
            found = [compared(angles, photons, seed) for seed in seeds]
            for what in found[0]:
                error = np.sqrt(np.mean([one[what] ** 2 for one in found]))
                print(f"{name}, {photons} photons, {what}: {error:.3f}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main([int(seed) for seed in sys.argv[1:]] or [21, 22])
