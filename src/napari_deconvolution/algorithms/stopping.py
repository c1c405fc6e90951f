"""When to stop. A rule starts on the data and then looks at every step; the first one to give a reason ends the run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..arrays import Array, relative_change
from ..parameters import Parameters, Registry, param


@dataclass(frozen=True)
class Step:
    """One update, as the driver reports it."""

    number: int
    """Updates done; 0 is the start."""
    total: int
    """Updates at most."""
    seconds: float
    """Since the run began."""
    misfit: float | None
    """Mean of (y − m)² / m over the data, m = Hx + b, of the estimate before this one; about 1/gain for pure photon noise."""
    estimate: Array
    """Borrowed: it changes with the next step. Copy it to keep it."""
    inside: tuple[slice, ...]
    """Where the data lie in the estimate."""


Test = Callable[[Step], str | None]
"""The reason to stop, or None to go on."""


class Rule(Protocol):
    """What looks at every step."""

    def start(self) -> Test:
        """A fresh test for one run."""
        ...


class Stop(Parameters):
    """What every criterion is."""

    def start(self) -> Test:
        """A fresh test for one run."""
        raise NotImplementedError


STOPS: Registry[Stop] = Registry(Stop, "stop criterion")


@STOPS.register("none")
@dataclass(frozen=True)
class Never(Stop):
    """No criterion: the number of updates decides.

    >>> Never().start()(None)
    """

    def start(self) -> Test:
        return lambda step: None


@STOPS.register("relative-change")
@dataclass(frozen=True)
class RelativeChange(Stop):
    """Stop when an update changes the estimate by less than a share of it.

        ‖x_k − x_(k−1)‖ / ‖x_k‖ < tolerance

    It tells that updates have become small, not that the estimate is good. Costs one more volume of memory.

    >>> RelativeChange(tolerance=0.01).tolerance
    0.01
    """

    tolerance: float = param(1e-3, "Share of the estimate below which a change counts as none", low=1e-9, high=1)

    def start(self) -> Test:
        kept: list[Array] = []

        def test(step: Step) -> str | None:
            if not kept:
                kept.append(step.estimate.copy())
                return None
            change = relative_change(step.estimate, kept[0])
            return f"relative change {change:.2g} below {self.tolerance:g}" if change < self.tolerance else None

        return test


@dataclass(frozen=True)
class Iterations:
    """Stop after a number of updates."""

    count: int

    def start(self) -> Test:
        return lambda step: f"{self.count} updates done" if step.number >= self.count else None


@dataclass(frozen=True)
class Seconds:
    """Stop at the first update that ends after so many seconds."""

    limit: float

    def start(self) -> Test:
        return lambda step: f"time limit of {self.limit:g} s reached" if step.seconds >= self.limit else None
