"""Where a run over the volumes of an image is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..algorithms.stopping.step import Step


@dataclass(frozen=True)
class Progress:
    """Where a run is."""

    volume: int
    """Volumes done."""
    volumes: int
    index: Mapping[str, int]
    """Which volume, along time and channel."""
    step: Step | None
    """None while the PSF is computed."""

    def at(self, step: Step) -> "Progress":
        """The same volume, at a step."""
        return replace(self, step=step)

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1; a run that stops early is done sooner."""
        return (self.volume + (self.step.number / self.step.total if self.step else 0.0)) / self.volumes

    @property
    def words(self) -> str:
        """The same for a person.

        >>> Progress(1, 4, {"t": 1, "c": 0}, None).words
        'volume 2 of 4 (t=1 c=0), computing the PSF'
        """
        which = " ".join(f"{axis}={at}" for axis, at in self.index.items())
        place = f"volume {self.volume + 1} of {self.volumes} ({which}), " if self.volumes > 1 else ""
        return place + (f"iteration {self.step.number} of {self.step.total}" if self.step else "computing the PSF")
