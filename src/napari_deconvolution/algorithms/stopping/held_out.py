"""Held-out photons: how many updates, and which setting, foretell best what the estimate has not seen."""

import math
import time
from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.fft

from ...arrays import Array, Spectrum
from ...fourier import halves, taper, transfer
from ..forward.base import Forward
from ..forward.masked import Mask
from ..methods.base import Algorithm
from .step import Step

SHARPENING = 0.003
"""Added to |OTF|²: what the microscope passes less of tells little."""


class Trial(NamedTuple):
    """The search with one setting of the algorithm."""

    algorithm: Algorithm
    best: int
    """The number of updates at which the criterion was least."""
    curve: tuple[tuple[int, float], ...]
    """Updates, criterion."""

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
    H, psf
        The forward model, and the PSF in it.
    mask
        Data that do not count.
    """

    def __init__(self, held: Array, H: Forward, psf: Array, mask: Mask | None = None) -> None:
        self.held, self.H = held, H
        self.window = taper(held.shape)
        if mask is not None:
            self.window[mask] = 0
        self.gain = halves(held.shape[-1]) / ((transfer(psf, held.shape) + SHARPENING) * held.size**2)

    def __call__(self, x: Array) -> float:
        return self.of(self.spectrum(x))

    def spectrum(self, x: Array) -> Spectrum:
        """FFT( w · (h − (Hx + b)) )."""
        blurred = self.H.forward(x)
        rest = self.held - blurred[tuple(map(slice, self.held.shape))]
        rest -= np.float32(self.H.background)
        rest *= self.window
        spectrum: Spectrum = scipy.fft.rfftn(rest)
        return spectrum

    def of(self, spectrum: Spectrum) -> float:
        """D of what `spectrum` gives."""
        return float(np.vdot(_power(spectrum), self.gain))

    def chance(self, first: Spectrum, second: Spectrum) -> float:
        """Standard deviation of D(first) − D(second) by the noise of what judges.

        That noise N is the same in both, so that the difference has 2 Re N*(first − second) of it; |N|² is at most that of either.
        """
        noise = np.minimum(_power(first), _power(second))
        noise *= _power(first - second)
        noise *= np.square(self.gain)
        return math.sqrt(2 * float(noise.sum(dtype=np.float64)))


def _power(spectrum: Spectrum) -> Array:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def search(
    algorithm: Algorithm,
    splits: Sequence[tuple[Array, Array]],
    H: Forward,
    psf: Array,
    start: Callable[[Array], Array],
    *,
    iterations: int,
    mask: Mask | None = None,
    deadline: float = math.inf,
) -> Generator[Step, None, tuple[Trial, tuple[Trial, ...]]]:
    """Find setting and number of updates; returns the best trial, and all.

    The settings are tried from the middle one on, to one side and else to the other, as long as the criterion falls.

    Parameters
    ----------
    algorithm
        Its `choices` are tried.
    splits
        Pairs of independent photons, each in units of the whole: what is deconvolved, as H takes it, and what judges. The criterion
        is the mean over them.
    H, psf
        The forward model, and the PSF in it.
    start
        Makes the estimate to begin with.
    iterations
        Updates of a trial at most.
    mask
        Data that do not count.
    deadline
        By `time.perf_counter`; after it the search ends with what it has.
    """
    judges, choices = [Sharpened(held, H, psf, mask) for _, held in splits], algorithm.choices
    began, total = time.perf_counter(), len(choices) * iterations
    trials: dict[int, Trial] = {}

    def attempt(at: int) -> Generator[Step, None, None]:
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
            seconds = time.perf_counter() - began
            yield Step(before + number, total, seconds, None, estimates[0], H.inside, number, "looking for the stop", criterion=criterion)
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
