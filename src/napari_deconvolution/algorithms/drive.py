"""The driver: run an algorithm, measure on the way, stop."""

import math
import time
from collections.abc import Generator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..arrays import Array, At, at_least
from .algorithm import Algorithm
from .forward import Forward, Piecewise, Store
from .spectral import Spectral
from .stopping import Iterations, Rule, Step


class Update(NamedTuple):
    """A line of the table of a run; what each number means is said in `Step`."""

    seconds: float
    misfit: float | None
    divergence: float | None
    squares: float | None
    change: float | None
    gradient: float | None


History = tuple[Update, ...]


def steps(
    y: Array, H: Forward, algorithm: Algorithm, x: Array, rules: Sequence[Rule], *, gain: float | None = None, samples: int | None = None
) -> Generator[Step, None, tuple[int, str, History]]:
    """Drive an algorithm: yield every step, return the number of updates, the reason it ended, and the history.

    Parameters
    ----------
    y, H, algorithm, x
        See `Algorithm.iterates`.
    rules
        The first that gives a reason ends the run.
    gain
        Electrons per count, for χ².
    samples
        How many data count, if not all do.
    """
    watched = None if isinstance(H, Spectral) else Watched(H, y, algorithm.needs_counts, samples or y.size)
    asked = watched is not None and any(getattr(rule, "measures", False) for rule in rules)
    tests, began, history = [rule.start() for rule in rules], time.perf_counter(), []
    total = next((rule.count for rule in rules if isinstance(rule, Iterations)), 0)
    number, first = 0, None
    for number, estimate in enumerate(algorithm.iterates(y, watched or H, x)):
        seconds = time.perf_counter() - began
        if watched is None:
            step = Step(number, total, seconds, None, estimate, H.inside, number)
        else:
            if asked and number and watched.passes < number:
                watched.look(estimate)
            seen = watched.seen
            first = seen.norm if first is None else first
            gradient = seen.norm / first if first and seen.norm is not None else None
            chi_square = None if gain is None or seen.misfit is None else gain * seen.misfit
            measured = (seen.divergence, seen.squares, chi_square, seen.change, gradient)
            step = Step(number, total, seconds, seen.misfit, estimate, H.inside, number, "", *measured)
        if number:
            history.append(Update(round(seconds, 6), step.misfit, step.divergence, step.squares, step.change, step.gradient))
        yield step
        reasons = [reason for test in tests if (reason := test(step))]
        if number and reasons:
            return number, reasons[0], tuple(history)
    ended = "a direct filter, done in one step" if watched is None and number == 1 else f"the method ended by itself after {number} updates"
    return number, ended, tuple(history)


class Seen(NamedTuple):
    """What one passage through H shows."""

    misfit: float | None = None
    divergence: float | None = None
    squares: float | None = None
    change: float | None = None
    norm: float | None = None


class Watched(Forward):
    """H, measuring every estimate on its way through, piece by piece, so that a report costs no extra pass."""

    def __init__(self, H: Forward, y: Array, counts: bool, samples: int) -> None:
        self.H, self.y, self.counts, self.samples = H, y, counts, samples
        self.seen, self.passes = Seen(), 0
        self.shape, self.data_shape, self.inside = H.shape, H.data_shape, H.inside
        self.background, self.gain, self.spacing, self.workers = H.background, H.gain, H.spacing, H.workers
        self.floor = 1e-6 * float(y.max()) or 1.0

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return self.H.forward(x, out)

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        back = self.H.adjoint(y, out)
        self.seen = self.seen._replace(norm=math.sqrt(float(np.vdot(back, back))))
        return back

    @cached_property
    def weight(self) -> Array:
        return self.H.weight

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        misfits: list[tuple[float, ...]] = []
        changes: list[tuple[float, ...]] = []

        def watched(blurred: Array, at: At) -> Array:
            misfits.append(self._misfit(blurred, at))
            return between(blurred, at)

        def stored(back: Array, at: At) -> None:
            norm, before = 0.0 if self.counts else float(np.vdot(back, back)), x[at].copy()
            after(back, at)
            now = x[at]
            before -= now
            changes.append((norm, float(np.vdot(before, before)), float(np.vdot(now, now))))

        self.H.through(x, watched, stored)
        norm, moved, size = map(math.fsum, zip(*changes, strict=True))
        change = math.sqrt(moved / size) if moved and size else None
        self.seen = self._summed(misfits)._replace(change=change, norm=math.sqrt(norm) or None)
        self.passes += 1

    def look(self, x: Array) -> None:
        """Measure an estimate that has not gone through."""
        blurred = self.H.forward(x)
        self.seen = self._summed([self._misfit(plane, k) for k, plane in enumerate(blurred)])._replace(norm=self.seen.norm)

    def _misfit(self, blurred: Array, at: At) -> tuple[float, ...]:
        """Σ (y − m)², Σ (y − m)² / m and, of counts, Σ y ln(y / m) − y + m of a piece."""
        data = self.y[at]
        expected = blurred + np.float32(self.background)
        if self.counts:  # never below zero
            at_least(expected, self.floor, out=expected)
        miss = data - expected
        squares = float(np.vdot(miss, miss))
        if not self.counts:
            at_least(expected, self.floor, out=expected)
            np.divide(miss, expected, out=expected)
            return squares, float(np.vdot(miss, expected))
        # (y − m)² / m is (y − m) · y / m − (y − m).
        np.divide(data, expected, out=expected)
        excess = float(miss.sum())
        pearson = float(np.vdot(miss, expected)) - excess
        expected += np.float32(1e-9)  # where y is 0 its logarithm is asked for too
        return squares, pearson, float(np.vdot(data, np.log(expected, out=expected))) - excess

    def _summed(self, pieces: list[tuple[float, ...]]) -> Seen:
        squares, pearson, *divergence = (math.fsum(values) / self.samples for values in zip(*pieces, strict=True))
        return Seen(pearson, divergence[0] if divergence else None, squares)
