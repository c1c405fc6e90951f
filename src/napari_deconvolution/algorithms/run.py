"""One run: search for the stop, deconvolve, report; with one account of the progress."""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from ..arrays import Array
from .camera.region import brightest
from .diagnostics import Report, Spread, photons, residual
from .driver import History, steps
from .forward.periodic import Spectral
from .methods.base import Algorithm
from .metrics.fourier_correlation import Reproducibility, reproducibility
from .problem import Problem
from .result import Result
from .stopping.held_out import Trial, search
from .stopping.refined import refined
from .stopping.rules import DIVERGED, Diverging, HeldOut, Iterations, Refined, Rule, Seconds, Stop
from .stopping.step import Step

AFTER = 0.6
"""Updates of the run after a search, over those that it may take at most: as a rule."""

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
    """What has been done, in updates of the whole image."""
    began: float = field(default_factory=time.perf_counter)

    def steps(self) -> Walk[Result]:
        """Yield every step of every part; return the result."""
        trials: tuple[Trial, ...] = ()
        rules: list[Rule] = [Iterations(self.iterations), self.stop]
        problem, algorithm, planned = self.problem, self.problem.algorithm, self.iterations
        repeats = self.report.uncertainty + 2 * self.report.reproducibility
        if isinstance(self.stop, (HeldOut, Refined)):
            part = problem.part(brightest(problem.image, self.stop.voxels))
            unit = self.stop.times(part.image.size) * part.work / problem.work
            best, trials = yield from self._counted(self._search(self.stop, part), AFTER * planned * (1 + repeats), unit, 1 + repeats)
            algorithm, planned = best.algorithm, best.best
            rules = [Iterations(planned, self._told(best))]
        if self.seconds is not None:
            rules.append(Seconds(max(self.seconds - (time.perf_counter() - self.began), 0.0)))
        x, kept = problem.begin(problem.y), list[tuple[int, Array]]()
        walk = steps(problem.y, problem.H, algorithm, x, [*rules, Diverging()], gain=self.gain, samples=problem.samples)
        updates, reason, history = yield from self._counted(self._keeping(walk, kept), planned * repeats)
        if reason == DIVERGED:
            updates, reason, x = yield from self._counted(_again(problem, algorithm, history), planned * repeats)
            kept = [(number, image) for number, image in kept if number <= updates]
        H, filtered = problem.H, isinstance(problem.H, Spectral)
        light = None if filtered else photons(float(problem.y.sum(dtype=np.float64)) - H.background * problem.y.size, x, H)
        del H.weight  # to make room; it is made again if halves of the photons need it
        estimate = x[H.inside].copy()
        if not np.isfinite(estimate).all():
            raise ValueError(f"{algorithm.name}: the result is not finite; raise its weight, or take another method.")
        uncertainty, agreement = yield from self._halves(algorithm, updates)
        return Result(
            estimate,
            reason,
            updates,
            history,
            self._record(algorithm, estimate, updates, reason, history, trials),
            search=trials,
            masked=problem.mask,
            photons=light,
            residual=residual(x, problem.y, H, self.gain or 1.0, problem.mask) if self.report.residual and not filtered else None,
            uncertainty=uncertainty,
            reproducibility=agreement,
            kept=tuple(kept),
        )

    def _counted(self, walk: Walk[T], ahead: float, unit: float = 1.0, runs: int = 0) -> Walk[T]:
        """Pass steps on with their place in the whole: each takes as long as `unit` updates, and `ahead` of them come after the walk.

        Where that is a search before so many runs, they are expected to take the updates that are the best so far.
        """
        begun, best = self.done, (math.inf, 0)
        try:
            while True:
                step = next(walk)
                if step.criterion is not None:
                    best = min(best, (step.criterion, step.update))
                if runs and (step.update >= self.iterations or step.update > 2 * best[1] > 0):
                    ahead = best[1] * runs
                self.done = begun + unit * step.number
                number, total = math.ceil(self.done), math.ceil(begun + unit * step.total + ahead)
                yield replace(step, number=number, total=max(total, number), seconds=time.perf_counter() - self.began)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            walk.close()

    def _search(self, stop: HeldOut | Refined, part: Problem) -> Walk[tuple[Trial, tuple[Trial, ...]]]:
        rng = np.random.default_rng(stop.seed)
        divided = (part.divided(stop.share, rng) for _ in range(stop.times(part.image.size)))
        splits = [(part.placed(part.counted(train)), held) for train, held in divided]
        deadline = math.inf if self.seconds is None else self.began + self.seconds / 2
        look = refined if isinstance(stop, Refined) else search
        options: dict[str, Any] = {"iterations": self.iterations, "mask": part.mask, "deadline": deadline}
        return (yield from look(part.algorithm, splits, part.H, part.psf, part.begin, **options))

    def _told(self, trial: Trial) -> str:
        given, chosen = self.problem.algorithm.to_dict(), trial.algorithm.to_dict()
        setting = "".join(f", {name} {value:g}" for name, value in chosen.items() if value != given[name])
        if isinstance(self.stop, Refined):
            usual = trial.algorithm == self.problem.algorithm.usual(self.problem.image.shape) and trial.best == self.iterations
            what = "as usual: nothing near is surely better" if usual else "surely better than the usual setting"
            return f"{trial.best} updates{setting}: {what} for photons that were held out"
        if trial.best >= self.iterations:
            return f"{trial.best} updates{setting}: the limit; held-out photons say that more may help"
        return f"{trial.best} updates{setting}: the best for photons that were held out"

    def _keeping(self, walk: Walk[T], kept: list[tuple[int, Array]]) -> Walk[T]:
        while True:
            try:
                step = next(walk)
            except StopIteration as end:
                result: T = end.value
                return result
            if self.report.keep and step.update and step.update % self.report.keep == 0:
                inner = step.estimate[step.inside]
                kept.append((step.update, inner.max(axis=0) if self.report.projection else inner.copy()))
            yield step

    def _halves(self, algorithm: Algorithm, updates: int) -> Walk[tuple[Array | None, Reproducibility | None]]:
        """The same again on halves of the photons, scaled by two: their spread is that of the data."""
        rng, problem = np.random.default_rng(self.report.seed), self.problem
        spread, agreement = Spread(), None
        updates = max(updates, 1)
        ahead = (self.report.uncertainty + 2 * self.report.reproducibility) * updates
        for _ in range(self.report.uncertainty):
            ahead -= updates
            half = _repeated(problem, algorithm, problem.divided(0.5, rng)[0], updates, "another half of the photons, for the uncertainty")
            spread.add((yield from self._counted(half, ahead)))
        if self.report.reproducibility:
            results = []
            for light in problem.divided(0.5, rng):
                ahead -= updates
                half = _repeated(problem, algorithm, light, updates, "one half of the photons, for the reproducibility")
                results.append((yield from self._counted(half, ahead)))
            agreement = reproducibility(results[0], results[1], problem.spacing or (1.0,) * problem.image.ndim)
        return spread.relative() if spread.count else None, agreement

    def _record(
        self, algorithm: Algorithm, estimate: Array, updates: int, reason: str, history: History, trials: tuple[Trial, ...]
    ) -> dict[str, Any]:
        problem = self.problem
        offset, background, *_ = problem.camera.known
        last = history[-1].misfit if history else None
        record: dict[str, Any] = {
            "updates": updates,
            "reason": reason,
            "sum before": float(problem.image.sum(dtype=np.float64)) - (offset + background) * problem.image.size,
            "sum after": float(estimate.sum(dtype=np.float64)),
        }
        if algorithm != problem.algorithm:
            record["algorithm"] = algorithm.to_dict()
        if self.gain is not None and last is not None:
            record["reduced chi square"] = self.gain * last
        if trials:
            record["search"] = [{"algorithm": t.algorithm.to_dict(), "curve": [list(point) for point in t.curve]} for t in trials]
        return record


def _again(problem: Problem, algorithm: Algorithm, history: History) -> Walk[tuple[int, str, Array]]:
    """Back to the best estimate before the updates diverged: made anew, so that no copy of it had to be kept."""
    values = [update.squares if update.divergence is None else update.divergence for update in history]
    good = int(np.nanargmin([math.inf if value is None or not math.isfinite(value) else value for value in values]))
    if good == 0:
        raise ValueError(f"{algorithm.name}: it diverges from its first update on; take a smaller step, or another method.")
    x = problem.begin(problem.y)
    yield from steps(problem.y, problem.H, algorithm, x, [Iterations(good)])
    return good, f"{DIVERGED}; the estimate after {good} of them is the last good one", x


def _repeated(problem: Problem, algorithm: Algorithm, light: Array, updates: int, phase: str) -> Walk[Array]:
    y = problem.placed(problem.counted(light))
    x = problem.begin(y)
    for step in steps(y, problem.H, algorithm, x, [Iterations(updates)]):
        yield replace(step, phase=phase)
    return x[problem.H.inside].copy()
