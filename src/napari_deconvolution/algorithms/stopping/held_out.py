"""Held-out photons: how many iterations, and which setting, predict best what the estimate has not seen."""

import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import scipy.fft

from ...arrays import Array, Spectrum
from ...fourier import halves, taper
from ...parameters import param
from ..forward.base import Forward
from ..forward.formation import UNKNOWN_POWER, ImageFormation
from ..forward.masked import Mask
from ..forward.padding import Work
from ..methods.base import Algorithm
from .base import STOPS, Plan, Stop
from .step import Step

if TYPE_CHECKING:
    from ..problem import Problem


AFTER = 0.6
"""Iterations of the run after a search, over those that it may take at most: as a rule."""

SHARPENING = 0.003
"""Added to |OTF|²: what the microscope passes less of tells little."""


class Trial(NamedTuple):
    """The search with one setting of the algorithm."""

    algorithm: Algorithm
    best: int
    """The number of iterations at which the criterion was least."""
    curve: tuple[tuple[int, float], ...]
    """Iterations, criterion."""

    @property
    def least(self) -> float:
        """The criterion there."""
        return min((value for _, value in self.curve), default=math.inf)


class Sharpened:
    """The criterion: the misfit to held-out data, divided by the OTF.

        D(x) = mean over k of | FFT( w · (h − (Hx + b)) ) |² / ( |OTF_k|² + 0.003 )

    Parameters
    ----------
    held
        What the estimate has not seen, in units of the data, background included.
    H, formation
        The forward model, and the image formation that it is of. Where the data are several images, each is judged by
        itself, and D is the sum.
    mask
        Data that do not count.

    Raises
    ------
    ValueError
        If it is not known which frequencies the formation passes.
    """

    def __init__(self, held: Array, H: Forward, formation: ImageFormation, mask: Mask | None = None) -> None:
        self.held, self.H, self.views = held, H, formation.views
        self.window = np.empty(held.shape, np.float32)
        gains = []
        for view, one in zip(formation.views(self.window), formation.of_views, strict=True):
            view[...] = taper(view.shape)
            power = one.power(view.shape)
            if power is None:
                raise ValueError(UNKNOWN_POWER)
            gains.append(halves(view.shape[-1]) / ((power + SHARPENING) * (view.size * held.size)))
        if mask is not None:
            self.window[mask] = 0
        self.gain = _joined(gains)

    def __call__(self, x: Array) -> float:
        return self.of(self.spectrum(x))

    def spectrum(self, x: Array) -> Spectrum:
        """FFT( w · (h − (Hx + b)) ), of all images of the data one after the other."""
        blurred = self.H.forward(x)
        rest = self.held - blurred[tuple(map(slice, self.held.shape))]
        rest -= np.float32(self.H.background)
        rest *= self.window
        return _joined([scipy.fft.rfftn(view) for view in self.views(rest)])

    def of(self, spectrum: Spectrum) -> float:
        """D of what `spectrum` gives."""
        return float(np.vdot(_power(spectrum), self.gain))

    def chance(self, first: Spectrum, second: Spectrum) -> float:
        """Standard deviation of D(first) − D(second) by the noise of what judges.

        That noise N is the same in both, so that the difference has 2 Re N*(first − second) of it; |N|² is at most that
        of either.
        """
        noise = np.minimum(_power(first), _power(second))
        noise *= _power(first - second)
        noise *= np.square(self.gain)
        return math.sqrt(2 * float(noise.sum(dtype=np.float64)))


def _power(spectrum: Spectrum) -> Array:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _joined(parts: Sequence[Any]) -> Any:
    """Arrays one after the other, flat."""
    return parts[0].reshape(-1) if len(parts) == 1 else np.concatenate([part.ravel() for part in parts])


def search(
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
    """Find setting and number of iterations; returns the best trial, and all.

    The settings are tried from the middle one on, to one side and else to the other, as long as the criterion falls.

    Parameters
    ----------
    algorithm
        Its `choices` are tried.
    splits
        Pairs of independent photons, each in units of the whole: what is deconvolved, as H takes it, and what judges.
        The criterion is the mean over them.
    H, formation
        The forward model, and the image formation that it is of.
    start
        Makes the estimate to begin with.
    iterations
        Iterations of a trial at most.
    mask
        Data that do not count.
    deadline
        By `time.perf_counter`; after it the search ends with what it has.
    """
    judges, choices = [Sharpened(held, H, formation, mask) for _, held in splits], algorithm.choices
    began, total = time.perf_counter(), len(choices) * iterations
    trials: dict[int, Trial] = {}
    ahead, found = round(AFTER * iterations), (math.inf, 0)

    def attempt(at: int) -> Generator[Step, None, None]:
        nonlocal ahead, found
        curve: list[tuple[int, float]] = []
        best, least, due, before = 0, math.inf, 1, len(trials) * iterations
        runs = [choices[at].iterates(y, H, start(y)) for y, _ in splits]
        for number, estimates in enumerate(zip(*runs, strict=True)):
            criterion = None
            if number == due:
                criterion = math.fsum(judge(x) for judge, x in zip(judges, estimates, strict=True)) / len(splits)
                curve.append((number, criterion))
                due = number + 1 if number < 16 else max(min(math.ceil(1.07 * number), iterations), number + 1)
                if criterion < least:
                    best, least = number, criterion
                found = min(found, (criterion, number))
            if number >= iterations or number > 2 * found[1] > 0:
                ahead = found[1]
            seconds = time.perf_counter() - began
            about: dict[str, Any] = {"iteration": number, "phase": "searching for the stop", "criterion": criterion}
            yield Step(before + number, total, seconds, None, estimates[0], H.inside, **about, ahead=ahead)
            # What is not a number is not better either: it ends the trial as a rise does.
            if number >= iterations or number > 1.3 * best + 3 or (best and time.perf_counter() > deadline):
                break
        trials[at] = Trial(choices[at], max(best, 1), tuple(curve))

    middle = (len(choices) - 1) // 2
    yield from attempt(middle)
    for direction in (-1, 1):
        at = middle
        while 0 <= at + direction < len(choices) and time.perf_counter() < deadline:
            yield from attempt(at + direction)
            if trials[at + direction].least >= trials[at].least:
                break
            at += direction
        if at != middle:
            break
    return min(trials.values(), key=lambda trial: trial.least), tuple(trials[at] for at in sorted(trials))


def voxels_searched(default: int) -> Any:
    """Declare how large the part is that is searched."""
    return param(
        default,
        "Maximum number of voxels of the part that is searched, the brightest",
        label="Voxels searched",
        importance="advanced",
        low=1000,
    )


@dataclass(frozen=True)
class Compared(Stop):
    """Runs on a share of the photons are compared by the others, and the best one is repeated with all of them."""

    needs_gain: ClassVar[bool] = True
    needs_power: ClassVar[bool] = True
    spectra: ClassVar[int] = 0
    """Kept of every split, of the size of its data."""
    look: ClassVar[Callable[..., Generator[Step, None, tuple[Trial, tuple[Trial, ...]]]]]
    """The search, as `search`."""

    share: float = param(
        0.8,
        "Fraction of the photons that the search deconvolves; the others judge",
        label="Fraction deconvolved",
        importance="advanced",
        low=0.1,
        high=0.95,
    )
    voxels: int = voxels_searched(500_000)
    seed: int = param(0, "Seed of the random splits", label="Random seed", importance="advanced", low=0)

    def times(self, voxels: int) -> int:
        """How often an image of so many voxels is split: the fewer they are, the more one split depends on chance."""
        raise NotImplementedError

    def found(self, problem: "Problem", best: Trial, iterations: int) -> str:
        """What the search says of the best trial."""
        raise NotImplementedError

    def _part(self, problem: "Problem") -> "Problem":
        return problem.part(problem.formation.brightest(problem.image, self.voxels))

    def pace(self, problem: "Problem") -> float:
        size = self._part(problem).image.size
        return self.times(size) * size / problem.image.size

    def plan(self, problem: "Problem", iterations: int, deadline: float) -> Generator[Step, None, Plan]:
        part, rng = self._part(problem), np.random.default_rng(self.seed)
        divided = (part.divided(self.share, rng) for _ in range(self.times(part.image.size)))
        splits = [(part.placed(part.counted(train)), held) for train, held in divided]
        options: dict[str, Any] = {"iterations": iterations, "mask": part.mask, "deadline": deadline}
        best, trials = yield from self.look(part.algorithm, splits, part.H, part.formation, part.begin, **options)
        given, chosen = problem.algorithm.to_dict(), best.algorithm.to_dict()
        setting = "".join(f", {name} {value:g}" for name, value in chosen.items() if value != given[name])
        why = f"{best.best} iterations{setting}: {self.found(problem, best, iterations)}"
        return Plan(best.algorithm, best.best, why, trials)

    def memory(self, algorithm: Algorithm, iterations: int, part: Callable[[int], Work]) -> float:
        """For every split its two parts, what was seen of it, a taper and a transfer function, an estimate and the
        algorithm's own.
        """
        work = part(self.voxels)
        own = max(choice.memory(work, iterations) for choice in algorithm.choices)
        kept = self.times(work.data // 4) * ((3.5 + self.spectra) * work.data + work.estimate + own)
        return work.kept + work.estimate + 1.25 * work.data + kept + 4 * work.data


@STOPS.register("held-out", "Held-out photons")
@dataclass(frozen=True)
class HeldOut(Compared):
    """Stop where photons that the estimate has not seen are predicted best.

    A share of the photons is deconvolved, and after each iteration the estimate is compared with the others, h:

        D(n) = Σ_k | FFT( w · (h − (H x_n + b)) ) |² / ( |OTF_k|² + 0.003 ),    w: a taper to 0 at the edges

    Divided by the OTF, the misfit judges the specimen and not its blurred image. Then the image is deconvolved with all
    its photons, to the n where D was least. Where the algorithm has settings to choose from (`maximum-likelihood`: the
    weight of its penalty), they are tried one after the other as long as D falls. Large images are searched in their
    brightest part; small ones are split several times, and D is the mean.

    Source: this project, docs/stopping.md; that the best weight predicts what was left out, Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751.

    >>> HeldOut(share=0.6).share
    0.6
    """

    voxels: int = voxels_searched(2_000_000)

    def times(self, voxels: int) -> int:
        """How often an image of so many voxels is split: the fewer they are, the more one split depends on chance."""
        return max(1, min(4, 250_000 // voxels))

    look = staticmethod(search)

    def found(self, problem: "Problem", best: Trial, iterations: int) -> str:
        if best.best >= iterations:
            return "the limit; held-out photons say that more may help"
        return "the best for held-out photons"
