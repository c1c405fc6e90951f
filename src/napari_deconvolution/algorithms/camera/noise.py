"""What an image itself tells of its camera: gain, read noise, background."""

import math
from typing import NamedTuple

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import halves
from ..forward.formation import UNKNOWN_POWER, ImageFormation
from ..forward.masked import Mask
from .floor import CUT, Blocks, Floor, Line, beyond, blocks_of, joined, line, tapered_spectrum, window_of
from .region import brightest
from .whiteness import OBJECTIONS, RAW, falls_too_fast, whiteness

NOISE_VOXELS = 1 << 22
"""Of larger images the brightest part tells the noise: it is plenty, and saves memory."""

DARKEST_VOXELS = 1 << 22
"""The darkest region is looked for in parts of about so many."""


WINDOW = 7
"""Width in pixels of the windows whose darkness is compared: a larger one would not fit between the parts of a dense
specimen.
"""


class Noise(NamedTuple):
    """What the noise of an image says."""

    gain: float
    """Electrons per count."""
    read_noise: float
    """Electrons rms."""
    dark: float
    """Counts that carry no shot noise although they are above the offset: the true offset is higher by them."""

    def at(self, level: float) -> "Noise":
        """The same with respect to no offset, if it was estimated as if all of a level were offset.

        More noise than from that, read noise or not, is as if from light: so much less is offset. It may come to less
        than 0, as where the offset was taken away before: else the result would depend on that.
        """
        return self._replace(dark=level + self.dark - self.read_noise**2 / self.gain)


class NotRaw(ValueError):
    """The noise of an image is not that of a camera: it was denoised, smoothed, shifted, compressed."""


def noise_of(data: np.ndarray, formation: ImageFormation, offset: float, apart: Mask | None = None) -> Noise:
    """Gain and read noise, from how the noise beyond the OTF grows with brightness.

        variance of a block = (mean of the block − offset) / gain + (read_noise / gain)²

    The variance is that of the frequencies where |OTF| < 0.002, at which the specimen cannot be seen. Of data that are
    several images the blocks of all that can be used count. Of large images the brightest part is measured.

    Parameters
    ----------
    data
        In counts, without single voxels that stand out.
    formation
        How they were formed: the power that it passes says where there is noise alone.
    offset
        Of the camera, in counts.
    apart
        Areas to leave out.

    Raises
    ------
    NotRaw
        If the noise of one of the images is not that of a camera, see `whiteness`.
    ValueError
        If it cannot be told: the image is small or evenly dark, the OTF fills the band or is not known.

    >>> import numpy as np
    >>> broad = np.exp(-np.add.outer(*[np.arange(-9, 10) ** 2 / 8] * 2)).astype(np.float32)
    >>> ramp = np.tile(np.linspace(50, 500, 128), (128, 1))
    >>> counts = np.random.default_rng(0).poisson(ramp) / 2 + 100
    >>> from napari_deconvolution.algorithms.forward.formation import StationaryPsf
    >>> abs(noise_of(counts, StationaryPsf(broad / broad.sum()), 100.0).gain - 2) < 0.2
    True
    """
    blocks: list[Blocks] = []
    unknown = ValueError(UNKNOWN_POWER)
    areas = formation.views(np.zeros(data.shape, bool) if apart is None else apart)
    for image, area, one in zip(formation.views(data), areas, formation.of_views, strict=True):
        region = brightest(image, NOISE_VOXELS)
        part = image[region]
        power = (one if part.shape == image.shape else one.part(region)).power(part.shape)
        try:
            if power is not None:
                blocks.append(_raw_blocks(part, power, offset, area[region]))
        except NotRaw:
            raise
        except ValueError as error:
            unknown = error
    if not blocks:
        raise unknown
    return _noise(line(joined(blocks)))


def _raw_blocks(image: np.ndarray, passed: NDArray[np.float32], offset: float, apart: Mask) -> Blocks:
    """The noise of the blocks of an image, of which the microscope passes this power, if it is that of a camera."""
    if image.size < 4096:
        raise ValueError(f"the image has only {image.size} voxels")
    data = image.astype(np.float32)
    data -= np.float32(offset)
    window = window_of(data.shape, apart)
    spectrum = tapered_spectrum(data, window)
    # Bright specimens are seen through the last tails of the OTF: then it is looked at further out, but held to a
    # stricter measure.
    for cut, limit in ((CUT, RAW), (CUT / 10, 0.75 * RAW)):
        seen = beyond(passed, cut)
        if float((seen * halves(data.shape[-1])).sum()) < 0.02 * data.size:
            break
        floor = Floor(spectrum, seen, data, window)
        blocks = floor.blocks
        found = whiteness(spectrum, seen, floor, blocks, line(blocks))
        if found.distance < limit:
            return blocks
    if cut == CUT:
        if falls_too_fast(spectrum, passed):
            raise NotRaw(f"the image was processed: {OBJECTIONS[0]}")
        raise ValueError("the OTF fills the band, so no frequency contains noise alone")
    raise NotRaw(f"the image was processed, or the PSF is too wide: {found.objection}")


def darkest(image: np.ndarray) -> float:
    """The level of the darkest region, in the units of the image.

    Of all windows of 7 x 7 pixels and 3 planes the darkest hundredth are found on every other voxel, and measured on
    those between, so that noise does not pull the level down. What touches a window of equal voxels, as where a stack
    was shifted, does not count.

    >>> import numpy as np
    >>> counts = np.random.default_rng(0).poisson(np.tile(np.linspace(0, 50, 96) ** 2 / 50 + 4, (96, 1)))
    >>> abs(darkest(counts) - 4) < 0.5
    True
    """
    stack = image if image.ndim == 3 else image[None]
    size = (min(len(stack), 3), *(min(n, WINDOW) for n in stack.shape[-2:]))
    mean = float(stack.mean(dtype=np.float64))
    same = 1e-9 * math.fsum(float(np.square(plane - mean).sum()) for plane in stack) / stack.size
    planes = max(1, DARKEST_VOXELS // math.prod(stack.shape[1:]))
    parts = [_levels(stack, slice(at, at + planes), size, mean, same) for at in range(0, len(stack), planes)]
    found, measured = (np.concatenate(part) for part in zip(*parts, strict=True))
    if not found.size:
        return float(stack.min())
    return float(measured[found <= np.quantile(found, 0.01)].mean(dtype=np.float64))


def _levels(stack: np.ndarray, at: slice, size: tuple[int, ...], mean: float, same: float) -> tuple[Array, Array]:
    """For some planes, the levels of the windows on every other voxel, and on those between; but for what touches equal
    voxels.
    """
    first, last = at.start, min(at.stop, len(stack))
    halo = size[0] // 2 + (2 * size[0] - 1) // 2  # of the mean, and of what touches
    low, high = max(first - halo, 0), min(last + halo, len(stack))
    data = stack[low:high].astype(np.float64)
    odd = ((np.indices(data.shape, np.int8).sum(0) + low) % 2).astype(np.float64)
    levels = [
        scipy.ndimage.uniform_filter(data * part, size) / np.maximum(scipy.ndimage.uniform_filter(part, size), 1e-9)
        for part in (odd, 1 - odd)
    ]
    data -= mean
    spread = scipy.ndimage.uniform_filter(np.square(data), size) - np.square(scipy.ndimage.uniform_filter(data, size))
    alive = ~scipy.ndimage.maximum_filter(spread <= same, tuple(2 * n - 1 for n in size))
    ends = slice(max(first, size[0] // 2) - low, min(last, len(stack) - (size[0] - 1) // 2) - low)
    inner = (ends, *(slice(n // 2, m - (n - 1) // 2) for n, m in zip(size[1:], stack.shape[1:], strict=True)))
    found, measured = (level[inner][alive[inner]].astype(np.float32) for level in levels)
    return found, measured


def noise_line(mean: Array, square: Array) -> Noise:
    """The noise from the mean and the squared error of every voxel: by the line of their sums over blocks, as in
    `noise_of`.

    Raises
    ------
    ValueError
        If the noise does not grow with brightness.
    """
    return _noise(line(blocks_of(mean, square, np.ones_like(mean), 1.0)))


def _noise(fit: Line) -> Noise:
    """Gain, read noise and offset, of a line."""
    if fit.slope < 4 * fit.slope_error:
        raise ValueError("the image is too dim or too small to show how its noise grows with brightness")
    gain = 1 / fit.slope
    return Noise(gain, gain * math.sqrt(max(fit.floor, 0.0)), gain * max(-fit.floor, 0.0))
