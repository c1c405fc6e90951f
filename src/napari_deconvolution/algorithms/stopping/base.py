"""When to stop. A rule starts on the data and then looks at every step; the first one to give a reason ends the run."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from ...parameters import Parameters
from ...registry import Registry
from ..forward.padding import Work
from ..methods.base import Algorithm
from .step import Step

if TYPE_CHECKING:
    from ..problem import Problem
    from .held_out import Trial

Test = Callable[[Step], str | None]
"""The reason to stop, or None to go on."""


class Rule(Protocol):
    """What looks at every step."""

    def start(self) -> Test:
        """A fresh test for one run."""
        ...


class Plan(NamedTuple):
    """What is to be run."""

    algorithm: Algorithm
    iterations: int
    """At most."""
    why: str = ""
    """Why it is that number, if not because it was asked for."""
    search: "tuple[Trial, ...]" = ()
    """How that was found."""


class Unknown(NamedTuple):
    """Why something that a stop may need is not known, each a sentence; empty if it is known."""

    gain: str = ""
    """Of the camera."""
    power: str = ""
    """That the microscope passes, by frequency."""
    raw: str = ""
    """The photons one by one: why the noise is not that of a camera, so that they cannot be split."""


class Stop(Parameters):
    """What every criterion is."""

    needs_gain: ClassVar[bool] = False
    """It compares with the noise, so it must know how many electrons a count stands for."""
    needs_power: ClassVar[bool] = False
    """It must know which frequencies the microscope passes."""
    measures: ClassVar[bool] = False
    """It looks at what is measured of Hx, which algorithms that do not show it on their way are then asked for."""
    estimates: ClassVar[int] = 0
    """Arrays of the estimate's shape that its test keeps."""

    def start(self) -> Test:
        """A fresh test for one run."""
        return lambda step: None

    def usual(self, algorithm: Algorithm) -> "Stop":
        """The stop that is meant for this algorithm; itself, unless it leaves that to the algorithm."""
        return self

    def asks_gain(self, algorithm: Algorithm) -> bool:
        """It has the image asked for the camera's gain, where that is not given."""
        return self.needs_gain

    def settled(self, algorithm: Algorithm, unknown: Unknown) -> "tuple[Stop, str]":
        """The stop for what is known, and why it is that one if it was not asked for by name.

        Raises
        ------
        ValueError
            If it needs what is not known.
        """
        if self.needs_gain and unknown.gain:
            raise ValueError(
                f"stop = {self.name}: it needs the camera's gain, which cannot be estimated from this image "
                f"({unknown.gain}): give gain in electrons per count (--gain), or snr, or take the stop i-divergence."
            )
        if self.needs_power and unknown.power:
            raise ValueError(
                f"stop = {self.name}: {unknown.power}: take the stop i-divergence, or a number of iterations."
            )
        return self, ""

    def pace(self, problem: "Problem") -> float:
        """How long an iteration of `plan` takes, in iterations of the whole; 0 where there is no search."""
        return 0.0

    def plan(self, problem: "Problem", iterations: int, deadline: float) -> Generator[Step, None, Plan]:
        """What is to be run, after a search where the criterion is one that compares runs.

        Parameters
        ----------
        problem
            What is to be solved.
        iterations
            Of a run at most.
        deadline
            By `time.perf_counter`; after it a search ends with what it has.
        """
        yield from ()
        return Plan(problem.algorithm, iterations)

    def memory(self, algorithm: Algorithm, iterations: int, part: Callable[[int], Work]) -> float:
        """Bytes that `plan` takes at its peak.

        Parameters
        ----------
        algorithm, iterations
            As in the problem, and of a run at most.
        part
            What H takes for a part of at most so many voxels.
        """
        return 0


STOPS: Registry[Stop] = Registry(Stop, "stop criterion")
