"""The mean of many beads: each without its background and its neighbours, weighted by what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .register import Match, centred, match
from .settings import BeadSettings
from .sphere import Sphere

Array = NDArray[np.float64]

ROUNDS = 3
"""Of averaging and registering; then no bead moves by a hundredth of its own uncertainty."""
CORE = 1.5
"""Widths on each side of the middle that register a bead."""


@dataclass(frozen=True, eq=False)
class Average:
    """What many beads have in common."""

    image: Array
    """Of a bead whose brightest voxel is about 1, without background; its centre at n // 2."""
    positions: Array
    """z, y, x of each bead in voxels, one row a bead."""
    heights: Array
    """Counts."""
    backgrounds: Array
    """Counts."""
    weights: Array
    """Share of each bead in the average; they sum to 1."""
    scale: float
    """Of the theory that makes this bead: theory · scale is its PSF."""


def average_beads(
    image: NDArray, positions: Sequence[Sequence[float]], half: tuple[int, int, int], spacing: tuple[float, ...], settings: BeadSettings
) -> Average:
    """Register beads and average them.

    The background of a bead is what the border of its window holds beyond the bead's own light, which theory predicts. The template
    that a bead is registered to is the average of the others, so that its own noise does not hold it where it is, without the
    frequencies in which noise prevails. Beads are weighted by the inverse variance of what it leaves.

    Parameters
    ----------
    image
        Counts along z, y, x.
    positions
        First guess, in voxels.
    half
        Half of the window, voxels.
    spacing
        µm.
    """
    size = tuple(2 * h + 1 for h in half)
    sphere = Sphere(size, spacing, settings.diameter())
    prior = settings.theory(size, spacing)
    model = sphere.on(prior)
    reach = _reach(half, spacing, settings)
    start = np.array(positions, np.float64)
    places, gain = start, 0.0
    windows, scales, backgrounds, floors = _levels(image, places, half, model)
    heights, weights = scales * model.max(), np.ones(len(places))
    for _ in range(ROUNDS if len(places) > 1 else 0):
        matches = []
        for k, window in enumerate(windows):
            others = _mean(windows, heights, np.where(np.arange(len(places)) == k, 0.0, weights))
            template = sphere.wiener(others, prior * _scale(others, model))[1]
            matches.append(match(window, template, reach, gain, floors[k]))
        heights = np.array([found.height for found in matches])
        moved = places + np.array([found.move for found in matches])
        places = moved - (moved - start).mean(axis=0)  # the average keeps the centre that the Gaussian fits gave it
        gain, weights = _noise(matches, floors)
        windows, _, backgrounds, floors = _levels(image, places, half, model)
    mean = _mean(windows, heights, weights)
    share = weights * heights**2
    return Average(mean, places, heights, backgrounds, share / share.sum(), _scale(mean, model))


def _mean(windows: Array, heights: Array, weights: Array) -> Array:
    """The shape s of windows = heights · s + noise of variance 1 / weights, by least squares."""
    return np.asarray(np.tensordot(weights * heights, windows, axes=1) / np.sum(weights * heights**2))


def _scale(window: Array, model: Array) -> float:
    """How much of the model there is in a window without background."""
    return float(np.vdot(window, model) / np.vdot(model, model))


def _reach(half: tuple[int, ...], spacing: tuple[float, ...], settings: BeadSettings) -> tuple[int, ...]:
    axial, lateral = settings.expected_widths()
    wanted = [max(2, round(CORE * width / step)) for width, step in zip((axial, lateral, lateral), spacing, strict=True)]
    return tuple(min(h, w) for h, w in zip(half, wanted, strict=True))


def _levels(image: NDArray, places: Array, half: tuple[int, int, int], model: Array) -> tuple[Array, Array, Array, Array]:
    """Each bead in the middle of its window without background; how much of the model it is, its background, its variance."""
    border = np.ones(model.shape, bool)
    border[:, 2:-2, 2:-2] = False
    windows, scales, backgrounds, floors = [], [], [], []
    for place in places:
        window = centred(image, place, half)
        scale = np.cov(window.ravel(), model.ravel())[0, 1] / model.var(ddof=1)
        rest = (window - scale * model)[border]
        background = float(np.mean(rest))
        windows.append(window - background)
        scales.append(scale)
        backgrounds.append(background)
        floors.append(max(float(np.var(rest)), 1e-12 * scale**2))
    return np.array(windows), np.array(scales), np.array(backgrounds), np.array(floors)


def _noise(matches: list[Match], floors: Array) -> tuple[float, Array]:
    """By how much the variance grows with the signal, over all beads; and the inverse mean variance of each."""
    surplus = sum(float(np.vdot(found.residual**2 - floor, found.signal)) for found, floor in zip(matches, floors, strict=True))
    gain = max(surplus / sum(float(np.vdot(found.signal, found.signal)) for found in matches), 0.0)
    return gain, np.array([1 / float(np.mean(found.residual**2)) for found in matches])
