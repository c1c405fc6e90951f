"""Stops that leave the choice to others: what is usual, none at all, and whatever what is known allows."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..forward.padding import Work
from ..methods.base import Algorithm
from .base import STOPS, Plan, Stop, Unknown
from .step import Step

if TYPE_CHECKING:
    from ..problem import Problem


@STOPS.register("default", "Recommended default")
@dataclass(frozen=True)
class Default(Stop):
    """What is usual for the algorithm: `auto` for maximum-likelihood, cgls and mrnsd, none for all others.

    Source: none needed; see the criteria.

    >>> from napari_deconvolution import ALGORITHMS
    >>> ALGORITHMS["maximum-likelihood"].usual_stop, ALGORITHMS["richardson-lucy"].usual_stop
    ('auto', 'none')
    """

    def usual(self, algorithm: Algorithm) -> Stop:
        return STOPS[algorithm.usual_stop]


@STOPS.register("none")
@dataclass(frozen=True)
class Never(Stop):
    """No criterion: the number of iterations decides.

    Source: none needed.

    >>> Never().start()(None)
    """


@STOPS.register("settled")
@dataclass(frozen=True)
class Settled(Stop):
    """The iterations within which the estimate settles, for an algorithm with a penalty that sees to it.

    For `maximum-likelihood` 30. Bright widefield stacks settle later, which only photons held out can tell: see
    `refined`. Other algorithms go on to the maximum.

    Source: this project, docs/stopping.md.

    >>> Settled().name
    'settled'
    """

    def plan(self, problem: "Problem", iterations: int, deadline: float) -> Generator[Step, None, Plan]:
        yield from ()
        settles = problem.algorithm.settles
        if not settles or iterations <= settles:
            return Plan(problem.algorithm, iterations)
        return Plan(problem.algorithm, settles, f"the {settles} iterations within which it settles")


@STOPS.register("auto", "Automatic")
@dataclass(frozen=True)
class Automatic(Stop):
    """What suits algorithm and image; the reason says which.

    An algorithm that settles (maximum-likelihood): `refined`, where the image does not tell the camera's gain with one
    from a fit; where the image is not raw, `settled`. Others: `held-out`; without the gain, and where the image
    is not raw, `i-divergence`.

    Source: see these criteria.

    >>> Automatic().name
    'auto'
    """

    def asks_gain(self, algorithm: Algorithm) -> bool:
        return not algorithm.needs_diagonal

    def settled(self, algorithm: Algorithm, unknown: Unknown) -> tuple[Stop, str]:
        if algorithm.needs_diagonal:
            return STOPS["none"], "none: a direct filter"
        if algorithm.settles and (unknown.power or unknown.raw):
            return STOPS["settled"], f"settled, with the usual weight, for {unknown.power or unknown.raw}"
        if algorithm.settles:
            fitted = (
                f", with a gain from a fit: it cannot be estimated better from the image, {unknown.gain}"
                if unknown.gain
                else ""
            )
            return STOPS["refined"], f"refined by held-out photons{fitted}"
        if not any(unknown):
            return STOPS["held-out"], "held-out photons"
        rule = STOPS["i-divergence" if algorithm.needs_counts else "relative-change"]
        why = unknown.power or unknown.raw or f"the camera's gain cannot be estimated from the image: {unknown.gain}"
        return rule, f"{rule.name}, for {why}"

    def memory(self, algorithm: Algorithm, iterations: int, part: Callable[[int], Work]) -> float:
        if algorithm.needs_diagonal:
            return 0
        return STOPS["refined" if algorithm.settles else "held-out"].memory(algorithm, iterations, part)
