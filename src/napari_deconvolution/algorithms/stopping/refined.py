"""The usual setting of an algorithm, refined: another one, or other iterations, where held-out photons say so by more
than chance.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ...arrays import Array, Spectrum
from ..forward.base import Forward
from ..forward.formation import ImageFormation
from ..forward.masked import Mask
from ..methods.base import Algorithm
from .base import STOPS
from .held_out import AFTER, Compared, Sharpened, Trial
from .step import Step

if TYPE_CHECKING:
    from ..problem import Problem

MARKS = (2, 3, 4, 6, 8, 12, 20)
"""Iterations after which an estimate is judged, next to those within which most settle."""

ON = 5 / 2
"""How far the best estimate goes on, over those: it is taken where D has fallen on by more than chance."""

Spectra = Sequence[Spectrum]

SHORT, EXPECTED = 0.6, (1.7, 0.5, 0.2)
"""Length of a trial with another setting, over that with the usual one; how many follow on the first, the second, the
third.
"""

LIKELY = 0.4
"""How often the best is that after going on, where it does."""

JUDGING = 0.5
"""What it takes to judge an estimate, in iterations."""


def refined(
    algorithm: Algorithm,
    splits: Sequence[tuple[Array, Array]],
    H: Forward,
    formation: ImageFormation,
    start: Callable[[Array], Array],
    *,
    iterations: int,
    mask: Mask | None = None,
    deadline: float = math.inf,
) -> Generator[Step, None, tuple[Trial, tuple[Trial, ...]]]:
    """Try the usual setting, then those next to it as long as they get better, and, where light out of focus fills the
    stack, see whether the best gets better in 2.5 times as many iterations; returns the best trial, and all.

    A trial is better than another one if D falls, see `Sharpened`, and if its D lies below that of the usual setting
    by more than the standard deviation of their difference.

    Parameters
    ----------
    algorithm
        Its `choices` are tried, from its `usual` one on, for the iterations within which it `settles`.
    splits
        Pairs of independent photons, each in units of the whole: what is deconvolved, as H takes it, and what judges.
    H, formation
        The forward model, and the image formation that it is of.
    start
        Makes the estimate to begin with.
    iterations
        At most.
    mask
        Data that do not count.
    deadline
        By `time.perf_counter`; after it the search ends with what it has.
    """

    def estimates(setting: Algorithm) -> Iterator[tuple[Array, ...]]:
        return zip(*(setting.iterates(y, H, start(y)) for y, _ in splits), strict=True)

    jury = Jury([Sharpened(held, H, formation, mask) for _, held in splits])
    settles = min(algorithm.settles or iterations, iterations)
    most = settles if all(one.sections for one in formation.of_views) else min(round(ON * settles), iterations)
    search = Search(algorithm, jury, estimates, H, settles, most, deadline)
    yield from search.run()
    trials = {at: Trial(tried.algorithm, tried.best, tuple(tried.curve)) for at, tried in search.tried.items()}
    return trials[search.best], tuple(trials[at] for at in sorted(trials))


@dataclass(eq=False)
class Attempt:
    """A setting that is tried."""

    algorithm: Algorithm
    estimates: Iterator[tuple[int, tuple[Array, ...]]]
    curve: list[tuple[int, float]] = field(default_factory=list)
    """Iterations, D."""
    least: float = math.inf
    """D at the best of them that count, see `Search`."""
    best: int = 1
    """How many those are."""
    spectra: "Spectra" = ()
    """What the jury saw of that estimate."""

    @property
    def risen(self) -> bool:
        """D has not come down for two marks. What is not a number is not better either."""
        values = [value for _, value in self.curve]
        return len(values) > 2 and not min(values[-2:]) <= min(values[:-2])


@dataclass(eq=False)
class Search:
    """The search of `refined`: what was tried, and how far it is."""

    algorithm: Algorithm
    jury: "Jury"
    estimates: Callable[[Algorithm], Iterator[tuple[Array, ...]]]
    H: Forward
    settles: int
    """Iterations of every attempt, before one goes on."""
    most: int
    """Iterations of that one."""
    deadline: float
    tried: dict[int, Attempt] = field(default_factory=dict)
    """By their places among the choices."""
    best: int = 0
    done: float = 0.0
    """Iterations of the attempts that are over, with what it took to judge them."""
    began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.marks = {mark for mark in MARKS if mark < self.settles} | {self.settles}
        self.expected = round(AFTER * self.settles + LIKELY * (self.most - self.settles))

    def run(self) -> Generator[Step, None, None]:
        """Do it."""
        choices = self.algorithm.choices
        usual = self.best = choices.index(self.algorithm.usual(self.H.shape))
        yield from self._attempt(usual, choices[usual])
        for direction in (-1, 1):
            while 0 <= self.best + direction < len(choices) and time.perf_counter() < self.deadline:
                at = self.best + direction
                yield from self._attempt(at, choices[at])
                if not self.tried[at].least < self.tried[self.best].least:
                    self.tried[at].estimates = iter(())  # its memory is needed no longer
                    break
                self.tried[self.best].estimates, self.best = iter(()), at
            if self.best != usual:
                break
        yield from self._going_on(self.tried[self.best])

    def _attempt(self, at: int, setting: Algorithm) -> Generator[Step, None, None]:
        tried = Attempt(setting, enumerate(self.estimates(setting)))
        seen: list[tuple[float, int, Spectra]] = []
        usual = self.jury.usual
        for number, estimates in tried.estimates:
            if number in self.marks:
                spectra = self.jury.spectra(estimates)
                tried.curve.append((number, self.jury.criterion(spectra)))
                if not usual or self.jury.sure(spectra, usual):
                    seen.append((tried.curve[-1][1], number, spectra))
            yield self._step(number, tried, estimates, self._left(at, number, tried.curve))
            late = bool(tried.curve) and time.perf_counter() > self.deadline
            if number == self.settles or late or (usual and tried.risen):
                break
        self.done += number + JUDGING * len(tried.curve)
        if not usual:
            last, _, self.jury.usual = seen[-1]
            going = len(seen) > 1 and self.jury.sure(self.jury.usual, seen[-2][2])
            self.expected = self.settles + round(LIKELY * (self.most - self.settles) if going else 0)
            seen = [one for one in seen if self.jury.sure(one[2], self.jury.usual)]
            seen = seen or [(last, self.settles, self.jury.usual)]
        if seen:  # of equal ones the last
            tried.least, tried.best, tried.spectra = min(reversed(seen), key=lambda one: one[0])
        self.tried[at] = tried

    def _going_on(self, tried: Attempt) -> Generator[Step, None, None]:
        """Where the best estimate is the last one: on from there."""
        if tried.best != self.settles or self.most == self.settles:
            return
        self.done -= tried.best + JUDGING * len(tried.curve)
        for number, estimates in tried.estimates:
            if number == self.most:
                spectra = self.jury.spectra(estimates)
                tried.curve.append((number, self.jury.criterion(spectra)))
                if self.jury.sure(spectra, tried.spectra):
                    tried.least, tried.best = tried.curve[-1][1], number
                self.expected = tried.best
            yield self._step(number, tried, estimates, self.most - number)
            if number == self.most or time.perf_counter() > self.deadline:
                return

    def _step(self, number: int, tried: Attempt, estimates: tuple[Array, ...], left: float) -> Step:
        spent = self.done + number + JUDGING * len(tried.curve)
        return Step(
            math.ceil(spent),
            math.ceil(spent + left),
            time.perf_counter() - self.began,
            None,
            estimates[0],
            self.H.inside,
            iteration=number,
            phase="looking for the weight",
            criterion=tried.curve[-1][1] if tried.curve and tried.curve[-1][0] == number else None,
            ahead=self._ahead(tried.curve),
        )

    def _ahead(self, curve: Sequence[tuple[int, float]]) -> int:
        """Iterations that are expected of the run, with this curve of the present attempt."""
        over = self.tried.get(self.best)
        points = [] if over is None else [(over.least, over.best)]
        points += [(value, mark) for mark, value in curve]
        best = min(points, default=(math.inf, self.settles))[1]
        if best >= self.settles or (over is None and 2 * best >= curve[-1][0]):
            return self.expected
        still = over is not None and best != over.best and 2 * best >= curve[-1][0]  # it may get better still
        return min(2 * best, self.expected) if still else best

    def _left(self, at: int, number: int, curve: Sequence[tuple[int, float]]) -> float:
        """Iterations of the search that are expected after so many of an attempt, with what it takes to judge them."""
        first = not self.tried
        length = self.settles if first or number > MARKS[4] else SHORT * self.settles
        if not first and len(curve) > 1 and curve[-1][1] > curve[-2][1]:  # it will end at the next mark
            length = min(mark for mark in self.marks if mark > curve[-1][0] or mark == self.settles)
        rest = max(length - number, 0) + JUDGING * sum(number < mark <= length for mark in self.marks)
        last = at in (0, len(self.algorithm.choices) - 1) and not first
        others = 0.0 if last else (*EXPECTED, 0.0, 0.0)[len(self.tried)]
        on = (self.most - self.settles) * (LIKELY if first else float(self._ahead(curve) >= self.settles))
        return rest + SHORT * (self.settles + JUDGING * len(self.marks)) * others + on


class Jury:
    """Several criteria, one for each split of the photons, and what they saw of the usual estimate to compare with."""

    def __init__(self, judges: Sequence[Sharpened]) -> None:
        self.judges = judges
        self.usual: Spectra = ()

    def spectra(self, estimates: Sequence[Array]) -> Spectra:
        """What each sees of its estimate."""
        return [judge.spectrum(x) for judge, x in zip(self.judges, estimates, strict=True)]

    def criterion(self, spectra: Spectra) -> float:
        """Their mean."""
        return math.fsum(judge.of(spectrum) for judge, spectrum in zip(self.judges, spectra, strict=True)) / len(
            self.judges
        )

    def sure(self, spectra: Spectra, others: Spectra) -> bool:
        """Whether it lies below that of other estimates by more than chance."""
        pairs = zip(self.judges, spectra, others, strict=True)
        chance = math.hypot(*(judge.chance(one, other) for judge, one, other in pairs)) / len(self.judges)
        return self.criterion(spectra) + chance < self.criterion(others)


@STOPS.register("refined", "Refined by held-out photons")
@dataclass(frozen=True)
class Refined(Compared):
    """The usual weight and number of iterations of the algorithm, but others where held-out photons say so by more than
    chance.

    A share of the photons is deconvolved with the usual weight, and with weights next to it as long as they predict the
    other photons better: by the criterion D of the stop `held-out`, at 2, 3, 4, 6, 8, 12, 20 and 30 iterations. A
    weight or a number of iterations counts as better only where its D lies below that of the usual weight after 30 by
    more than the standard deviation that the noise of the held-out photons gives to their difference. In a
    widefield stack, where light out of focus makes it slow, the best one of 30 goes on to 75, and is taken there if D
    has fallen by more than that once more. Large images are searched in their brightest part.

    Source: this project, docs/stopping.md; that the best weight predicts what was left out, Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751.

    >>> Refined(share=0.7).share
    0.7
    """

    spectra: ClassVar[int] = len(MARKS) + 2
    look = staticmethod(refined)

    def times(self, voxels: int) -> int:
        """How often an image of so many voxels is split: the fewer they are, the more one split depends on chance."""
        return max(1, min(4, 125_000 // voxels))

    def found(self, problem: "Problem", best: Trial, iterations: int) -> str:
        usual = problem.algorithm.usual(problem.formation.field(problem.image.shape))
        if best.algorithm == usual and best.best == min(usual.settles or iterations, iterations):
            return "as usual: nothing near is surely better for held-out photons"
        return "surely better than the usual setting for held-out photons"
