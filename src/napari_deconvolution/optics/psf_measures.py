"""Measures of a PSF: its centre, width, pedestal, and the distribution of its light over the planes."""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray


def pedestal(psf: ArrayLike) -> float:
    """The median of the outermost voxels: what the PSF stands on, in its own unit.

    >>> pedestal(np.pad([[8.0]], 2, constant_values=3.0))
    3.0
    """
    values = np.asarray(psf)
    shell = np.ones(values.shape, bool)
    shell[tuple(slice(1, -1) if n > 1 else slice(None) for n in values.shape)] = False
    return float(np.median(values[shell])) if shell.any() else 0.0


def centre_offset(psf: ArrayLike) -> tuple[float, ...]:
    """How far the centre lies from index n // 2 along each axis, in voxels.

    The centre is the centroid of what rises above half of the maximum, in one piece with it: neither noise, nor a
    pedestal, nor the tail of spherical aberration moves it much.

    >>> centre_offset([[0, 0, 0, 0], [0, 0, 4, 4], [0, 0, 0, 0]])
    (0.0, 0.5)
    """
    values = np.asarray(psf, dtype=np.float64)
    height = values - (values.max() + pedestal(values)) / 2
    pieces, _ = scipy.ndimage.label(height > 0)
    highest = pieces.flat[np.argmax(values)]
    centre = (
        scipy.ndimage.center_of_mass(height, pieces, highest)
        if highest
        else np.unravel_index(np.argmax(values), values.shape)
    )
    return tuple(float(at - n // 2) for at, n in zip(centre, values.shape, strict=True))


def fwhm(psf: ArrayLike, spacing: tuple[float, ...]) -> tuple[float, ...]:
    """The full width at half maximum along each axis through the peak, in the unit of the spacing.

    Half is taken between the pedestal and the peak, on a cubic spline through the samples. NaN along an axis on which
    the PSF does not fall to half within its array.

    >>> y = np.arange(-8, 9.0)
    >>> [round(width, 2) for width in fwhm(np.exp(-np.add.outer(y**2 / 8, y**2 / 18)), (1.0, 0.1))]
    [4.71, 0.71]
    """
    values = np.asarray(psf, dtype=np.float64)
    peak, floor = [int(at) for at in np.unravel_index(np.argmax(values), values.shape)], pedestal(values)
    through = [np.moveaxis(values, axis, -1)[(*peak[:axis], *peak[axis + 1 :])] for axis in range(values.ndim)]
    return tuple(step * _width(profile, at, floor) for step, profile, at in zip(spacing, through, peak, strict=True))


def _width(profile: NDArray[np.float64], peak: int, floor: float) -> float:
    """In samples."""
    if len(profile) < 2:
        return float("nan")
    spline = scipy.interpolate.CubicSpline(np.arange(len(profile)), profile)
    turns = spline.derivative().roots(extrapolate=False)
    top = max(profile[peak], *spline(turns[abs(turns - peak) < 1]), -np.inf)
    crossings = spline.solve((top + floor) / 2, extrapolate=False)
    left, right = crossings[crossings < peak], crossings[crossings > peak]
    return float(right.min() - left.max()) if left.size and right.size else float("nan")


def plane_energy(psf: ArrayLike) -> NDArray[np.float64]:
    """Fraction of the light in each plane, first to last; they sum to 1. In widefield all planes hold the same.

    >>> plane_energy([[[1, 1]], [[6, 0]]]).tolist()
    [0.25, 0.75]
    """
    values = np.asarray(psf)
    light = values.sum(axis=(-2, -1), dtype=np.float64).reshape(-1)
    return np.asarray(light / light.sum())
