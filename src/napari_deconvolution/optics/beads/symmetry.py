"""Make a PSF the same at all angles about its axis, where it is."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

ASYMMETRIC = 0.05
"""Share of a PSF's core that differs from its mean over all angles from which on it is no noise to average away."""


def symmetrised(psf: Array) -> Array:
    """The mean over all angles about the axis, which goes through n // 2 of y and x.

    Beyond the circle that fits in the window, angles that lie within it are averaged.

    >>> y, x = np.ogrid[-8:9, -8:9]
    >>> long = np.exp(-(y**2 / 4 + x**2 / 9))[None]
    >>> round_ = symmetrised(long)[0]
    >>> bool(abs(round_[8, 11] - round_[11, 8]) < 1e-6), bool(long[0, 8, 11] > round_[8, 11] > long[0, 11, 8])
    (True, True)
    """
    rows, columns = psf.shape[1:]
    y, x = np.arange(rows) - rows // 2, np.arange(columns) - columns // 2
    radius = np.hypot(y[:, None], x)
    radii = np.arange(0, radius.max() + 1, 0.5)
    angles = np.linspace(0, 2 * math.pi, 8 * max(rows, columns), endpoint=False)
    at = np.stack(
        [rows // 2 + np.multiply.outer(radii, np.sin(angles)), columns // 2 + np.multiply.outer(radii, np.cos(angles))]
    )
    inside = (at[0] >= 0) & (at[0] <= rows - 1) & (at[1] >= 0) & (at[1] <= columns - 1)
    inside[~inside.any(axis=1)] = True
    result = np.empty_like(psf)
    for plane, out in zip(psf, result, strict=True):
        turned = scipy.ndimage.map_coordinates(plane, at, order=5, mode="nearest")
        mean = (turned * inside).sum(axis=1) / inside.sum(axis=1)
        out[...] = scipy.interpolate.CubicSpline(radii, mean)(radius)
    return result


def asymmetry(psf: Array, core: tuple[slice, ...], noise: float) -> float:
    """How much the core differs from its mean over all angles beyond the noise, relative to the core; root mean square.

    Parameters
    ----------
    psf
        z, y, x.
    core
        What is compared.
    noise
        Variance of a voxel.
    """
    difference = (psf - symmetrised(psf))[core]
    surplus = float(np.mean(difference**2)) - noise
    return math.sqrt(max(surplus, 0.0) / float(np.mean(psf[core] ** 2)))
