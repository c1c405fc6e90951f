"""When to stop. A rule starts on the data and then looks at every step; the first one to give a reason ends the run."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from ...arrays import Array, relative_change
from ...parameters import Parameters, Registry, param
from .step import Step

Test = Callable[[Step], str | None]
"""The reason to stop, or None to go on."""


class Rule(Protocol):
    """What looks at every step."""

    def start(self) -> Test:
        """A fresh test for one run."""
        ...


class Stop(Parameters):
    """What every criterion is."""

    needs_gain: ClassVar[bool] = False
    """It compares with the noise, so it must know how many electrons a count stands for."""
    measures: ClassVar[bool] = False
    """It looks at what is measured of Hx, which algorithms that do not show it on their way are then asked for."""

    def start(self) -> Test:
        """A fresh test for one run."""
        raise NotImplementedError


STOPS: Registry[Stop] = Registry(Stop, "stop criterion")


@STOPS.register("default", "Recommended default")
@dataclass(frozen=True)
class Default(Stop):
    """What is usual for the algorithm: `auto` for maximum-likelihood, none for all others.

    Source: none needed; see the criteria.

    >>> from napari_deconvolution import ALGORITHMS
    >>> ALGORITHMS["maximum-likelihood"].usual_stop, ALGORITHMS["richardson-lucy"].usual_stop
    ('auto', 'none')
    """


@STOPS.register("none")
@dataclass(frozen=True)
class Never(Stop):
    """No criterion: the number of updates decides.

    Source: none needed.

    >>> Never().start()(None)
    """

    def start(self) -> Test:
        return lambda step: None


@STOPS.register("auto", "Automatic")
@dataclass(frozen=True)
class Automatic(Stop):
    """What suits algorithm and image; the reason says which.

    An algorithm that settles (maximum-likelihood): `refined`, where the image does not tell the camera's gain with one from a fit.
    Others: `held-out`, and without the gain `i-divergence`.

    Source: see these criteria.

    >>> Automatic().name
    'auto'
    """


@STOPS.register("held-out", "Held-out photons")
@dataclass(frozen=True)
class HeldOut(Stop):
    """Stop where photons that the estimate has not seen are foretold best.

    A share of the photons is deconvolved, and after each update the estimate is compared with the others, h:

        D(n) = Σ_k | FFT( w · (h − (H x_n + b)) ) |² / ( |OTF_k|² + 0.003 ),    w: a taper to 0 at the edges

    Divided by the OTF, the misfit judges the specimen and not its blurred image. Then the image is deconvolved with all its photons,
    to the n where D was least. Where the algorithm has settings to choose from (`maximum-likelihood`: the weight of its penalty),
    they are tried one after the other as long as D falls. Large images are searched in their brightest part; small ones are split
    several times, and D is the mean.

    Source: this project, docs/stopping.md; that the best weight foretells what was left out, Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751.

    >>> HeldOut(share=0.6).share
    0.6
    """

    needs_gain: ClassVar[bool] = True

    share: float = param(
        0.8,
        "Fraction of the photons that the search deconvolves; the others judge",
        label="Fraction deconvolved",
        importance="advanced",
        low=0.1,
        high=0.95,
    )
    voxels: int = param(
        2_000_000,
        "Maximum number of voxels of the part that is searched, the brightest",
        label="Voxels searched",
        importance="advanced",
        low=1000,
    )
    seed: int = param(0, "Seed of the random splits", label="Random seed", importance="advanced", low=0)

    def times(self, voxels: int) -> int:
        """How often an image of so many voxels is split: the fewer they are, the more one split depends on chance."""
        return max(1, min(4, 250_000 // voxels))


@STOPS.register("refined", "Refined by held-out photons")
@dataclass(frozen=True)
class Refined(Stop):
    """The usual weight and number of updates of the algorithm, but others where held-out photons say so by more than chance.

    A share of the photons is deconvolved with the usual weight until the estimate settles, and with weights next to it, as long as
    they predict the other photons better: by the criterion D of the stop `held-out`, at 2, 3, 4, 6, 8, 12, 20 updates and at the
    last one. A weight or a number of updates counts as better only where its D lies below that of the usual weight after all updates
    by more than the standard deviation that the noise of the held-out photons gives to their difference. Large images are searched
    in their brightest part.

    Source: this project, docs/stopping.md; that the best weight predicts what was left out, Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751.

    >>> Refined(share=0.7).share
    0.7
    """

    needs_gain: ClassVar[bool] = True

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


@STOPS.register("i-divergence", "I-divergence")
@dataclass(frozen=True)
class QualityChange(Stop):
    """Stop when an update no longer raises the quality: the first I-divergence over the present one.

        I_(k−1) / I_k − 1 < tolerance,    I = Σ y ln(y / m) − y + m,  m = Hx + b

    The quality change that users of Huygens know. It needs no gain, and knows no noise: dim images are stopped too late.

    Source: Scientific Volume Imaging, https://svi.nl/QualityCriterion; Csiszár 1991, doi:10.1214/aos/1176348385.

    >>> QualityChange(tolerance=0.001).tolerance
    0.001
    """

    measures: ClassVar[bool] = True

    tolerance: float = param(
        0.01, "Relative change of the I-divergence below which an iteration counts as idle", label="Tolerance", low=1e-9, high=1
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

    Source: Morozov 1966, in Soviet Math. Dokl. 7, 414; for Poisson data, Bertero et al. 2010, doi:10.1088/0266-5611/26/10/105004.

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

    At a bound the gradient need not vanish; then another rule or the number of updates ends the run.

    Source: Björck 1996, doi:10.1137/1.9781611971484, section 7.6.

    >>> GradientNorm().tolerance
    0.001
    """

    tolerance: float = param(
        1e-3, "Fraction of the first gradient below which the gradient counts as zero", label="Tolerance", low=1e-12, high=1
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

    It tells that updates have become small, not that the estimate is good. Costs one more volume of memory.

    Source: none needed.

    >>> RelativeChange(tolerance=0.01).tolerance
    0.01
    """

    tolerance: float = param(1e-3, "Fraction of the estimate below which a change counts as zero", label="Tolerance", low=1e-9, high=1)

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
    """Stop after a number of updates; `why` it is that number, if not because it was asked for."""

    count: int
    why: str = ""

    def start(self) -> Test:
        return lambda step: (self.why or f"{self.count} updates done") if step.update >= self.count else None


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


DIVERGED = "the updates diverge"
