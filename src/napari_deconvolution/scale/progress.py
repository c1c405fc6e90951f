"""Where a run in tiles is."""

from dataclasses import dataclass

from ..algorithms.stopping.step import Step

FINDING = 0.05
"""Share of a run that is counted for finding its settings."""


@dataclass(frozen=True)
class TileProgress:
    """Where a run in tiles is."""

    phase: str
    """What is done: finding the settings, deconvolving, making the pyramid."""
    done: int
    """Tiles that are."""
    tiles: int
    step: Step | None = None
    """Of the part or the tile at hand, where this process works on it."""
    settled: tuple[int, int] = (0, 1)
    """Runs that were done to find the settings, and how many there will be."""

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        within = self.step.number / self.step.total if self.step and self.step.total else 0.0
        if self.phase == SETTINGS:
            return FINDING * (self.settled[0] + within) / self.settled[1]
        return FINDING + (1 - FINDING) * min((self.done + within) / self.tiles, 1.0)

    @property
    def words(self) -> str:
        """The same for a person.

        >>> TileProgress("deconvolving", 3, 16).words, round(TileProgress("deconvolving", 3, 16).share, 2)
        ('3 of 16 tiles done, deconvolving', 0.23)
        """
        within = f", iteration {self.step.number} of {self.step.total}" if self.step and self.step.total else ""
        return f"{self.done} of {self.tiles} tiles done, {self.phase}{within}"


SETTINGS, WORKING, PYRAMID = "finding the settings on a part", "deconvolving", "making the pyramid"
