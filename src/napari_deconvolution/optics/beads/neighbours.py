"""Crowded fields: each bead without the light of the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .average import Average
from .register import centred, match, shifted
from .settings import BeadSettings

Array = NDArray[np.float64]

WIDER = 2
"""How far beyond the window the light of a neighbour is subtracted, in windows."""
BLEND = 3
"""Voxels at the border of the window over which the measured bead passes into theory."""
ROUNDS = 3
"""Of fitting each bead with the light of the others off."""


class Crowd:
    """All beads of a field, and what is left when they are subtracted.

    Parameters
    ----------
    image
        Counts along z, y, x.
    positions, heights
        Of every bead, the bad ones too: voxels and counts.
    average
        Of the beads that stand alone.
    half, spacing, settings
        As `average_beads` takes them.
    """

    def __init__(
        self,
        image: NDArray,
        positions: Sequence[Sequence[float]],
        heights: Sequence[float],
        average: Average,
        half: tuple[int, int, int],
        spacing: tuple[float, ...],
        settings: BeadSettings,
    ) -> None:
        self.half = half
        self.places, self.heights = np.array(positions, np.float64), np.array(heights, np.float64)
        self.wide = _widened(average, half, spacing, settings)
        middle = tuple(slice(n // 2 - h, n // 2 + h + 1) for n, h in zip(self.wide.shape, half, strict=True))
        self.bead = self.wide[middle]
        axial, lateral = settings.expected_widths()
        reach = tuple(
            max(2, round(width / step)) for width, step in zip((axial, lateral, lateral), spacing, strict=True)
        )
        for _ in range(ROUNDS):
            self.rest = image - self._light(image.shape)
            found = [match(self.take(k, place), self.bead, reach, 0.0, 1.0) for k, place in enumerate(self.places)]
            near = [np.abs(one.move).max() < 1 and one.height > 0 for one in found]
            moved = np.array(
                [place + one.move if good else place for place, one, good in zip(self.places, found, near, strict=True)]
            )
            self.heights = np.array(
                [one.height if good else h for h, one, good in zip(self.heights, found, near, strict=True)]
            )
            self.places = moved
        self.rest = image - self._light(image.shape)

    def take(self, number: int, place: Array) -> Array:
        """The window of a bead about a place, without the light of the others."""
        own = shifted(self.wide, self.places[number] - place)
        middle = tuple(slice(n // 2 - h, n // 2 + h + 1) for n, h in zip(own.shape, self.half, strict=True))
        return centred(self.rest, place, self.half) + self.heights[number] * own[middle]

    def _light(self, shape: tuple[int, ...]) -> Array:
        field = np.zeros(shape)
        for place, height in zip(self.places, self.heights, strict=True):
            whole = np.round(place).astype(int)
            light = height * shifted(self.wide, place - whole)
            target, source = [], []
            for at, n, m in zip(whole.tolist(), shape, light.shape, strict=True):
                first = at - m // 2
                target.append(slice(max(first, 0), min(first + m, n)))
                source.append(slice(max(-first, 0), min(m, n - first)))
            field[tuple(target)] += light[tuple(source)]
        return field


def _widened(average: Average, half: tuple[int, ...], spacing: tuple[float, ...], settings: BeadSettings) -> Array:
    """The average bead, continued beyond its window by theory."""
    wide = settings.sphere((WIDER * half[0], WIDER * half[1], WIDER * half[2]), spacing).model
    middle = tuple(slice(n // 2 - h, n // 2 + h + 1) for n, h in zip(wide.shape, half, strict=True))
    wide *= np.vdot(average.image, wide[middle]) / np.vdot(wide[middle], wide[middle])
    border = [np.clip((h + 1 - np.abs(np.arange(-h, h + 1))) / BLEND, 0, 1) for h in half]
    measured = border[0][:, None, None] * border[1][:, None] * border[2]
    wide[middle] = measured * average.image + (1 - measured) * wide[middle]
    return wide
