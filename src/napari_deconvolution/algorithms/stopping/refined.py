"""The usual setting of an algorithm, refined: another one, or fewer iterations, where held-out photons say so by more
than chance.
"""

import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ...arrays import Array, Spectrum
from ...parameters import param
from ..forward.base import Forward
from ..forward.formation import ImageFormation
from ..forward.masked import Mask
from ..methods.base import Algorithm
from .base import STOPS
from .held_out import Compared, Sharpened, Trial
from .step import Step

if TYPE_CHECKING:
    from ..problem import Problem

MARKS = (2, 3, 4, 6, 8, 12, 20)
"""Iterations after which an estimate is judged, next to the last one."""

Spectra = Sequence[Spectrum]

SHORT, EXPECTED = 0.6, (1.7, 0.5, 0.2)
"""Length of a trial with another setting, over that with the usual one; how many follow on the first, the second, the
third.
"""

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
    """Try the usual setting, then those next to it as long as they get better; returns the best trial, and all.

    A trial is better than another one if D falls, see `Sharpened`, and if its D lies below that of the usual setting
    after all its iterations by more than the standard deviation of their difference.

    Parameters
    ----------
    algorithm
        Its `choices` are tried, from its `usual` one on.
    splits
        Pairs of independent photons, each in units of the whole: what is deconvolved, as H takes it, and what judges.
    H, formation
        The forward model, and the image formation that it is of.
    start
        Makes the estimate to begin with.
    iterations
        Iterations within which the estimate settles.
    mask
        Data that do not count.
    deadline
        By `time.perf_counter`; after it the search ends with what it has.
    """
    jury, choices = Jury([Sharpened(held, H, formation, mask) for _, held in splits]), algorithm.choices
    usual = choices.index(algorithm.usual(H.shape))
    marks = {mark for mark in MARKS if mark < iterations} | {iterations}
    began, done = time.perf_counter(), 0.0
    trials, found = dict[int, Trial](), dict[int, float]()

    def left(at: int, number: int, curve: Sequence[tuple[int, float]]) -> float:
        """Iterations that are expected after so many of this trial, with what it takes to judge them."""
        length = iterations if not trials or number > MARKS[4] else SHORT * iterations
        if trials and len(curve) > 1 and curve[-1][1] > curve[-2][1]:  # it will end at the next mark
            length = min(mark for mark in marks if mark > curve[-1][0] or mark == iterations)
        trial = max(length - number, 0) + JUDGING * sum(number < mark <= length for mark in marks)
        others = 0.0 if at in (0, len(choices) - 1) and trials else (*EXPECTED, 0.0, 0.0)[len(trials)]
        return trial + SHORT * (iterations + JUDGING * len(marks)) * others

    def attempt(at: int) -> Generator[Step, None, None]:
        nonlocal done
        curve, seen = list[tuple[int, float]](), list[tuple[float, int, Spectra]]()
        runs = [choices[at].iterates(y, H, start(y)) for y, _ in splits]
        for number, estimates in enumerate(zip(*runs, strict=True)):
            value = None
            if number in marks:
                spectra = jury.spectra(estimates)
                value = jury.criterion(spectra)
                curve.append((number, value))
                if not jury.settled or jury.sure(spectra):
                    seen.append((value, number, spectra))
            spent, seconds = done + number + JUDGING * len(curve), time.perf_counter() - began
            place = math.ceil(spent), math.ceil(spent + left(at, number, curve)), seconds
            about: dict[str, Any] = {"update": number, "phase": "looking for the weight", "criterion": value}
            yield Step(*place, None, estimates[0], H.inside, **about)
            # What is not a number is not better either: it ends the trial as a rise does.
            risen = len(curve) > 2 and not min(curve[-2:], key=_least)[1] <= min(curve[:-2], key=_least)[1]
            late = bool(curve) and time.perf_counter() > deadline
            if number == iterations or late or (jury.settled and risen):
                break
        done += number + JUDGING * len(curve)
        if not jury.settled:
            least, _, jury.settled = seen[-1]
            seen = [one for one in seen if jury.sure(one[2])] or [(least, iterations, jury.settled)]
        found[at], best, _ = min(reversed(seen), default=(math.inf, number, ()), key=lambda one: one[0])
        trials[at] = Trial(choices[at], best, tuple(curve))

    yield from attempt(usual)
    best = usual
    for direction in (-1, 1):
        while 0 <= best + direction < len(choices) and time.perf_counter() < deadline:
            yield from attempt(best + direction)
            if not found[best + direction] < found[best]:
                break
            best += direction
        if best != usual:
            break
    return trials[best], tuple(trials[at] for at in sorted(trials))


class Jury:
    """Several criteria, one for each split of the photons, and what they saw of the estimate to compare with."""

    def __init__(self, judges: Sequence[Sharpened]) -> None:
        self.judges = judges
        self.settled: Spectra = ()

    def spectra(self, estimates: Sequence[Array]) -> Spectra:
        """What each sees of its estimate."""
        return [judge.spectrum(x) for judge, x in zip(self.judges, estimates, strict=True)]

    def criterion(self, spectra: Spectra) -> float:
        """Their mean."""
        return math.fsum(judge.of(spectrum) for judge, spectrum in zip(self.judges, spectra, strict=True)) / len(
            self.judges
        )

    def sure(self, spectra: Spectra) -> bool:
        """Whether it lies below that of the settled estimate by more than chance."""
        pairs = zip(self.judges, spectra, self.settled, strict=True)
        chance = math.hypot(*(judge.chance(one, other) for judge, one, other in pairs)) / len(self.judges)
        return self.criterion(spectra) + chance < self.criterion(self.settled)


def _least(point: tuple[int, float]) -> float:
    return point[1]


@STOPS.register("refined", "Refined by held-out photons")
@dataclass(frozen=True)
class Refined(Compared):
    """The usual weight and number of iterations of the algorithm, but others where held-out photons say so by more than
    chance.

    A share of the photons is deconvolved with the usual weight until the estimate settles, and with weights next to it,
    as long as they predict the other photons better: by the criterion D of the stop `held-out`, at 2, 3, 4, 6, 8, 12,
    20 iterations and at the last one. A weight or a number of iterations counts as better only where its D lies below
    that of the usual weight after all iterations by more than the standard deviation that the noise of the held-out
    photons gives to their difference. Large images are searched in their brightest part.

    Source: this project, docs/stopping.md; that the best weight predicts what was left out, Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751.

    >>> Refined(share=0.7).share
    0.7
    """

    spectra: ClassVar[int] = len(MARKS) + 2
    look = staticmethod(refined)

    share: float = param(
        0.8,
        "Fraction of the photons that the search deconvolves; the others judge",
        label="Fraction deconvolved",
        importance="advanced",
        low=0.1,
        high=0.95,
    )
    voxels: int = param(
        500_000,
        "Maximum number of voxels of the part that is searched, the brightest",
        label="Voxels searched",
        importance="advanced",
        low=1000,
    )
    seed: int = param(0, "Seed of the random splits", label="Random seed", importance="advanced", low=0)

    def times(self, voxels: int) -> int:
        """How often an image of so many voxels is split: the fewer they are, the more one split depends on chance."""
        return max(1, min(2, 125_000 // voxels))

    def limit(self, algorithm: Algorithm, iterations: int) -> int:
        return min(iterations, algorithm.settles or iterations)

    def found(self, problem: "Problem", best: Trial, iterations: int) -> str:
        field = problem.formation.field(problem.image.shape)
        if best.algorithm == problem.algorithm.usual(field) and best.best == iterations:
            return "as usual: nothing near is surely better for held-out photons"
        return "surely better than the usual setting for held-out photons"
