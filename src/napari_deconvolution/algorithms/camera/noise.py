"""What an image itself tells of its camera: gain, read noise, background."""

import math
from typing import Any, NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import halves, taper
from ..forward.formation import UNKNOWN_POWER, ImageFormation
from .region import brightest

CUT = 2e-3
"""Where the OTF is below this share of its maximum, an image shows noise alone."""

BLOCK = 12
"""Width in pixels of the blocks whose noise is compared with their brightness."""

Blocks = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""Mean, variance and weight of each."""

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

        More noise than from that, read noise or not, is as if from light: so much less is offset.
        """
        return self._replace(dark=max(level + self.dark - self.read_noise**2 / self.gain, 0.0))


def noise_of(data: np.ndarray, formation: ImageFormation, offset: float) -> Noise:
    """Gain and read noise, from how the noise beyond the OTF grows with brightness.

        variance of a block = (mean of the block − offset) / gain + (read_noise / gain)²

    The variance is that of the frequencies where |OTF| < 0.002, at which the specimen cannot be seen. Of data that are
    several images the blocks of all that can be used count. Of large images the brightest part is measured.

    Raises
    ------
    ValueError
        If it cannot be told: the image is small or evenly dark, the OTF fills the band, the noise is not white.

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
    for image, one in zip(formation.views(data), formation.of_views, strict=True):
        region = brightest(image, NOISE_VOXELS)
        part = image[region]
        power = (one if part.shape == image.shape else one.part(region)).power(part.shape)
        try:
            if power is not None:
                blocks.append(_measured(part, power, offset))
        except ValueError as error:
            unknown = error
    if not blocks:
        raise unknown
    return _line(*map(np.concatenate, zip(*blocks, strict=True)))


def _measured(image: np.ndarray, passed: NDArray[np.float32], offset: float) -> Blocks:
    """Mean, variance and weight of the blocks of an image, of which the microscope passes this power."""
    if image.size < 4096:
        raise ValueError(f"the image has only {image.size} voxels")
    window = taper(image.shape)
    data = image.astype(np.float32)
    data -= np.float32(offset)
    spectrum = scipy.fft.rfftn((data - np.float32(np.average(data, weights=window))) * window)
    beyond = _beyond(passed, CUT)
    if not _is_white(spectrum, beyond):  # bright specimens are seen through the last tails of the OTF
        beyond = _beyond(passed, CUT / 10)
    if float((beyond * halves(image.shape[-1])).sum()) < 0.02 * image.size:
        raise ValueError("the OTF fills the band, so no frequency contains noise alone")
    if not _is_white(spectrum, beyond):
        raise ValueError("the noise is not white: the image was processed, or the PSF is too wide")
    power = np.square(scipy.fft.irfftn(spectrum * beyond, image.shape))
    # Where the noise of a voxel is found again after the filter.
    spread = scipy.fft.rfftn(np.square(scipy.fft.irfftn(beyond.astype(np.complex64), image.shape)))
    weight = np.square(window)
    brightness, weights = (
        scipy.fft.irfftn(scipy.fft.rfftn(values) * spread, image.shape) for values in (weight * data, weight)
    )
    noise, brightness, weights = (_blocks(values) for values in (power, brightness, weights))
    good = weights > 0.3 * weights.max()
    return brightness[good] / weights[good], noise[good] / weights[good], weights[good]


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


def _beyond(passed: NDArray[np.float32], cut: float) -> NDArray[np.bool_]:
    """Frequencies below the cut, two steps away from those above it: as far as the window spreads them."""
    size = [5 if n > 8 else 3 if n > 1 else 1 for n in passed.shape]
    modes: list[Any] = ["wrap"] * (passed.ndim - 1) + ["mirror"]
    return scipy.ndimage.minimum_filter(passed < cut**2, size, mode=modes)


def _is_white(spectrum: NDArray[Any], beyond: NDArray[np.bool_]) -> bool:
    """Whether the power is the same at the higher and at the lower ones of these lateral frequencies."""
    power = np.square(np.abs(spectrum[beyond]))
    if power.size < 8:
        return False
    rows = np.abs(np.fft.fftfreq(spectrum.shape[-2]))[:, None]
    lateral = np.broadcast_to(rows**2 + np.linspace(0, 0.5, spectrum.shape[-1]) ** 2, spectrum.shape)[beyond]
    high = lateral > np.median(lateral)
    if high.all() or not high.any():
        return True
    return 0.67 < float(power[~high].mean()) / max(float(power[high].mean()), 1e-30) < 1.5


def _blocks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Sums over blocks of a plane or of two; what does not fill a block is left out."""
    size = tuple(min(n, BLOCK if k >= values.ndim - 2 else 2) for k, n in enumerate(values.shape))
    counts = tuple(n // s for n, s in zip(values.shape, size, strict=True))
    cut = values[tuple(slice(0, c * s) for c, s in zip(counts, size, strict=True))]
    split = cut.reshape([n for pair in zip(counts, size, strict=True) for n in pair])
    return split.sum(axis=tuple(range(1, 2 * values.ndim, 2)), dtype=np.float64).ravel()


def noise_line(mean: Array, square: Array) -> Noise:
    """The noise from the mean and the squared error of every voxel: by the line of their sums over blocks, as in
    `noise_of`.

    Raises
    ------
    ValueError
        If the noise does not grow with brightness.
    """
    count = _blocks(np.ones_like(mean))
    return _line(_blocks(mean) / count, _blocks(square) / count, count)


def _line(mean: NDArray[np.float64], variance: NDArray[np.float64], weights: NDArray[np.float64]) -> Noise:
    """The line variance = mean / gain + floor by weighted least squares; through the origin where that fits as well."""
    slope, floor = float(variance.mean() / max(mean.mean(), 1e-30)), 0.0
    for _ in range(8):
        fitted = np.maximum(slope * mean + floor, 0.05 * float(variance.mean()))
        root = np.sqrt(weights) / fitted
        design = np.stack([mean, np.ones_like(mean)], 1) * root[:, None]
        (slope, floor), *_ = np.linalg.lstsq(design, variance * root, rcond=None)
    scatter = np.mean(np.square(variance * root - design @ (slope, floor)))
    slope_error, floor_error = np.sqrt(np.diag(np.linalg.pinv(design.T @ design)) * scatter)
    if slope < 4 * slope_error or -3 * floor_error < floor < 0:
        through = design[:, 0]
        slope, floor = float(through @ (variance * root) / (through @ through)), 0.0
        slope_error = float(np.sqrt(scatter / (through @ through)))
    if slope < 4 * slope_error:
        raise ValueError("the image is too dim or too small to show how its noise grows with brightness")
    gain = 1 / float(slope)
    return Noise(gain, gain * float(np.sqrt(max(floor, 0.0))), gain * max(-float(floor), 0.0))
