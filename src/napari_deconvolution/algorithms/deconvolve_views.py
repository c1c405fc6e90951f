"""Deconvolve several images of one specimen together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..optics.measured_psf import conditioned
from .camera.camera import Camera
from .camera.noise import darkest
from .deconvolve import Deconvolution, checked, deconvolve
from .forward.blur import Blur
from .forward.sampling import CubicSampling
from .forward.views import Views
from .methods.base import Algorithm
from .result import Result
from .stopping.step import Step


def deconvolve_views(
    images: Sequence[ArrayLike],
    psfs: Sequence[ArrayLike],
    transforms: Sequence[ArrayLike],
    algorithm: str | Algorithm = "maximum-likelihood",
    *,
    shape: tuple[int, ...] | None = None,
    brightness: Sequence[float] | None = None,
    spacing: tuple[float, ...] | None = None,
    watch: Callable[[Step], object] | None = None,
    **settings: Any,
) -> Result:
    """Deconvolve several images of one specimen together, as of a light sheet that looked from several sides.

    No image is resampled: the specimen is sought that explains all of them, each on its own voxels and through its own
    PSF, by the joint likelihood of `Views`.

    Parameters
    ----------
    images
        (z,) y, x each, of any shapes, in counts of one camera. What is NaN or masked in them is left out, and so is
        what lies outside of the result.
    psfs
        One for each, in the frame and on the voxels of its image; handled as by `deconvolve`.
    transforms
        One for each, (n + 1, n + 1) or (n, n + 1) for n axes: from the voxels of the image to those of the result, in
        homogeneous coordinates (z,) y, x, 1, as registration gives them, good to half a voxel or better. For layers of
        napari: the inverse of the affine of the result times that of the layer.
    algorithm
        A name from `ALGORITHMS`, or such an object; direct filters cannot be used.
    shape
        Of the result; that of the first image unless given.
    brightness
        How bright each image shows the specimen, relative to each other; estimated unless given, against the first
        image, where both overlap.
    spacing
        Size of a voxel of the result, in µm.
    watch
        Called with every `Step`.
    **settings
        As in `deconvolve`.

    Returns
    -------
    Result
        Its `image` is on the grid of the result, in counts of the first image. Maps that belong to the data (residual,
        masked) are flat, image after image. Its record has the `brightness`.

    Raises
    ------
    ValueError
        If there is no PSF or transform for an image, they do not fit, or a transform is singular or mirrors.

    Notes
    -----
    Source: Verveer et al. 2007, doi:10.1038/nmeth1017; several views of a light sheet, Preibisch et al. 2014,
    doi:10.1038/nmeth.2929; measured here, docs/guides/several-views.md.

    Examples
    --------
    Two images of a bright line, the second turned by 90°, each blurred along its first axis:

    >>> import numpy as np
    >>> psf = np.zeros((7, 3)); psf[:, 1] = 1, 3, 6, 8, 6, 3, 1
    >>> specimen = np.zeros((16, 16)); specimen[8, 3:13] = 280
    >>> blurred = lambda image: np.apply_along_axis(np.convolve, 0, image, psf[:, 1] / 28, "same")
    >>> images = [blurred(specimen), blurred(np.rot90(specimen))]
    >>> turn = np.array([[0, 1, 0], [-1, 0, 15], [0, 0, 1]])
    >>> settings = {"iterations": 50, "background": 0, "mask": False}
    >>> both = deconvolve_views(images, [psf, psf], [np.eye(3), turn], "richardson-lucy", **settings)
    >>> both.image.shape, bool(both.image[8, 5:11].min() > 200), np.round(both.record["brightness"], 1).tolist()
    ((16, 16), True, [1.0, 1.0])
    """
    job = Deconvolution().assign(algorithm=algorithm, **settings)
    given = [_array(image, f"images[{k}]") for k, image in enumerate(images)]
    if not given:
        raise ValueError("images: there is none.")
    kernels = tuple(conditioned(psf, job.measured) for psf in psfs)
    formation = Views(
        kernels, tuple(map(_square, transforms)), tuple(image.shape for image in given), shape or given[0].shape
    )
    found = tuple(map(float, _brightness(given, formation, job.camera) if brightness is None else brightness))
    formation = replace(formation, brightness=found)
    data = formation.joined(given)
    data[~np.concatenate([sampling.inside.ravel() for sampling in formation.samplings])] = np.nan
    settings = {"missing": True, **settings}
    result = deconvolve(data, formation, algorithm, spacing=spacing, watch=watch, **settings)
    return replace(result, record={**result.record, "brightness": list(found)})


def _array(image: ArrayLike, what: str) -> NDArray[np.float32]:
    """An image whose missing voxels are NaN."""
    values = np.ma.filled(np.ma.asarray(image).astype(np.float32), np.nan)
    checked(np.nan_to_num(values), what)
    return values


def _square(transform: ArrayLike) -> NDArray[np.float64]:
    matrix = np.array(transform, np.float64)
    if matrix.ndim == 2 and matrix.shape[1] == matrix.shape[0] + 1:
        matrix = np.vstack([matrix, np.eye(len(matrix) + 1)[-1]])
    return matrix


def _brightness(images: Sequence[NDArray[np.float32]], formation: Views, camera: Camera) -> list[float]:
    """How bright each image is against the first: where both are, each blurred with the PSF of the other."""
    light, known = [], []
    for image, transform in zip(images, formation.transforms, strict=True):
        sampling = CubicSampling(np.linalg.inv(transform), image.shape, formation.shape)
        good = np.isfinite(image)
        known_level = None if camera.background is None else camera.offset + camera.background
        level = darkest(np.where(good, image, np.median(image[good]))) if known_level is None else known_level
        light.append(sampling.see(np.where(good, image - np.float32(level), np.float32(0))))
        known.append(sampling.see(good.astype(np.float32)) > 0.99)
    ratios = [1.0]
    for k in range(1, len(images)):
        both = known[0] & known[k]
        if not both.any():
            raise ValueError(f"images[{k}]: it does not overlap with the first, so give the brightness of all.")
        first, other = (
            Blur(formation.turned[across], formation.shape, "zero").forward(light[own] * both)[both].sum(dtype=float)
            for own, across in ((0, k), (k, 0))
        )
        if min(first, other) <= 0:
            raise ValueError(f"images[{k}]: there is no light in it where it overlaps with the first; give brightness.")
        ratios.append(other / first)
    return ratios
