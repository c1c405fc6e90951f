"""One run: search for the stop, deconvolve, report; with one account of the progress."""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from ..arrays import Array
from ..runs import relayed
from .diagnostics import Report, Spread, photons, residual
from .driver import History, iterate
from .methods.base import Algorithm
from .metrics.fourier_correlation import Reproducibility, reproducibility
from .problem import Problem
from .result import Result
from .stopping.base import Rule, Stop
from .stopping.held_out import Trial
from .stopping.rules import DIVERGED, Diverging, Iterations, Seconds
from .stopping.step import Step

T = TypeVar("T")
Walk = Generator[Step, None, T]


@dataclass(eq=False)
class Run:
    """A problem, and what is to be done with it."""

    problem: Problem
    stop: Stop
    iterations: int
    seconds: float | None
    gain: float | None
    """Electrons per count, if it is known."""
    report: Report
    done: float = 0.0
    """What has been done, in iterations of the whole image."""
    shown: float = 0.0
    """Its share of the whole, as last reported."""
    began: float = field(default_factory=time.perf_counter)

    def run(self) -> Walk[Result]:
        """Do it all: yield every step of every part; return the result."""
        problem = self.problem
        deadline = math.inf if self.seconds is None else self.began + self.seconds / 2
        repeats = self.report.uncertainty + 2 * self.report.reproducibility
        search = self.stop.plan(problem, self.iterations, deadline)
        algorithm, planned, why, trials = yield from self._counted(search, 1 + repeats, self.stop.pace(problem))
        rules: list[Rule] = [Iterations(planned, why), self.stop]
        if self.seconds is not None:
            rules.append(Seconds(max(self.seconds - (time.perf_counter() - self.began), 0.0)))
        x, kept = problem.begin(problem.y), list[tuple[int, Array]]()
        walk = iterate(problem.y, problem.H, algorithm, x, [*rules, Diverging()], gain=self.gain)
        iterations, reason, history = yield from self._counted(self._keeping(walk, kept), planned * repeats)
        if reason == DIVERGED:
            iterations, reason, x = yield from self._counted(_again(problem, algorithm, history), planned * repeats)
            kept = [(number, image) for number, image in kept if number <= iterations]
        H, filtered = problem.H, algorithm.needs_diagonal
        light = (
            None if filtered else photons(float(problem.y.sum(dtype=np.float64)) - H.background * problem.y.size, x, H)
        )
        H.release()  # what halves of the photons need again is made again
        estimate = x[H.inside].copy()
        if not np.isfinite(estimate).all():
            raise ValueError(
                f"{algorithm.name}: the result is not finite; raise its weight, or choose another algorithm."
            )
        uncertainty, agreement = yield from self._halves(algorithm, iterations)
        return Result(
            image=estimate,
            reason=reason,
            iterations=iterations,
            history=history,
            record=self._record(algorithm, estimate, iterations, reason, history, trials),
            search=trials,
            masked=problem.mask,
            photons=light,
            residual=residual(x, problem.y, H, self.gain or 1.0, problem.mask)
            if self.report.residual and not filtered
            else None,
            uncertainty=uncertainty,
            reproducibility=agreement,
            kept=tuple(kept),
        )

    def _counted(self, walk: Walk[T], ahead: float, unit: float = 1.0) -> Walk[T]:
        """Pass steps on with their place in the whole: each takes as long as `unit` iterations, and `ahead` of them
        come after; so many times what a step expects, where it does.
        """
        begun = self.done

        def placed(step: Step) -> Step:
            self.done = begun + unit * step.number
            number = math.ceil(self.done)
            left = ahead if step.ahead is None else ahead * step.ahead
            total = max(math.ceil(begun + unit * step.total + left), number)
            if self.shown:  # more may turn out to be ahead, but the share that is done never falls
                total = min(total, max(math.floor(number / self.shown), number))
            self.shown = number / total if total else 0.0
            return replace(step, number=number, total=total, seconds=time.perf_counter() - self.began)

        return relayed(walk, placed)

    def _keeping(self, walk: Walk[T], kept: list[tuple[int, Array]]) -> Walk[T]:
        def seen(step: Step) -> Step:
            if self.report.keep and step.iteration and step.iteration % self.report.keep == 0:
                inner = step.estimate[step.inside]
                kept.append((step.iteration, inner.max(axis=0) if self.report.projection else inner.copy()))
            return step

        return relayed(walk, seen)

    def _halves(self, algorithm: Algorithm, iterations: int) -> Walk[tuple[Array | None, Reproducibility | None]]:
        """The same again on halves of the photons, scaled by two: their spread is that of the data."""
        rng, problem = np.random.default_rng(self.report.seed), self.problem
        spread, agreement = Spread(), None
        iterations = max(iterations, 1)
        ahead = (self.report.uncertainty + 2 * self.report.reproducibility) * iterations
        for _ in range(self.report.uncertainty):
            ahead -= iterations
            light, phase = problem.divided(0.5, rng)[0], "another half of the photons, for the uncertainty"
            spread.add((yield from self._counted(_repeated(problem, algorithm, light, iterations, phase), ahead)))
        if self.report.reproducibility:
            results, phase = [], "one half of the photons, for the reproducibility"
            for light in problem.divided(0.5, rng):
                ahead -= iterations
                half = _repeated(problem, algorithm, light, iterations, phase)
                results.append((yield from self._counted(half, ahead)))
            agreement = reproducibility(results[0], results[1], problem.spacing or (1.0,) * results[0].ndim)
        return spread.relative() if spread.count else None, agreement

    def _record(
        self,
        algorithm: Algorithm,
        estimate: Array,
        iterations: int,
        reason: str,
        history: History,
        trials: tuple[Trial, ...],
    ) -> dict[str, Any]:
        problem = self.problem
        offset, background, *_ = problem.camera.known
        last = history[-1].misfit if history else None
        record: dict[str, Any] = {
            "iterations": iterations,
            "reason": reason,
            "sum_before": float(problem.image.sum(dtype=np.float64)) - (offset + background) * problem.image.size,
            "sum_after": float(estimate.sum(dtype=np.float64)),
        }
        if algorithm != problem.algorithm:
            record["algorithm"] = algorithm.to_dict()
        if self.gain is not None and last is not None:
            record["reduced_chi_square"] = self.gain * last
        if trials:
            record["search"] = [
                {"algorithm": t.algorithm.to_dict(), "curve": [list(point) for point in t.curve]} for t in trials
            ]
        return record


def _again(problem: Problem, algorithm: Algorithm, history: History) -> Walk[tuple[int, str, Array]]:
    """Back to the best estimate before the iterations diverged: made anew, so that no copy of it had to be kept."""
    values = [row.squares if row.divergence is None else row.divergence for row in history]
    good = int(np.nanargmin([math.inf if value is None or not math.isfinite(value) else value for value in values]))
    if good == 0:
        raise ValueError(
            f"{algorithm.name}: it diverges from its first iteration on; choose a smaller step, or another algorithm."
        )
    x = problem.begin(problem.y)
    yield from iterate(problem.y, problem.H, algorithm, x, [Iterations(good)])
    return good, f"{DIVERGED}; the estimate after {good} of them is the last good one", x


def _repeated(problem: Problem, algorithm: Algorithm, light: Array, iterations: int, phase: str) -> Walk[Array]:
    y = problem.placed(problem.counted(light))
    x = problem.begin(y)
    for step in iterate(y, problem.H, algorithm, x, [Iterations(iterations)]):
        yield replace(step, phase=phase)
    return x[problem.H.inside].copy()
