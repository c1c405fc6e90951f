"""The driver: run an algorithm, measure on the way, stop."""

import time
from collections.abc import Generator, Sequence
from typing import NamedTuple

from ..arrays import Array
from .forward.base import Forward
from .forward.watched import Seen, Watched
from .methods.base import Algorithm
from .stopping.base import Rule
from .stopping.rules import Iterations
from .stopping.step import Step


class HistoryRow(NamedTuple):
    """A line of the table of a run; what each number means is said in `Step`."""

    seconds: float
    misfit: float | None
    divergence: float | None
    squares: float | None
    change: float | None
    gradient: float | None


History = tuple[HistoryRow, ...]


def iterate(
    y: Array, H: Forward, algorithm: Algorithm, x: Array, rules: Sequence[Rule], *, gain: float | None = None
) -> Generator[Step, None, tuple[int, str, History]]:
    """Iterate until a rule says stop: yield every step, return the number of iterations, the reason it ended, and the
    history.

    Parameters
    ----------
    y, H, algorithm, x
        See `Algorithm.iterates`.
    rules
        The first that gives a reason ends the run.
    gain
        Electrons per count, for χ².
    """
    watched = Watched(H, y, algorithm.needs_counts)
    apart = algorithm.needs_diagonal  # such a method wants H itself, and nothing is measured on the way through it
    asked = not apart and any(getattr(rule, "measures", False) for rule in rules)
    tests, began, history = [rule.start() for rule in rules], time.perf_counter(), []
    total = next((rule.count for rule in rules if isinstance(rule, Iterations)), 0)
    number, first = 0, None
    for number, estimate in enumerate(algorithm.iterates(y, H if apart else watched, x)):
        seconds = time.perf_counter() - began
        if apart:
            watched.seen = Seen()
        # A look costs half an iteration; growth without bounds shows at powers of two.
        if (asked and number and watched.passes < number) or (apart and number > 1 and number.bit_count() == 1):
            watched.look(estimate)
        seen = watched.seen
        first = seen.norm if first is None else first
        gradient = seen.norm / first if first and seen.norm is not None else None
        chi_square = None if gain is None or seen.misfit is None else gain * seen.misfit
        step = Step(
            number,
            total,
            seconds,
            seen.misfit,
            estimate,
            H.inside,
            iteration=number,
            divergence=seen.divergence,
            squares=seen.squares,
            chi_square=chi_square,
            change=seen.change,
            gradient=gradient,
        )
        if number:
            history.append(HistoryRow(round(seconds, 6), *(getattr(step, name) for name in HistoryRow._fields[1:])))
        yield step
        reasons = [reason for test in tests if (reason := test(step))]
        if number and reasons:
            return number, reasons[0], tuple(history)
    direct = apart and number == 1
    ended = "a direct filter, done in one step" if direct else f"the method ended by itself after {number} iterations"
    return number, ended, tuple(history)
