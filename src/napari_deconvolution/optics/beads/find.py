"""Find the beads in a stack."""

import math
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from .bead import Bead, FoundBeads, Reason
from .gaussian import TO_FWHM, GaussianFit, fit_gaussian
from .judge import by_place, by_shape, saturation
from .settings import COARSE, BeadSettings

Array = NDArray[np.float64]

NOISES, SHARE = 8.0, 0.01
"""A spot is taken for a bead from so many times the noise, and from this share of the brightest beads."""
PATTERN, FRINGE = 0.1, 0.5
"""What is fainter than these shares of a bead is its own pattern: within its cone of light, and straight above it."""
AXIAL, LATERAL = 4.0, 8.0
"""Half of the window, in expected widths."""
SHORTEST = 2.0
"""Axial widths that a stack must show on each side of a bead."""


def find_beads(
    image: ArrayLike, spacing: tuple[float, ...], settings: BeadSettings | None = None, **values: object
) -> FoundBeads:
    """Find the beads in a stack, and refuse each bad one with its reason.

    Beads are maxima of a difference of Gaussians of the expected width and twice of it. To each a Gaussian is fitted;
    the good ones are compared with their median, since beads in a real microscope are wider than theory has it.

    Parameters
    ----------
    image
        Counts along z, y, x.
    spacing
        Of its voxels along z, y, x, µm.
    settings, **values
        Bead, microscope and tolerances; single values by name, for instance `bead=0.2, na=1.3`.

    Raises
    ------
    ValueError
        If the image is no stack, or sampled too coarsely, or shows no bead.

    Examples
    --------
    >>> z, y, x = np.ogrid[-12:13, -30:31, -30:31]
    >>> stack = 100 + 900 * np.exp(-(z**2 / 3.5 + (y**2 + x**2) / 2.4))
    >>> found = find_beads(stack, (0.2, 0.1, 0.1), bead=0.1, na=1.3, wavelength=0.52)
    >>> [bead.position for bead in found.good]
    [(12.0, 30.0, 30.0)]
    """
    settings = (settings or BeadSettings()).assign(**values)
    volume = checked_stack(image, spacing, settings)
    axial, lateral = settings.expected_widths()
    widths = (axial, lateral, lateral)
    peaks, heights = _spots(volume, spacing, widths)
    if not len(peaks):
        raise ValueError(
            "there is no bead in the image: no spot of the expected size rises above the noise; check the channel, the "
            "voxel size and the diameter of the beads, or expose longer."
        )
    keep = _own_spots(peaks, heights, spacing, settings)
    peaks, heights = peaks[keep], heights[keep]
    half = _window(volume.shape, spacing, settings, peaks, heights)
    reach = tuple(max(2, math.ceil(1.2 * width / step)) for width, step in zip(widths, spacing, strict=True))
    fits = [fit_gaussian(volume, tuple(at), reach, spacing, widths) for at in peaks.tolist()]
    noises = [_noise(volume, at, half) for at in peaks.tolist()]
    limit = saturation(np.asarray(image), settings)
    places, nearest = by_place(volume, peaks, heights, spacing, half, limit, settings)
    reasons = by_shape(places, fits, noises, settings)
    beads = [_bead(*each) for each in zip(peaks.tolist(), reasons, fits, noises, nearest, strict=True)]
    return FoundBeads(tuple(beads), (float(spacing[0]), float(spacing[1]), float(spacing[2])), half)


def checked_stack(image: ArrayLike, spacing: tuple[float, ...], settings: BeadSettings) -> NDArray[np.float32]:
    """The image as float32, if a PSF can be measured in it.

    Raises
    ------
    ValueError
        If it is not a stack of finite numbers, or the spacing does not suit the optics.
    """
    volume = np.asarray(image)
    if volume.ndim != 3 or min(volume.shape, default=0) < 3:
        shape = " × ".join(map(str, volume.shape))
        raise ValueError(
            f"the image has the shape {shape}: a PSF is measured in a stack z, y, x of one channel; take one through "
            "focus."
        )
    if len(spacing) != 3 or not all(math.isfinite(step) and step > 0 for step in spacing):
        raise ValueError(f"spacing = {tuple(spacing)}: give the voxel size along z, y and x in µm.")
    volume = volume.astype(np.float32)
    if not np.isfinite(volume).all():
        raise ValueError(
            f"the image holds NaN or infinity in {np.count_nonzero(~np.isfinite(volume))} voxels: replace them."
        )
    axial, lateral = settings.steps(spacing)
    for name, step, size in (("z", axial, spacing[0]), ("y and x", lateral, max(spacing[1:]))):
        if step > COARSE:
            raise ValueError(
                f"spacing = {size:.3g} µm along {name} is {step:.2g} times the Nyquist step of {size / step:.3g} µm, "
                "so that the beads do not show the PSF: take the stack with a finer step, or correct the voxel size, "
                "na or wavelength."
            )
    return volume


def _spots(volume: NDArray, spacing: Sequence[float], widths: Sequence[float]) -> tuple[NDArray[np.int_], Array]:
    """Voxels at which a difference of Gaussians is greatest, brightest first, and how high it is there."""
    sigma = [width / TO_FWHM / step for width, step in zip(widths, spacing, strict=True)]
    blurred = [scipy.ndimage.gaussian_filter(volume, [factor * s for s in sigma]) for factor in (1, 2)]
    response = blurred[0] - blurred[1]
    size = [2 * max(1, round(1.2 * s)) + 1 for s in sigma]
    highest = response == scipy.ndimage.maximum_filter(response, size)
    noise = 1.4826 * float(np.median(np.abs(response - np.median(response))))
    peaks = np.argwhere(highest & (response > NOISES * noise))
    heights = response[tuple(peaks.T)].astype(np.float64)
    order = np.argsort(-heights, kind="stable")
    order = order[heights[order] > SHARE * np.median(heights[order[:5]])] if len(order) else order
    return peaks[order], heights[order]


def _window(
    shape: Sequence[int], spacing: Sequence[float], settings: BeadSettings, peaks: NDArray[np.int_], heights: Array
) -> tuple[int, int, int]:
    """Half of the window in voxels: what is asked for, or what the stack shows above and below most beads."""
    axial, lateral = settings.expected_widths()
    if settings.window:
        if len(settings.window) != 3:
            raise ValueError(f"window = {settings.window}: give the size of the PSF along z, y and x in µm.")
        wanted = [size / 2 for size in settings.window]
        z, y, x = (max(1, round(size / step)) for size, step in zip(wanted, spacing, strict=True))
        return z, y, x
    y, x = (math.ceil(LATERAL * lateral / step) for step in spacing[1:])
    bright = peaks[heights > PATTERN * np.median(heights[:5])][:, 0]
    room = int(np.percentile(np.minimum(bright, shape[0] - 1 - bright), 40))
    shortest = math.ceil(SHORTEST * axial / spacing[0])
    if room < shortest and shape[0] < 2 * shortest + 1:
        raise ValueError(
            f"the stack of {(shape[0] - 1) * spacing[0]:.3g} µm is too short: a PSF takes at least "
            f"{2 * SHORTEST * axial:.3g} µm, half of it on each side of the beads; take more planes."
        )
    return max(shortest, min(math.ceil(AXIAL * axial / spacing[0]), room)), y, x


def _own_spots(peaks: NDArray[np.int_], heights: Array, spacing: Sequence[float], settings: BeadSettings) -> list[int]:
    """Which spots are beads, and not rings and fringes of a brighter one: those lie within the cone of its light."""
    optics, lateral = settings.microscope, settings.expected_widths()[1]
    steep = optics.na / math.sqrt(optics.n_immersion**2 - optics.na**2)
    places = peaks * np.asarray(spacing)
    kept: list[int] = []
    for k, (place, height) in enumerate(zip(places, heights, strict=True)):
        apart = np.abs(places[kept] - place)
        beside = np.hypot(apart[:, 1], apart[:, 2])
        inside = beside < np.maximum(LATERAL * lateral, steep * apart[:, 0] + 2 * lateral)
        above = beside < 1.5 * lateral
        brighter = heights[kept]
        if not ((inside & (height < PATTERN * brighter)) | (above & (height < FRINGE * brighter))).any():
            kept.append(k)
    return kept


def _noise(volume: NDArray, at: Sequence[int], half: Sequence[int]) -> float:
    """Standard deviation of the background about a bead, from differences of voxels: no slope counts as noise."""
    part = volume[tuple(slice(max(0, c - h), c + h + 1) for c, h in zip(at, half, strict=True))]
    differences = np.diff(part[:, :3].astype(np.float64), axis=2)
    return math.sqrt(float(np.mean(differences**2)) / 2)


def _bead(at: Sequence[int], reason: Reason, fit: GaussianFit | None, noise: float, nearest: float) -> Bead:
    if fit is None:
        z, y, x = map(float, at)
        return Bead((z, y, x), reason, nearest=nearest)
    snr = fit.height / noise if noise > 0 else math.inf
    return Bead(fit.position, reason, fit.height, fit.floor, snr, fit.widths, fit.elongation, nearest)
