"""Tell good beads from those that would spoil a PSF, each with its reason."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bead import Reason
from .gaussian import TO_FWHM, GaussianFit
from .settings import BeadSettings

Array = NDArray[np.float64]

NEIGHBOUR = 0.1
"""Share of its own peak from which on another bead disturbs one."""
APART = 3.0
"""Lateral widths between beads from which on one can be subtracted from the other."""
VISIBLE = 5.0
"""Noises that a bead must rise above its background."""
NARROW = 0.6
"""Of the expected width: sharper than any optics, a hot pixel."""
DOUBLE_LIGHT, DOUBLE_WIDTH, TWICE = 1.4, 1.07, 1.8
"""Light and width, in medians, from which on a bead is two; and light alone, for one upon the other."""
AXIAL_SPARE = 0.1
"""The axial width is less well determined: it may exceed the median by this more."""
FEW = 4
"""Beads below which their median says nothing: they are compared with what is expected."""
WIDE, LONG = 2.0, 1.3
"""Widths in terms of the expected ones, and elongation, from which on one of a few beads is refused."""
CAMERAS = (255, 1023, 4095, 16383, 65535)
"""The highest counts of cameras of 8, 10, 12, 14 and 16 bits."""
PLATEAU = 3
"""Voxels at the very maximum of an image that make it a limit of the camera."""


def saturation(image: NDArray, settings: BeadSettings) -> float:
    """The count from which on a voxel is saturated; infinity where none is.

    >>> saturation(np.array([7, 250, 255]), BeadSettings()), saturation(np.array([7, 250, 251]), BeadSettings())
    (255.0, inf)
    """
    if settings.saturation is not None:
        return settings.saturation
    top = image.max()
    return float(top) if top in CAMERAS or np.count_nonzero(image == top) >= PLATEAU else math.inf


def by_place(
    volume: NDArray,
    peaks: NDArray[np.int_],
    heights: Array,
    spacing: Sequence[float],
    half: tuple[int, int, int],
    limit: float,
    settings: BeadSettings,
) -> tuple[list[Reason], list[float]]:
    """What is wrong with where a bead is and with its brightest voxels, and how far the next one is in y and x."""
    lateral = settings.expected_widths()[1]
    window = max(half[1] * spacing[1], half[2] * spacing[2]) + lateral
    closest = window if settings.neighbours == "refuse" else APART * lateral
    reasons: list[Reason] = []
    nearest: list[float] = []
    for at, height in zip(peaks, heights, strict=True):
        apart = np.abs(peaks - at) * np.asarray(spacing)
        distance = np.hypot(apart[:, 1], apart[:, 2])
        others = (heights > NEIGHBOUR * height) & (apart.max(axis=1) > 0) & (apart[:, 0] <= half[0] * spacing[0])
        nearest.append(float(distance[others].min()) if others.any() else math.inf)
        fits = [h <= c < n - h for c, h, n in zip(at, half, volume.shape, strict=True)]
        core = volume[tuple(slice(max(0, c - 2), c + 3) for c in at)]
        if not (fits[1] and fits[2]):
            reasons.append("edge")
        elif not fits[0]:
            reasons.append("end of stack")
        elif core.max() >= limit:
            reasons.append("saturated")
        else:
            reasons.append("too close" if nearest[-1] < closest else "")
    return reasons, nearest


def by_shape(
    reasons: Sequence[Reason], fits: Sequence[GaussianFit | None], noises: Sequence[float], settings: BeadSettings
) -> list[Reason]:
    """The reasons, with those that the Gaussian fits give: beads are compared with their median, weighted by height."""
    axial, lateral = settings.expected_widths()
    seen = [
        fit if fit is not None and not reason and fit.height > VISIBLE * noise else None
        for reason, fit, noise in zip(reasons, fits, noises, strict=True)
    ]
    clear = [fit for fit in seen if fit is not None and not _narrow(fit, axial, lateral)]
    few = len(clear) < FEW
    usual = (axial / TO_FWHM, np.eye(2) * (lateral / TO_FWHM) ** 2) if few or not clear else _usual(clear)
    round_enough = [fit for fit in clear if not _misshapen(fit, *usual, settings.width_tolerance, few)]
    heights = np.array([fit.height for fit in round_enough])
    height = _median(heights, heights) if round_enough else 0.0
    light = (
        math.inf
        if few or not round_enough
        else float(np.median([fit.light for fit in round_enough if fit.height > 0.5 * height]))
    )
    found: list[Reason] = []
    for reason, fit in zip(reasons, seen, strict=True):
        if reason:
            found.append(reason)
        elif fit is None or fit.height < settings.faintest * height:
            found.append("dim")
        elif _narrow(fit, axial, lateral):
            found.append("too narrow")
        else:
            found.append(_misshapen(fit, *usual, settings.width_tolerance, few, light))
    return found


def _misshapen(
    fit: GaussianFit, axial: float, lateral: Array, tolerance: float, few: bool, light: float = math.inf
) -> Reason:
    """What is wrong with the form of a bead, in terms of the usual one."""
    stretched = np.sqrt(np.linalg.eigvals(np.linalg.solve(lateral, fit.lateral)).real)
    longest, shortest, high = float(stretched.max()), float(stretched.min()), fit.axial / axial
    limit, long = (WIDE, LONG) if few else (tolerance, tolerance)
    if longest / shortest > long:
        return "doublet" if fit.light > DOUBLE_LIGHT * light else "elongated"
    if longest > limit or high > limit + AXIAL_SPARE:
        return "too wide"
    twice = fit.light > DOUBLE_LIGHT * light and max(longest, high) > DOUBLE_WIDTH
    return "doublet" if twice or fit.light > TWICE * light else ""


def _narrow(fit: GaussianFit, axial: float, lateral: float) -> bool:
    width = TO_FWHM * math.sqrt(float(np.linalg.eigvalsh(fit.lateral).max()))
    return width < NARROW * lateral or TO_FWHM * fit.axial < NARROW * axial


def _usual(fits: Sequence[GaussianFit]) -> tuple[float, Array]:
    """The median standard deviation along z and the median lateral covariance."""
    heights = np.array([fit.height for fit in fits])
    yy, yx, xx = (_median(np.array([fit.lateral[at] for fit in fits]), heights) for at in ((0, 0), (0, 1), (1, 1)))
    return _median(np.array([fit.axial for fit in fits]), heights), np.array([[yy, yx], [yx, xx]])


def _median(values: Array, weights: Array) -> float:
    """The value with half of the weight on each side."""
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2)])
