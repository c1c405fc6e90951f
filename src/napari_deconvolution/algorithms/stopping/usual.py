"""Stops that leave the choice to others: what is usual, none at all, and whatever what is known allows."""

from collections.abc import Callable
from dataclasses import dataclass

from ..forward.padding import Work
from ..methods.base import Algorithm
from .base import STOPS, Stop, Unknown


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


@STOPS.register("auto", "Automatic")
@dataclass(frozen=True)
class Automatic(Stop):
    """Held-out photons, where the gain is given or can be told from the image; else the I-divergence. The reason says which.

    Source: see `held-out` and `i-divergence`.

    >>> Automatic().name
    'auto'
    """

    def asks_gain(self, algorithm: Algorithm) -> bool:
        return not algorithm.needs_diagonal

    def settled(self, algorithm: Algorithm, unknown: Unknown) -> tuple[Stop, str]:
        if algorithm.needs_diagonal:
            return STOPS["none"], "none: a direct filter"
        if not any(unknown):
            return STOPS["held-out"], "held-out photons"
        rule = STOPS["i-divergence" if algorithm.needs_counts else "relative-change"]
        why = unknown.power or f"the image does not tell the camera's gain: {unknown.gain}"
        return rule, f"{rule.name}, for {why}"

    def memory(self, algorithm: Algorithm, iterations: int, part: Callable[[int], Work]) -> float:
        return 0 if algorithm.needs_diagonal else STOPS["held-out"].memory(algorithm, iterations, part)
