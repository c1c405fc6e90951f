"""Voxels not to be trusted: saturated, hot and dead ones. They are found, and left out of the likelihood by a weight of
zero.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from ...arrays import Array, at_least
from ..forward.formation import ImageFormation
from ..forward.masked import Mask

FULL_SCALES = [2**bits - 1 for bits in range(8, 17)]
"""The highest numbers of cameras, by their bits."""


class Defects(NamedTuple):
    """Where the voxels are that are not to be trusted."""

    saturated: Mask
    hot: Mask
    dead: Mask

    @property
    def any(self) -> Mask:
        """All of them."""
        return self.saturated | self.hot | self.dead


def find_defects(
    data: np.ndarray,
    formation: ImageFormation,
    *,
    offset: float = 0.0,
    gain: float | None = None,
    read_noise: float = 0.0,
    saturation: float | None = None,
) -> Defects:
    """Find what no light through this microscope can have made.

    Saturated: at `saturation` or above; without it, the highest number of 8 to 16 bits, if three voxels or more have
    it. Hot and dead: so far above or below the mean of the four lateral neighbours that neither a point behind the PSF
    nor eight standard deviations of shot noise explain it. Where the PSF is sampled so coarsely that a point looks like
    a hot voxel, none is found.

    Parameters
    ----------
    data
        In counts.
    formation
        How they were formed.
    offset, gain, read_noise
        Of the camera. Without a gain the noise is taken to be what most voxels show.
    saturation
        Counts at which the camera is full.

    >>> import numpy as np
    >>> broad = np.exp(-np.add.outer(*[np.arange(-6, 7) ** 2 / 8] * 2)).astype(np.float32)
    >>> counts = np.random.default_rng(0).poisson(np.full((32, 32), 200.0))
    >>> counts[5, 7], counts[20, 21] = 2000, 0
    >>> from napari_deconvolution.algorithms.forward.formation import StationaryPsf
    >>> found = find_defects(counts, StationaryPsf(broad))
    >>> [list(map(int, np.argwhere(mask)[0])) for mask in (found.hot, found.dead)], int(found.any.sum())
    ([[5, 7], [20, 21]], 2)
    """
    saturated = np.asarray(data >= saturation_level(data, saturation))
    hot, dead = np.zeros(data.shape, bool), np.zeros(data.shape, bool)
    images = zip(formation.of_views, *map(formation.views, (data, hot, dead)), strict=True)
    for one, image, bright, dark in images:
        if one.steepest <= 3 and min(image.shape[-2:]) >= 3:
            _mark(image, one.steepest, offset, gain, read_noise, bright, dark)
    return Defects(saturated, hot & ~saturated, dead & ~saturated)


def _mark(
    image: np.ndarray, ratio: float, offset: float, gain: float | None, read_noise: float, hot: Mask, dead: Mask
) -> None:
    """Find hot and dead voxels of an image, where light makes a voxel at most so many times brighter than its
    neighbours.
    """
    counts = image.astype(np.float32)
    counts -= np.float32(offset)
    middle = np.empty_like(counts)
    rows, columns = counts.shape[-2:]
    planes, middles = counts.reshape(-1, rows, columns), middle.reshape(-1, rows, columns)
    for plane, found in zip(planes, middles, strict=True):
        around = np.pad(plane, 1, mode="reflect")
        left, right, above, below = around[1:-1, :-2], around[1:-1, 2:], around[:-2, 1:-1], around[2:, 1:-1]
        # Of four, the mean of the two middle ones does not follow one hot neighbour as the mean of all would.
        low = np.maximum(np.minimum(left, right), np.minimum(above, below))
        high = np.minimum(np.maximum(left, right), np.maximum(above, below))
        low += high
        at_least(np.multiply(low, np.float32(0.5), out=low), 0, out=found)
    unit = _unit(counts, middle) if gain is None else 1 / gain
    floor = 1 + read_noise**2
    for plane, expected, bright, dark in zip(
        planes, middles, hot.reshape(planes.shape), dead.reshape(planes.shape), strict=True
    ):
        light, most, least = plane / unit, expected * (ratio / unit), expected / (ratio * unit)
        at_least(light, 0, out=light)
        np.greater(light - most, 8 * np.sqrt(light + most + floor), out=bright)
        np.greater(least - light, 8 * np.sqrt(least + floor), out=dark)


def saturation_level(image: np.ndarray, given: float | None = None) -> float:
    """Counts from which on a voxel is saturated: those given, else the highest number of 8 to 16 bits if three voxels
    have it.

    >>> saturation_level(np.array([255, 255, 3, 255])), saturation_level(np.array([255, 3]))
    (255.0, inf)
    """
    if given is not None:
        return given
    highest = image.max()
    full = float(highest) in FULL_SCALES and np.count_nonzero(image == highest) >= 3
    return float(highest) if full else np.inf


def _unit(counts: NDArray[Any], middle: NDArray[Any]) -> float:
    """Counts that stand for a photon, rather too many than too few: from the scatter about the neighbours, and from the
    steps of values.
    """
    counts, middle = (values.ravel()[:: max(1, counts.size // 100_000)] for values in (counts, middle))
    scatter = float(np.median(np.abs(counts - middle))) / 0.6745
    level = float(np.median(middle))
    values = np.unique(counts)
    step = float(np.diff(values).min()) if values.size > 1 else 1.0
    return max(1.0, step, scatter**2 / level if level > 0 else 0.0)


def filled(image: Array, mask: Mask) -> Array:
    """The image with the median of its neighbourhood where the mask is; for filters, which know no weights."""
    size: Sequence[int] = [1] * (image.ndim - 2) + [5, 5]
    known = np.where(mask, np.float32(np.median(image[~mask])), image)
    return np.where(mask, scipy.ndimage.median_filter(known, size), image)
