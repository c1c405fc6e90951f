"""What every algorithm is, and the registry that lists them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ...arrays import Array
from ...parameters import Parameters, param
from ...registry import Registry
from ..forward.base import Forward
from ..forward.padding import Work
from .acceleration import Acceleration, NoAcceleration


class Volumes(NamedTuple):
    """A number of arrays of float32."""

    estimates: float = 0
    """Of the estimate's shape."""
    data: float = 0
    """Of the image's shape."""


class Algorithm(Parameters):
    """A frozen dataclass: its fields are its parameters, and its one method is a generator of estimates."""

    needs_counts: ClassVar[bool] = False
    """Takes the data for counts of photons, which are never negative."""
    monotone: ClassVar[bool] = False
    """Its objective falls with every update."""
    needs_diagonal: ClassVar[bool] = False
    """Works frequency by frequency, on an H that is diagonal; else on any."""
    settles: ClassVar[int] = 0
    """Iterations within which its estimate settles as a rule; 0 where it never does, as without a penalty."""
    usual_stop: ClassVar[str] = "none"
    """The name of the stop criterion that it takes where none is asked for."""

    @property
    def positive(self) -> bool:
        """Its estimates are never negative."""
        return False

    @property
    def needs_gain(self) -> bool:
        """Deals with single photoelectrons: it asks H how many are in a count."""
        return False

    @property
    def choices(self) -> tuple["Algorithm", ...]:
        """The settings from which a stop that compares runs may choose, from the weakest to the strongest."""
        return (self,)

    def usual(self, shape: tuple[int, ...]) -> "Algorithm":
        """The choice to begin with, and to take where nothing says more, for an estimate of this shape."""
        return self

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        """Yield the start, then every estimate: always the same live array `x`, worked on in place. May end.

        Parameters
        ----------
        y
            The data above the camera's offset, of shape `H.data_shape`.
        H
            The forward model; the data are expected to be Hx + H.background.
        x
            The start, of shape `H.shape`.
        """
        raise NotImplementedError

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        """What it takes beside x, y and what H keeps, for an estimate of this shape: at each moment that may be the
        peak.

        Acceleration is not in it.
        """
        return (Volumes(),)

    def memory(self, work: Work, iterations: int) -> int:
        """Bytes of that at its peak, with what acceleration keeps.

        Parameters
        ----------
        work
            What H takes.
        iterations
            To be done at most.
        """
        peaks = self.volumes(work.shape, iterations)
        return math.ceil(max(v.estimates * work.estimate + v.data * work.data for v in peaks))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        """What the algorithm makes small; for checks and reports."""
        raise NotImplementedError


@dataclass(frozen=True)
class Memoryless(Algorithm):
    """An algorithm that makes every estimate from the one before it alone: so it can be accelerated."""

    acceleration: Acceleration = param(
        NoAcceleration(),
        "How the estimate is accelerated between iterations",
        label="Acceleration",
        importance="advanced",
    )

    @property
    def floor(self) -> float | None:
        """Share of itself that a voxel keeps at least when it is moved: under a multiplicative update an exact zero
        would stay so.
        """
        return 1e-6 if self.positive else None

    def memory(self, work: Work, iterations: int) -> int:
        return super().memory(work, iterations) + self.acceleration.volumes * work.estimate

    def plain_iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        """The estimates without acceleration."""
        raise NotImplementedError

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        return self.acceleration.drive(self.plain_iterates(y, H, x), self.floor, H.workers)


ALGORITHMS: Registry[Algorithm] = Registry(Algorithm, "algorithm")
