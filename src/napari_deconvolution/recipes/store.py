"""Where the volumes of a result are kept while others are still to come."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .record import VolumeRecord

ESTIMATE = "estimate"
"""The deconvolved volume; other maps of a volume have the names of `Deconvolved.others`."""


class Store(ABC):
    """Takes volumes one by one, and gives them back as one array.

    A volume is known by its index along time and channel: {"t": 0, "c": 1}; empty for the only one.
    """

    def begin(self, outer: Mapping[str, int], volume: Sequence[int]) -> None:
        """Say what is to come: the axes along which volumes follow each other, with their lengths, and the shape of
        each volume.
        """
        self.outer, self.volume = dict(outer), tuple(volume)

    @abstractmethod
    def write(self, index: Mapping[str, int], maps: Mapping[str, NDArray[Any]], run: VolumeRecord) -> None:
        """Keep what came of one volume: `ESTIMATE` and further maps of the same shape."""

    @abstractmethod
    def finished(self, index: Mapping[str, int]) -> VolumeRecord | None:
        """What came of a volume that an earlier run has finished; None if it is still to be done."""

    @abstractmethod
    def read(self, index: Mapping[str, int]) -> NDArray[Any]:
        """The estimate of a volume that was written."""

    @abstractmethod
    def arrays(self) -> dict[str, Any]:
        """Every map that was written, along the outer axes and those of a volume; 0 where a volume has none."""


class InMemory(Store):
    """Keeps them in arrays.

    >>> store = InMemory()
    >>> store.begin({"t": 2}, (3, 4))
    >>> store.write({"t": 1}, {ESTIMATE: np.ones((3, 4))}, VolumeRecord())
    >>> store.arrays()[ESTIMATE].sum(axis=(1, 2)).tolist()
    [0.0, 12.0]
    """

    def __init__(self) -> None:
        self._arrays: dict[str, NDArray[Any]] = {}

    def write(self, index: Mapping[str, int], maps: Mapping[str, NDArray[Any]], run: VolumeRecord) -> None:
        """Keep them."""
        for name, samples in maps.items():
            if name not in self._arrays:
                self._arrays[name] = np.zeros((*self.outer.values(), *self.volume), np.float32)
            self._arrays[name][tuple(index.values())] = samples

    def finished(self, index: Mapping[str, int]) -> None:
        """No earlier run has left anything."""

    def read(self, index: Mapping[str, int]) -> NDArray[Any]:
        """The estimate."""
        return np.asarray(self._arrays[ESTIMATE][tuple(index.values())])

    def arrays(self) -> dict[str, Any]:
        """The arrays themselves."""
        return self._arrays
