"""A PSF that comes from elsewhere, a bead or another program, made fit to deconvolve with."""

import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from ..parameters import Parameters, param
from .psf_measures import centre_offset, pedestal

Volume = NDArray[np.float32]

PEDESTAL = 0.01
"""A border higher than this share of the peak is taken for a camera offset or background."""
OFF_CENTRE = 0.3
"""Voxels; less is common in beads and changes little, the wrong one of the two conventions for even sizes is 0.5."""


@dataclass(frozen=True)
class MeasuredPsf(Parameters):
    """What is known about a PSF from elsewhere.

    Examples
    --------
    >>> bead = np.pad(np.full((1, 2), 900.0), 3) + 100
    >>> conditioned(bead, MeasuredPsf(psf_background=100, psf_origin="(n-1)/2")).sum().item().__round__(5)
    1.0
    """

    psf_background: float | None = param(
        None,
        "Counts subtracted from the PSF: camera offset and background; none: nothing is subtracted",
        label="PSF background",
    )
    psf_origin: Literal["n//2", "(n-1)/2", "centre"] = param(
        "n//2",
        "Position of the point source in the array: a sample, or the measured centre",
        label="PSF origin",
        importance="advanced",
        choices={"n//2": "Sample n // 2", "(n-1)/2": "Middle, (n − 1) / 2", "centre": "Measured centre"},
    )


def conditioned(
    psf: ArrayLike,
    known: MeasuredPsf | None = None,
    spacing: tuple[float, ...] | None = None,
    image_spacing: tuple[float, ...] | None = None,
) -> Volume:
    """The PSF without its pedestal, with its origin at n // 2, sampled like the image, summing to 1.

    Values below zero, which the noise about a pedestal leaves, are kept: clipping them would turn the noise into a new
    pedestal, that in a large array holds more light than the bead.

    Parameters
    ----------
    psf
        Two axes (y, x) or three (z, y, x), any number type.
    known
        Its background and where its origin is.
    spacing, image_spacing
        Distance of samples of the PSF and of the image in µm; given both, the PSF is resampled where they differ by
        more than a thousandth.

    Raises
    ------
    ValueError
        If the PSF has not two or three axes, holds NaN or infinity, is zero everywhere, or does not sum to more than
        zero.

    Warns
    -----
    UserWarning
        If it stands on a pedestal of more than 1 % of its peak, or its centre is more than 0.3 voxels from its origin.
    """
    known = known or MeasuredPsf()
    volume = np.asarray(psf, dtype=np.float32)
    if volume.ndim not in (2, 3) or volume.size == 0:
        raise ValueError(
            f"psf has the shape {volume.shape}: give two axes (y, x) or three (z, y, x) with at least one sample."
        )
    if not np.isfinite(volume).all():
        count = np.size(volume) - np.count_nonzero(np.isfinite(volume))
        raise ValueError(
            f"psf holds NaN or infinity in {count} of {volume.size} voxels: replace them, or measure it again."
        )
    if not volume.any():
        raise ValueError("psf is zero everywhere: choose another channel, file or crop.")
    if known.psf_background is not None:
        volume = subtract_pedestal(volume, known.psf_background)
    volume = with_origin(volume, known.psf_origin)
    if spacing is not None and image_spacing is not None and not np.allclose(spacing, image_spacing, rtol=1e-3, atol=0):
        volume = resample(volume, spacing, image_spacing)
    total = float(volume.sum(dtype=np.float64))
    if total <= 0:
        level = known.psf_background
        after = "" if level is None else f" after subtraction of psf_background = {level:g}: lower it"
        raise ValueError(f"psf sums to {total:g}{after}; a PSF is light, and its sum is above zero.")
    _warn(volume)
    return np.asarray(volume / total, dtype=np.float32)


def high_pedestal(psf: ArrayLike) -> float:
    """What the PSF stands on, where that is more than 1 % of its peak, so that it would blur everything; else 0."""
    values = np.asarray(psf)
    floor = pedestal(values)
    return floor if floor > PEDESTAL * float(values.max()) else 0.0


def far_centre(psf: ArrayLike) -> tuple[float, ...]:
    """The offset of its centre from index n // 2, where it shifts the result by more than 0.3 voxels; else nothing."""
    offset = centre_offset(psf)
    return offset if max(map(abs, offset)) > OFF_CENTRE else ()


def lacks_planes(psf: tuple[int, ...], image: tuple[int, ...]) -> bool:
    """By their shapes: the PSF is one plane and the image a stack, so that the haze of other planes stays.

    >>> lacks_planes((1, 9, 9), (20, 64, 64)), lacks_planes((9, 9), (64, 64))
    (True, False)
    """
    return len(psf) == len(image) == 3 and math.prod(psf) > 1 and psf[0] == 1 < image[0]


def _warn(psf: Volume) -> None:
    if floor := high_pedestal(psf):
        warnings.warn(
            f"the PSF has a pedestal of {floor:.4g}, {floor / float(psf.max()):.0%} of its peak, which would blur "
            "everything; subtract the camera offset with psf_background= in Python or --psf-background on the command "
            "line, or, if its light is cut off there, use a larger PSF.",
            stacklevel=3,
        )
    if offset := far_centre(psf):
        words = ", ".join(f"{o:+.2f}" for o in offset)
        warnings.warn(
            f"the PSF is off-centre by ({words}) voxels from index n // 2, and the result will be shifted as much; "
            'psf_origin = "centre" moves it there, "(n-1)/2" is for PSFs centred between the two middle samples.',
            stacklevel=3,
        )


def subtract_pedestal(psf: ArrayLike, value: float) -> Volume:
    """The PSF less a constant; values that fall below zero stay.

    >>> subtract_pedestal([[101, 99]], 100).tolist()
    [[1.0, -1.0]]
    """
    return np.asarray(psf, dtype=np.float32) - np.float32(value)


def with_origin(psf: ArrayLike, origin: Literal["n//2", "(n-1)/2", "centre"]) -> Volume:
    """The PSF moved so that its origin comes to index n // 2.

    Parameters
    ----------
    origin
        Where it is now. "n//2": there already. "(n-1)/2": the middle of the array, half a voxel away where n is even.
        "centre": where `centre_offset` finds it. Fractions of a voxel are moved by a quintic spline, the edge value
        enters from outside.

    >>> with_origin([[0, 1, 1, 0]], "(n-1)/2").argmax()
    np.int64(2)
    """
    volume = np.asarray(psf, dtype=np.float32)
    if origin == "n//2":
        return volume
    move = (
        [0.5 if n % 2 == 0 else 0.0 for n in volume.shape]
        if origin == "(n-1)/2"
        else [-offset for offset in centre_offset(volume)]
    )
    return np.asarray(scipy.ndimage.shift(volume, move, order=5, mode="nearest"))


def resample(psf: ArrayLike, spacing: tuple[float, ...], new_spacing: tuple[float, ...]) -> Volume:
    """The PSF at another spacing: odd sizes, origin n // 2 to origin n // 2, light kept.

    A pixel holds the light of its area: the running sum along y and x is interpolated at the edges of the new pixels by
    a quintic spline, so that the light of each plane is kept exactly; outside the array there is none. A plane is a
    point along z, for the stage stands still: planes are interpolated, inside the stack, and weighted with the ratio of
    the z steps.

    Raises
    ------
    ValueError
        If the number of spacings is not that of the axes, or one is not above zero.

    Examples
    --------
    >>> fine = np.ones((9, 9)) / 81
    >>> coarse = resample(fine, (0.1, 0.1), (0.3, 0.3))
    >>> coarse.shape, round(coarse.sum().item(), 6)
    ((3, 3), 1.0)
    """
    volume: Any = np.asarray(psf, dtype=np.float64)
    for name, given in (("spacing", spacing), ("new_spacing", new_spacing)):
        if len(given) != volume.ndim or not all(math.isfinite(step) and step > 0 for step in given):
            raise ValueError(
                f"{name} = {given}: give one number above zero, in µm, for each of the {volume.ndim} axes of the PSF."
            )
    for axis, (old, new) in enumerate(zip(spacing, new_spacing, strict=True)):
        planes = volume.ndim == 3 and axis == 0
        volume = (_planes if planes else _pixels)(volume, axis, new / old)
    return np.asarray(volume, dtype=np.float32)


def _planes(volume: NDArray[np.float64], axis: int, ratio: float) -> NDArray[np.float64]:
    n = volume.shape[axis]
    half = math.floor(min(n // 2, n - 1 - n // 2) / ratio + 1e-9)
    at = np.clip(n // 2 + np.arange(-half, half + 1) * ratio, 0, n - 1)
    return np.asarray(scipy.interpolate.make_interp_spline(np.arange(n), volume, min(5, n - 1), axis=axis)(at) * ratio)


def _pixels(volume: NDArray[np.float64], axis: int, ratio: float) -> NDArray[np.float64]:
    n = volume.shape[axis]
    half = math.ceil((n // 2 + 0.5) / ratio - 0.5 - 1e-9)
    edges = np.clip(n // 2 + 0.5 + (np.arange(-half, half + 2) - 0.5) * ratio, 0, n)
    before = [(int(other == axis), 0) for other in range(volume.ndim)]
    light = np.pad(np.cumsum(volume, axis=axis), before)
    return np.asarray(
        np.diff(scipy.interpolate.make_interp_spline(np.arange(n + 1), light, min(5, n), axis=axis)(edges), axis=axis)
    )
