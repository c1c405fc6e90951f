"""The default: maximum likelihood with total variation of the square root, and the one that was it before."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..arrays import Array
from ..parameters import param
from .acceleration import Acceleration, Momentum, NuMethod
from .algorithm import ALGORITHMS, Algorithm, Memoryless, Volumes
from .forward import Forward
from .multiplicative import RichardsonLucy
from .penalties import Penalty
from .root_variation import RootTotalVariation
from .roughness import GoodRoughness

WEIGHTS = (0.2, 0.4, 0.8, 1.6)
"""Weights of the default to choose from. Below 0.2 photons held out choose too little smoothing for dim stacks: up to 0.7 dB lost."""

STACK, PLANE = 0.4, 0.8
"""The ones to begin with, and to take where nothing says more. In a stack a voxel has fewer photons to say what it is than in a plane."""

ROUGHNESSES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Weights of Good's roughness to choose from. Without one below 0.003, bright images would lose up to 1.2 dB."""

ROUGHNESS = 0.003
"""The one to begin with, and to take where nothing says which."""


@dataclass(frozen=True)
class Penalised(Memoryless):
    """Richardson–Lucy with a penalty of its own."""

    family = "multiplicative"
    needs_counts = True
    positive = True
    usual_stop = "auto"

    def penalty(self, shape: tuple[int, ...]) -> Penalty | None:
        """What is held small for an estimate of this shape; None for nothing."""
        raise NotImplementedError

    def updates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        return self._update(H.shape).updates(y, H, x)

    def volumes(self, shape: tuple[int, ...], updates: int) -> tuple[Volumes, ...]:
        return self._update(shape).volumes(shape, updates)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return self._update(H.shape).objective(x, y, H)

    def _update(self, shape: tuple[int, ...]) -> RichardsonLucy:
        penalty = self.penalty(shape)
        return RichardsonLucy() if penalty is None else RichardsonLucy(penalty=penalty)


@ALGORITHMS.register("maximum-likelihood")
@dataclass(frozen=True)
class MaximumLikelihood(Penalised):
    """Richardson–Lucy that keeps edges and smooths noise, and settles: take this unless you know better.

        x ← x · ( Hᵀ( y / (Hx + b) ) / Hᵀ1 + raising(x) ) / ( 1 + lowering(x) ),    accelerated by the ν-method

    raising and lowering are the two parts of the gradient of the total variation of √x, see the penalty `root-total-variation`.
    It settles within about 30 updates. Without a weight, 0.4 is taken for stacks and 0.8 for single planes, and another one, or
    fewer updates, where photons held out say so by more than chance (see the stop `refined`). It needs the camera's gain, which it
    estimates from the image.

    Source: Richardson 1972, doi:10.1364/JOSA.62.000055; the gradient in two parts, Lantéri, Roche & Aime 2002,
    doi:10.1088/0266-5611/18/5/313; the ν-method, Hanke 1991, doi:10.1007/BF01385727; what was measured, docs/stopping.md.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(100 * h, 4), h, "maximum-likelihood", gain=1, background=0)
    >>> bool(result.image[6, 6] > 300 * h.max() / 2)
    True
    """

    use = "any fluorescence image: smoothing and stop are chosen for you"
    needs_gain = True
    settles = 30

    acceleration: Acceleration = param(NuMethod(), "What moves the estimate between two updates")
    weight: float | None = param(
        None, "Of the total variation of √x; auto: 0.4 in stacks, 0.8 in planes, or what photons held out say", low=0, high=100
    )

    @property
    def choices(self) -> tuple[Algorithm, ...]:
        return (self,) if self.weight is not None else tuple(self.replace(weight=weight) for weight in WEIGHTS)

    def usual(self, shape: tuple[int, ...]) -> Algorithm:
        return self.replace(weight=self._weight(shape))

    def penalty(self, shape: tuple[int, ...]) -> Penalty | None:
        weight = self._weight(shape)
        return RootTotalVariation(weight=weight) if weight else None

    def _weight(self, shape: tuple[int, ...]) -> float:
        if self.weight is not None:
            return self.weight
        return STACK if len(shape) == 3 and shape[0] > 1 else PLANE


@ALGORITHMS.register("maximum-likelihood-good-roughness")
@dataclass(frozen=True)
class GoodLikelihood(Penalised):
    """Richardson–Lucy with momentum and Good's roughness: smooth specimens of many photons; the default of versions before.

        x ← x · Hᵀ( y / (Hx + b) ) / ( Hᵀ1 · (1 + ∇roughness(x)) ),    then a little further the same way

    Without a weight for the roughness, and without another stop, both the weight and the number of updates are those that best
    predict photons held out (see the stop `held-out`); 0.003 where the gain is not known. Users of Huygens will recognise CMLE
    (roughness 0) and GMLE (roughness above 0), with the signal-to-noise ratio measured and not asked for.

    Source: Richardson 1972, doi:10.1364/JOSA.62.000055; Good's roughness, Verveer, Gemkow & Jovin 1999,
    doi:10.1046/j.1365-2818.1999.00421.x; the choice of weight and stop, docs/stopping.md.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> method = "maximum-likelihood-good-roughness"
    >>> result = deconvolve(np.pad(100 * h, 4), h, method, gain=1, background=0, roughness=0.01)
    >>> bool(result.image[6, 6] > 300 * h.max() / 2)
    True
    """

    use = "to compare with results of Good's roughness, as of Huygens' CMLE and GMLE"

    acceleration: Acceleration = param(Momentum(), "What moves the estimate between two updates")
    roughness: float | None = param(None, "Weight of Good's roughness; auto: what photons held out say", low=0, high=10)

    @property
    def choices(self) -> tuple[Algorithm, ...]:
        return (self,) if self.roughness is not None else tuple(self.replace(roughness=weight) for weight in ROUGHNESSES)

    def penalty(self, shape: tuple[int, ...]) -> Penalty | None:
        weight = ROUGHNESS if self.roughness is None else self.roughness
        return GoodRoughness(weight=weight) if weight else None
