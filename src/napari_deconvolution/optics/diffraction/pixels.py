"""Means over the area of pixels, of intensities that are known at points."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..microscope import Grid

Array = NDArray[np.float64]

OVERSAMPLING = 1.5
"""Points per Nyquist step of the intensity: then a filter that reaches a few points beyond a pixel gives its mean."""
LEAST = 2**16
"""Values at points that are held at a time; for large grids a share of the result."""
SHARE = 16
"""Which part of the result that is."""


def on_pixels(
    points: Callable[[Array, Array], Array], band: float, grid: Grid, planes: int, accuracy: float, pixels: bool = True
) -> Array:
    """Mean intensity over each pixel, from points as dense as the band limit requires; or that at its centre.

    Parameters
    ----------
    points
        The intensity at every y and x, shape (y, x, planes).
    band
        Its highest angular frequency, radians per µm.
    pixels
        Whether to average over the area of a pixel, or to take the intensity at its centre.

    Returns
    -------
    Array of shape (planes, y, x).
    """
    ny, nx = grid.shape[-2:]
    steps = grid.spacing[-2:] if pixels else (0.0, 0.0)
    (fine_y, taps_y), (fine_x, taps_x) = (
        pixel_filter(band * size, accuracy / 10) if size else (1, np.ones(1)) for size in steps
    )
    reach_y, reach_x = len(taps_y) // 2, len(taps_x) // 2
    across, along_x = _matrix(nx, fine_x, taps_x), _positions(-(nx // 2), nx, fine_x, reach_x) * grid.spacing[-1]
    down, along_y = _matrix(ny, fine_y, taps_y), _positions(-(ny // 2), ny, fine_y, reach_y) * grid.spacing[-2]
    rows = max(1, max(LEAST, math.prod(grid.shape) // SHARE) // (len(along_x) * planes))
    values = np.zeros((planes, ny, nx))
    for at in range(0, len(along_y), rows):
        part = down[:, at : at + rows]
        met = np.flatnonzero(part.any(axis=1))
        fine = points(along_y[at : at + rows], along_x)
        values[:, met[0] : met[-1] + 1] += along_both(fine, part[met[0] : met[-1] + 1].T, across.T).transpose(2, 0, 1)
    return values


def along_both(values: Array, first: Array, second: Array) -> Array:
    """Σ_jk values_jkz · first_ji · second_kl as i, l, z, by two large matrix products: `einsum` makes many small.

    >>> along_both(np.ones((2, 3, 1)), np.eye(2), np.ones((3, 1))).ravel().tolist()
    [3.0, 3.0]
    """
    if first.shape[1] * len(second) < len(first) * second.shape[1]:  # the smaller of what may lie between
        return np.asarray(np.tensordot(np.tensordot(first, values, (0, 0)), second, (1, 0)).swapaxes(1, 2))
    return np.asarray(np.tensordot(first, np.tensordot(values, second, (1, 0)), (0, 0)).swapaxes(1, 2))


@cache
def pixel_filter(phase: float, accuracy: float) -> tuple[int, Array]:
    """Into how many steps to divide a pixel, and what each point about its centre adds to its mean.

    >>> steps, taps = pixel_filter(3.0, 1e-6)
    >>> steps, round(taps.sum().item(), 6)
    (2, 1.0)

    Parameters
    ----------
    phase
        Radians that the highest frequency turns within a pixel.
    """
    steps = max(1, math.ceil(phase * OVERSAMPLING / math.pi))
    return steps, box_filter(phase / steps, steps, accuracy)


@cache
def box_filter(turn: float, width: float, accuracy: float, shift: float = 0.0) -> Array:
    """Weights of equally spaced points that give the mean over an interval, for waves of at most `turn` radians a step.

    Fitted by least squares to the transfer function sinc(ω width / 2) e^{iω shift} of the interval over the band.

    Parameters
    ----------
    width, shift
        Of the interval, and of its centre from the middle point, in steps.
    """
    inside = math.ceil(width / 2 + abs(shift))
    for beyond in range(2, 16):
        at = np.arange(-inside - beyond, inside + beyond + 1)
        nodes = 4 * len(at)
        waves = turn * np.cos((np.arange(nodes) + 0.5) * math.pi / (2 * nodes))
        wanted = np.sinc(waves * width / (2 * math.pi)) * np.stack([np.cos(waves * shift), np.sin(waves * shift)])
        basis = np.concatenate([np.cos(np.outer(waves, at)), np.sin(np.outer(waves, at))])
        taps = np.linalg.lstsq(basis, wanted.ravel(), rcond=1e-10)[0]
        if np.abs(basis @ taps - wanted.ravel()).max() < accuracy:
            break
    return np.asarray(taps)


def _positions(first: int, pixels: int, steps: int, reach: int) -> Array:
    """Where the points of a row of pixels lie, in pixels."""
    return first + np.arange(-reach, (pixels - 1) * steps + reach + 1, dtype=np.float64) / steps


def _matrix(pixels: int, steps: int, taps: Array) -> Array:
    """One row a pixel: the taps about its centre."""
    matrix = np.zeros((pixels, (pixels - 1) * steps + len(taps)))
    for pixel in range(pixels):
        matrix[pixel, pixel * steps : pixel * steps + len(taps)] = taps
    return matrix
