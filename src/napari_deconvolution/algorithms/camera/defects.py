"""Voxels not to be trusted. They are found, and left out of the likelihood by a weight of zero."""

from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from ...arrays import Array, at_least
from ..forward.formation import ImageFormation
from ..forward.masked import Mask
from .fill import find_fill
from .lines import find_lines, find_planes

FULL_SCALES = [2**bits - 1 for bits in range(8, 17)]
"""The highest numbers of cameras, by their bits."""

PILE = 5
"""So many times more voxels at the maximum than at each of the values just below it are a camera, or a file, that was
full.
"""


class Defects(NamedTuple):
    """Where the voxels are that are not to be trusted."""

    saturated: Mask
    hot: Mask
    dead: Mask
    lines: Mask
    """Columns and rows of the camera."""
    planes: Mask
    """Planes that were lost."""
    fill: Mask
    """Outside the field."""

    @property
    def any(self) -> Mask:
        """All of them."""
        return self.saturated | self.hot | self.dead | self.large

    @property
    def large(self) -> Mask:
        """Areas rather than single voxels: what is around them does not say what was there."""
        return self.lines | self.planes | self.fill

    @property
    def counts(self) -> dict[str, int]:
        """How many voxels each has; of what is rare, only if there are any."""
        numbers = {name: int(np.count_nonzero(kind)) for name, kind in self._asdict().items()}
        return {name: number for name, number in numbers.items() if number or name in ("saturated", "hot", "dead")}


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

    Saturated: at `saturation` or above; without it, what is at the highest number of 8 to 16 bits, if three voxels or
    more are, or at any other maximum where far more voxels are than just below it. Columns, rows, planes: see
    `find_lines`, `find_planes`. Fill: see `find_fill`. Hot and dead: so far above or below the mean of the four lateral
    neighbours that neither a point behind the PSF nor eight standard deviations of shot noise explain it. Where the PSF
    is sampled so coarsely that a point looks like a hot voxel, none is found.

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
    found = Defects(*(np.zeros(data.shape, bool) for _ in Defects._fields))
    found.saturated[...] = data >= saturation_level(data, saturation)
    images = zip(formation.of_views, formation.views(data), *map(formation.views, found), strict=True)
    for one, image, *kinds in images:
        if np.isfinite(one.steepest):
            _mark(image, one.steepest, offset, gain, read_noise, Defects(*kinds))
    return found


def _mark(
    image: np.ndarray, ratio: float, offset: float, gain: float | None, read_noise: float, found: Defects
) -> None:
    """Find the defects of one image, where light makes a voxel at most so many times brighter than its neighbours. Each
    voxel is of one kind.
    """
    found.fill[...] = find_fill(image)
    found.planes[...] = find_planes(image) & ~found.fill
    if ratio <= 3 and min(image.shape[-2:]) >= 3:
        if not found.fill.any():
            _mark_lines(image, ratio, offset, found)
        _mark_voxels(image, ratio, offset, gain, read_noise, found)
    found.saturated[found.large] = False
    for kind in (found.hot, found.dead):
        kind[found.saturated | found.large] = False


def _mark_lines(image: np.ndarray, ratio: float, offset: float, found: Defects) -> None:
    """Those of the planes that were not lost."""
    stack = image.reshape(-1, *image.shape[-2:])
    lost = found.planes.reshape(stack.shape).any(axis=(1, 2))
    found.lines[...] = find_lines(stack[~lost], offset, ratio).any(axis=0)
    found.lines[found.planes] = False


def _mark_voxels(
    image: np.ndarray, ratio: float, offset: float, gain: float | None, read_noise: float, found: Defects
) -> None:
    """Single voxels, hot and dead."""
    out, hot, dead = found.large, found.hot, found.dead
    counts = image.astype(np.float32)
    counts -= np.float32(offset)
    if out.any():
        counts = filled(counts, out)
    middle = np.empty_like(counts)
    rows, columns = counts.shape[-2:]
    planes, middles = counts.reshape(-1, rows, columns), middle.reshape(-1, rows, columns)
    for plane, mean in zip(planes, middles, strict=True):
        around = np.pad(plane, 1, mode="reflect")
        left, right, above, below = around[1:-1, :-2], around[1:-1, 2:], around[:-2, 1:-1], around[2:, 1:-1]
        # Of four, the mean of the two middle ones does not follow one hot neighbour as the mean of all would.
        low = np.maximum(np.minimum(left, right), np.minimum(above, below))
        high = np.minimum(np.maximum(left, right), np.maximum(above, below))
        low += high
        at_least(np.multiply(low, np.float32(0.5), out=low), 0, out=mean)
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
    """Counts from which on a voxel is saturated: those given, else as the image shows it; infinite where it does not.

    >>> import numpy as np
    >>> light = np.random.default_rng(0).poisson(np.linspace(0, 4000, 10_000))
    >>> saturation_level(np.minimum(light, 3000) / 3000), saturation_level(light), saturation_level(light, 3900.0)
    (1.0, inf, 3900.0)
    >>> saturation_level(np.array([255, 255, 3, 255])), saturation_level(np.array([255, 3]))
    (255.0, inf)
    """
    if given is not None:
        return given
    highest = image.max()
    at_most = int(np.count_nonzero(image == highest))
    if at_most < 3:
        return np.inf
    if float(highest) in FULL_SCALES:
        return float(highest)
    _, counts = np.unique(image[image > 0.9 * float(highest)], return_counts=True)
    below = counts[:-1][-20:]
    piled = below.size >= 3 and at_most >= PILE * max(float(below.max()), 2.0)
    return float(highest) if piled else np.inf


def _unit(counts: NDArray[Any], middle: NDArray[Any]) -> float:
    """Counts that stand for a photon, rather too many than too few: from the scatter about the neighbours, and from the
    steps of values.
    """
    counts, middle = (values.ravel()[:: max(1, counts.size // 100_000)] for values in (counts, middle))
    scatter = float(np.median(np.abs(counts - middle))) / 0.6745
    level = float(np.median(middle))
    values = np.unique(counts)
    step = float(np.diff(values).min()) if values.size > 1 else 1.0
    # Where most voxels are dark, single photons are the least that is above nothing.
    single = float(np.quantile(counts[counts > 0], 0.05)) if level <= 0 and (counts > 0).any() else 0.0
    return max(step, single, scatter**2 / level if level > 0 else 0.0)


def filled(image: Array, mask: Mask) -> Array:
    """The image with the median of its neighbourhood where the mask is; for filters, which know no weights."""
    size = [1 if axis < image.ndim - 2 else 5 for axis in range(image.ndim)]
    known = np.where(mask, np.float32(np.median(image[~mask])), image)
    return np.where(mask, scipy.ndimage.median_filter(known, size), image)
