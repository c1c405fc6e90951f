"""From a radially symmetric intensity to voxels: a table along the radius, read by a sparse matrix."""

import math
from collections.abc import Callable
from itertools import count

import numpy as np
import scipy
from numpy.typing import NDArray

from ..microscope import Grid

Array = NDArray[np.float64]

LAGRANGE = np.arange(-2, 4)
"""The six table entries about a radius that is between entries 0 and 1."""
LAGRANGE_ERROR = (0.5 * 1.5 * 2.5) ** 2 / math.factorial(6)
"""Greatest error of that interpolation, in units of the step to the sixth power times the sixth derivative."""

HELD = 2**18
"""Weights of table entries that are held at a time."""
POINTS = 2**11
"""Points at which a table is read at a time."""


def voxels(intensity: Callable[[Array], Array], band: float, grid: Grid, accuracy: float, pixels: bool) -> Array:
    """The intensity on the grid's lateral pixels, for as many planes as the radial intensity has columns.

    Along any line the n-th derivative of an intensity of band limit `band` is at most bandⁿ times its maximum
    (Bernstein). This bounds the error of the interpolation and of the integral over a pixel, and so gives the step of
    the table and the points in a pixel.

    Parameters
    ----------
    intensity
        Gives the intensity at radii in µm: one row a radius, one column a plane.
    band
        Its highest angular frequency, radians per µm: 4π NA / λ for an image.
    accuracy
        Error of the result relative to its maximum.
    pixels
        Whether to average over the area of a pixel, or to take the intensity at its centre.

    Returns
    -------
    Array of shape (planes, y, x).
    """
    height, width = grid.spacing[-2:]
    if pixels:  # a pixel much larger than the Airy disk dilutes the maximum, to which the accuracy refers
        accuracy *= min(1.0, 16 * math.pi / (band**2 * height * width))
    step = table_step(band, accuracy / 4)
    points = [_points(size * band, accuracy / 4) if pixels else 1 for size in (height, width)]
    ny, nx = (n // 2 + 1 for n in grid.shape[-2:])
    entries = math.ceil(math.hypot(ny * height, nx * width) / step) + len(LAGRANGE)
    table = intensity(step * np.arange(entries, dtype=np.float64))
    y, x = (_positions(*axis) for axis in zip((ny, nx), (height, width), points, strict=True))
    rows = max(1, HELD // (len(LAGRANGE) * x[0].size * points[0]))
    parts = [_weights(y[0][at : at + rows], y[1], *x, step, len(table)) @ table for at in range(0, ny, rows)]
    quadrant = np.maximum(np.concatenate(parts).T, 0.0, order="C").reshape(
        -1, ny, nx
    )  # interpolated zeros may fall below zero
    up, across = (abs(np.arange(n) - n // 2) for n in grid.shape[-2:])
    return quadrant[:, up[:, None], across]


def at_points(
    values: Callable[[Array], Array], band: float, radius: float, accuracy: float
) -> Callable[[Array, Array], Array]:
    """A function of y and x that reads radial values of this band limit from one table up to this radius.

    The function gives, for every y and x, a row of what `values` gives for their radius: shape (y, x, columns).
    """
    step = table_step(band, accuracy)
    table = values(step * np.arange(math.ceil(radius / step) + len(LAGRANGE), dtype=np.float64))

    def some(y: Array, x: Array) -> Array:
        weights = interpolation(np.hypot(y[:, None], x).ravel(), step, len(table))
        return np.asarray((weights @ table).reshape(len(y), len(x), -1))

    return by_rows(some, table.shape[1])


def by_rows(some: Callable[[Array, Array], Array], columns: int) -> Callable[[Array, Array], Array]:
    """The same function of y and x, a few rows at a time: it needs much more memory per point than it returns."""

    def all_of(y: Array, x: Array) -> Array:
        values, rows = np.empty((len(y), len(x), columns)), max(1, POINTS // len(x))
        for at in range(0, len(y), rows):
            values[at : at + rows] = some(y[at : at + rows], x)
        return values

    return all_of


def table_step(band: float, accuracy: float) -> float:
    """The step of a table whose interpolation has this error, relative to the maximum, at this band limit."""
    return (accuracy / LAGRANGE_ERROR) ** (1 / 6) / band


def interpolation(radius: Array, step: float, entries: int, odd: bool = False) -> "scipy.sparse.csr_array":
    """The weights of the table entries at each radius: one row a radius. The table is even about the axis, or odd."""
    place = radius / step
    cell = place.astype(np.intp)
    columns = cell[:, None] + LAGRANGE
    weights = np.stack(_lagrange(place - cell), axis=1)
    if odd:
        weights *= np.where(columns < 0, -1, 1)
    ends = np.arange(0, weights.size + 1, len(LAGRANGE))
    return scipy.sparse.csr_array(
        (weights.ravel(), np.minimum(abs(columns), entries - 1).ravel(), ends), shape=(len(radius), entries)
    )


def _points(phase: float, accuracy: float) -> int:
    """Gauss–Legendre points whose mean of a wave of at most this phase over the pixel is this accurate."""

    def log_error(n: int) -> float:
        return 2 * n * math.log(phase) + 4 * math.lgamma(n + 1) - math.log(2 * n + 1) - 3 * math.lgamma(2 * n + 1)

    return next(n for n in count(1) if log_error(n) < math.log(accuracy))


def _positions(n: int, size: float, points: int) -> tuple[Array, Array]:
    """Positions of the points in the n pixels from the axis outwards, and their shares of a pixel."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return (np.arange(n)[:, None] + nodes / 2) * size, weights / 2


def _weights(y: Array, y_share: Array, x: Array, x_share: Array, step: float, entries: int) -> "scipy.sparse.csr_array":
    """What each table entry adds to each pixel: one row a pixel, equally many neighbouring entries in each."""
    pixels, points = len(y) * len(x), len(y_share) * len(x_share)
    radius = np.hypot(y[:, None, :, None], x[None, :, None, :]).reshape(pixels, points) / step
    cell = radius.astype(np.intp)
    first = cell.min(axis=1, keepdims=True)
    wide = int((cell - first).max()) + len(LAGRANGE)
    share = np.multiply.outer(y_share, x_share).ravel()
    weights = np.zeros((pixels, wide))
    place = cell - first + wide * np.arange(pixels)[:, None]
    for offset, weight in enumerate(_lagrange(radius - cell)):
        weights += np.bincount((place + offset).ravel(), (weight * share).ravel(), weights.size).reshape(weights.shape)
    columns = np.minimum(abs(first + LAGRANGE[0] + np.arange(wide)), entries - 1)  # even about the axis
    return scipy.sparse.csr_array(
        (weights.ravel(), columns.ravel(), np.arange(0, weights.size + 1, wide)), shape=(pixels, entries)
    )


def _lagrange(t: Array) -> list[Array]:
    """Weights of the six entries at the fraction t between the two in the middle."""
    return [np.prod([(t - i) / (j - i) for i in LAGRANGE if i != j], axis=0) for j in LAGRANGE]
