"""Criteria that look at every step of the run itself, and the limits that every run has."""

import math
from dataclasses import dataclass
from typing import ClassVar

from ...arrays import Array, relative_change
from ...parameters import param
from .base import STOPS, Stop, Test
from .step import Step


@STOPS.register("i-divergence", "I-divergence")
@dataclass(frozen=True)
class QualityChange(Stop):
    """Stop when an update no longer raises the quality: the first I-divergence over the present one.

        I_(k−1) / I_k − 1 < tolerance,    I = Σ y ln(y / m) − y + m,  m = Hx + b

    The quality change that users of Huygens know. It needs no gain, and knows no noise: dim images are stopped too
    late.

    Source: Scientific Volume Imaging, https://svi.nl/QualityCriterion; Csiszár 1991, doi:10.1214/aos/1176348385.

    >>> QualityChange(tolerance=0.001).tolerance
    0.001
    """

    measures: ClassVar[bool] = True

    tolerance: float = param(
        0.01,
        "Relative change of the I-divergence below which an iteration counts as idle",
        label="Tolerance",
        low=1e-9,
        high=1,
    )

    def start(self) -> Test:
        before: float | None = None

        def test(step: Step) -> str | None:
            nonlocal before
            if step.divergence is None:
                return None
            last, before = before, step.divergence
            change = last / max(step.divergence, 1e-300) - 1 if last is not None else math.inf
            return f"quality change {max(change, 0):.2g} below {self.tolerance:g}" if change < self.tolerance else None

        return test


@STOPS.register("discrepancy")
@dataclass(frozen=True)
class Discrepancy(Stop):
    """Stop when what is left of the misfit is noise: reduced χ², the mean of (y − m)² / variance, comes down to 1.

    Needs the gain. It stops early on haze, for the blurred image is fitted long before the specimen is.

    Source: Morozov 1966, in Soviet Math. Dokl. 7, 414; for Poisson data, Bertero et al. 2010,
    doi:10.1088/0266-5611/26/10/105004.

    >>> Discrepancy().level
    1.0
    """

    needs_gain: ClassVar[bool] = True
    measures: ClassVar[bool] = True

    level: float = param(1.0, "Reduced χ² at which the misfit counts as noise", label="Reduced χ²", low=0.01, high=100)

    def start(self) -> Test:
        def test(step: Step) -> str | None:
            reached = step.chi_square is not None and step.chi_square <= self.level
            return f"misfit at the level of the noise: reduced χ² {step.chi_square:.3g}" if reached else None

        return test


@STOPS.register("gradient-norm")
@dataclass(frozen=True)
class GradientNorm(Stop):
    """Stop when the gradient of the squared misfit has become small: for methods of least squares.

        ‖Hᵀ(y − Hx_k − b)‖ / ‖Hᵀ(y − Hx_0 − b)‖ < tolerance

    At a bound the gradient need not vanish; then another rule or the number of iterations ends the run.

    Source: Björck 1996, doi:10.1137/1.9781611971484, section 7.6.

    >>> GradientNorm().tolerance
    0.001
    """

    tolerance: float = param(
        1e-3,
        "Fraction of the first gradient below which the gradient counts as zero",
        label="Tolerance",
        low=1e-12,
        high=1,
    )

    def start(self) -> Test:
        def test(step: Step) -> str | None:
            small = step.gradient is not None and step.gradient < self.tolerance
            return f"gradient {step.gradient:.2g} of the first, below {self.tolerance:g}" if small else None

        return test


@STOPS.register("relative-change")
@dataclass(frozen=True)
class RelativeChange(Stop):
    """Stop when an update changes the estimate by less than a share of it.

        ‖x_k − x_(k−1)‖ / ‖x_k‖ < tolerance

    It tells that iterations have become small, not that the estimate is good. Costs one more volume of memory.

    Source: none needed.

    >>> RelativeChange(tolerance=0.01).tolerance
    0.01
    """

    estimates: ClassVar[int] = 1

    tolerance: float = param(
        1e-3, "Fraction of the estimate below which a change counts as zero", label="Tolerance", low=1e-9, high=1
    )

    def start(self) -> Test:
        kept: list[Array] = []

        def test(step: Step) -> str | None:
            if not kept:
                kept.append(step.estimate.copy())
                return None
            change = relative_change(step.estimate, kept[0])
            return f"relative change {change:.2g} below {self.tolerance:g}" if change < self.tolerance else None

        return test


@dataclass(frozen=True)
class Iterations:
    """Stop after a number of iterations; `why` it is that number, if not because it was asked for."""

    count: int
    why: str = ""

    def start(self) -> Test:
        return lambda step: (self.why or f"{self.count} iterations done") if step.iteration >= self.count else None


@dataclass(frozen=True)
class Seconds:
    """Stop at the first update that ends after so many seconds."""

    limit: float

    def start(self) -> Test:
        return lambda step: f"time limit of {self.limit:g} s reached" if step.seconds >= self.limit else None


class Diverging:
    """Stop when the misfit is not finite, or has grown far beyond that of the start."""

    def start(self) -> Test:
        first = best = math.nan

        def test(step: Step) -> str | None:
            nonlocal first, best
            value = step.squares if step.divergence is None else step.divergence
            if value is None:
                return None
            if not math.isfinite(value):
                return DIVERGED
            first = value if math.isnan(first) else first
            best = value if math.isnan(best) else min(best, value)
            return DIVERGED if value > max(2 * first, 4 * best) else None

        return test


DIVERGED = "the iterations diverge"
