"""The noise floor: what an image shows at frequencies that the OTF does not pass, where there is noise alone."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import taper
from ..forward.masked import Mask

CUT = 2e-3
"""Where the OTF is below this share of its maximum, an image shows noise alone."""

BLOCK = 12
"""Width in pixels of the blocks whose noise is compared with their brightness."""

SOFT = 2.0
"""Pixels, standard deviation, over which the window falls to 0 towards what is left out."""

Values = NDArray[np.float64]


class Blocks(NamedTuple):
    """Of blocks of an image, all in counts."""

    mean: Values
    variance: Values
    weight: Values
    dof: float
    """Of how many independent numbers a variance is the mean."""


class Line(NamedTuple):
    """variance = slope · mean + floor, and the standard error of the slope."""

    slope: float
    floor: float
    slope_error: float

    def at(self, mean: NDArray[Any], least: float) -> NDArray[Any]:
        """The variance for a mean, at least so much."""
        return np.maximum(np.float32(self.slope) * mean + np.float32(self.floor), np.float32(least))


class Floor:
    """What an image shows at some frequencies, and how bright it is where it shows it.

    Parameters
    ----------
    spectrum
        Half spectrum of the tapered image.
    beyond
        The frequencies.
    data
        The image without the camera's offset.
    window
        That with which it was tapered.
    """

    def __init__(self, spectrum: NDArray[Any], beyond: NDArray[np.bool_], data: Array, window: Array) -> None:
        self.shape = data.shape
        self.noise: Array = scipy.fft.irfftn(spectrum * beyond, data.shape)
        self.kernel: NDArray[Any] = scipy.fft.irfftn(beyond.astype(np.complex64), data.shape)
        self.share = float(self.kernel.flat[0])
        # Where the noise of a voxel is found again after the filter.
        spread = scipy.fft.rfftn(np.square(self.kernel))
        tapered = np.square(window)
        light, weight = (
            scipy.fft.irfftn(scipy.fft.rfftn(values) * spread, data.shape) for values in (tapered * data, tapered)
        )
        self.seen: NDArray[np.bool_] = weight > 0.3 * weight.max()
        self.weight: Array = np.maximum(weight, 1e-6 * weight.max())
        self.mean: Array = light / self.weight

    @property
    def blocks(self) -> Blocks:
        """Mean and variance of every block that the taper leaves."""
        squares = np.square(self.noise)
        squares /= self.weight
        return blocks_of(self.mean, squares, self.weight, self.share)


def blocks_of(mean: Array, square: Array, weight: Array, share: float) -> Blocks:
    """Blocks of an image from the mean and the squared noise of every voxel, where their weights are not small.

    `share` is that of the frequencies that the noise has.
    """
    weights = _blocks(weight)
    good = weights > 0.3 * weights.max()
    means, squares = (_blocks(values * weight)[good] / weights[good] for values in (mean, square))
    return Blocks(means, squares, weights[good], share * float(np.prod(_block(mean.shape))))


def joined(blocks: Sequence[Blocks]) -> Blocks:
    """Blocks of several images as those of one; their variances count alike."""
    mean, variance, weight = (np.concatenate([each[k] for each in blocks]) for k in range(3))
    return Blocks(mean, variance, weight, min(each.dof for each in blocks))


def window_of(shape: tuple[int, ...], apart: Mask | None) -> Array:
    """The taper, which also falls to 0, over some pixels, towards areas that are to be left out."""
    window = taper(shape)
    if apart is None or not apart.any():
        return window
    sigma = [0.0] * (len(shape) - 2) + [SOFT, SOFT]
    wide = [1] * (len(shape) - 2) + [2 * int(2 * SOFT) + 1] * 2
    around = scipy.ndimage.gaussian_filter(
        scipy.ndimage.maximum_filter(apart, wide).astype(np.float32), sigma, truncate=2.0
    )
    window *= 1 - around
    window[apart] = 0
    return window


def tapered_spectrum(data: Array, window: Array) -> NDArray[Any]:
    """The half spectrum of an image without its mean, tapered to 0 at the edges."""
    return scipy.fft.rfftn((data - np.float32(np.average(data, weights=window))) * window)


def beyond(passed: NDArray[np.float32], cut: float) -> NDArray[np.bool_]:
    """Frequencies where the root of `passed`, |OTF|², is below the cut, two steps away from others: as far as the
    taper spreads them.
    """
    size = [5 if n > 8 else 3 if n > 1 else 1 for n in passed.shape]
    modes: list[Any] = ["wrap"] * (passed.ndim - 1) + ["mirror"]
    return scipy.ndimage.minimum_filter(passed < cut**2, size, mode=modes)


def line(blocks: Blocks) -> Line:
    """The line through the variances of blocks by weighted least squares; through the origin where that fits as
    well.

    Raises
    ------
    ValueError
        If there is no noise at all.
    """
    mean, variance, weights, _ = blocks
    if not variance.max(initial=0) > 0:
        raise ValueError("the image shows no noise")
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
    return Line(float(slope), float(floor), float(slope_error))


def _block(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(min(n, BLOCK if k >= len(shape) - 2 else 2) for k, n in enumerate(shape))


def _blocks(values: NDArray[Any]) -> Values:
    """Sums over blocks of a plane or of two; what does not fill a block is left out."""
    size = _block(values.shape)
    counts = tuple(n // s for n, s in zip(values.shape, size, strict=True))
    cut = values[tuple(slice(0, c * s) for c, s in zip(counts, size, strict=True))]
    split = cut.reshape([n for pair in zip(counts, size, strict=True) for n in pair])
    return split.sum(axis=tuple(range(1, 2 * values.ndim, 2)), dtype=np.float64).ravel()
