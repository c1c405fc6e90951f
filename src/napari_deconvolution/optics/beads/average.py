"""The mean of many beads: each without its background and its neighbours, weighted by what it tells."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .register import Match, match
from .sphere import Sphere

Array = NDArray[np.float64]

ROUNDS = 3
"""Of averaging and registering; then no bead moves by a hundredth of its own uncertainty."""


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
    misfit: float
    """What beads differ from their average in the core, root mean square, of their height; the median bead."""


Take = Callable[[int, Array], Array]
"""The window of a bead, by its number, about a place in voxels."""


def average_beads(
    take: Take, positions: Sequence[Sequence[float]] | Array, sphere: Sphere, reach: tuple[int, int, int]
) -> Average:
    """Register beads and average them.

    The background of a bead is what the border of its window holds beyond the bead's own light, which theory predicts.
    The template that a bead is registered to is the average of the others, so that its own noise does not hold it where
    it is, without the frequencies in which noise prevails. Beads are weighted by the inverse variance of what it
    leaves.

    Parameters
    ----------
    take
        Gives the window about a place, counts.
    positions
        z, y, x of each bead in voxels: the first guess.
    sphere
        The bead as theory has it, on the window.
    reach
        Voxels along z, y, x on each side of the middle that register a bead.
    """
    start = np.array(positions, np.float64)
    places, gain, misfit = start, 0.0, math.nan
    windows, scales, backgrounds, floors = _levels(take, places, sphere.model)
    heights, weights = scales * sphere.model.max(), np.ones(len(places))
    for _ in range(ROUNDS if len(places) > 1 else 0):
        matches = []
        for k, window in enumerate(windows):
            others = _mean(windows, heights, np.where(np.arange(len(places)) == k, 0.0, weights))
            matches.append(match(window, sphere.clear(others), reach, gain, floors[k]))
        heights = np.array([found.height for found in matches])
        moved = places + np.array([found.move for found in matches])
        places = moved - (moved - start).mean(axis=0)  # the average keeps the centre that the Gaussian fits gave it
        gain, weights = _noise(matches, floors)
        misfit = float(np.median(1 / np.sqrt(weights) / heights))
        windows, _, backgrounds, floors = _levels(take, places, sphere.model)
    mean = _mean(windows, heights, weights)
    share = weights * heights**2
    return Average(mean, places, heights, backgrounds, share / share.sum(), misfit)


def _mean(windows: Array, heights: Array, weights: Array) -> Array:
    """The shape s of windows = heights · s + noise of variance 1 / weights, by least squares."""
    return np.asarray(np.tensordot(weights * heights, windows, axes=1) / np.sum(weights * heights**2))


def _levels(take: Take, places: Array, model: Array) -> tuple[Array, Array, Array, Array]:
    """Windows without background; of each how much of the model it is, its background and its variance."""
    border = np.ones(model.shape, bool)
    border[:, 2:-2, 2:-2] = False
    windows, scales, backgrounds, floors = [], [], [], []
    for k, place in enumerate(places):
        window = take(k, place)
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
    surplus = sum(
        float(np.vdot(found.residual**2 - floor, found.signal)) for found, floor in zip(matches, floors, strict=True)
    )
    gain = max(surplus / sum(float(np.vdot(found.signal, found.signal)) for found in matches), 0.0)
    return gain, np.array([1 / float(np.mean(found.residual**2)) for found in matches])
