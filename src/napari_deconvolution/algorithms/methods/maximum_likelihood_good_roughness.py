"""The default of versions before: maximum likelihood with Good's roughness, stopped by photons held out."""

from dataclasses import dataclass

from ...parameters import param
from ..penalties.base import Penalty
from ..penalties.good_roughness import GoodRoughness
from .acceleration import Acceleration, Momentum
from .base import ALGORITHMS, Algorithm
from .maximum_likelihood import Penalised

ROUGHNESSES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Weights of Good's roughness to choose from. Without one below 0.003, bright images would lose up to 1.2 dB."""

ROUGHNESS = 0.003
"""The one to begin with, and to take where nothing says which."""


@ALGORITHMS.register("maximum-likelihood-good-roughness", "Maximum likelihood with Good's roughness")
@dataclass(frozen=True)
class GoodLikelihood(Penalised):
    """Richardson–Lucy with momentum and Good's roughness: smooth specimens of many photons; the default of versions
    before.

        x ← x · Hᵀ( y / (Hx + b) ) / ( Hᵀ1 · (1 + ∇roughness(x)) ),    then a little further the same way

    Without a weight for the roughness, and without another stop, both the weight and the number of iterations are those
    that best predict photons held out (see the stop `held-out`); 0.003 where the gain is not known. Users of Huygens
    will recognise CMLE (roughness 0) and GMLE (roughness above 0), with the signal-to-noise ratio measured and not
    asked for.

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

    acceleration: Acceleration = param(
        Momentum(), "How the estimate is accelerated between iterations", label="Acceleration", importance="advanced"
    )
    roughness: float | None = param(
        None,
        "Weight of Good's roughness; auto: chosen by held-out photons",
        label="Regularization weight",
        low=0,
        high=10,
    )

    @property
    def choices(self) -> tuple[Algorithm, ...]:
        return (
            (self,) if self.roughness is not None else tuple(self.replace(roughness=weight) for weight in ROUGHNESSES)
        )

    def penalty(self, shape: tuple[int, ...]) -> Penalty | None:
        weight = ROUGHNESS if self.roughness is None else self.roughness
        return GoodRoughness(weight=weight) if weight else None
