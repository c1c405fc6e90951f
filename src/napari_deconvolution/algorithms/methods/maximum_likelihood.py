"""The default: maximum likelihood with momentum, Good's roughness and an automatic stop."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...arrays import Array
from ...parameters import param
from ..forward.base import Forward
from ..penalties.good_roughness import GoodRoughness
from .acceleration import Acceleration, Momentum
from .base import ALGORITHMS, Algorithm, Memoryless, Volumes
from .richardson_lucy import RichardsonLucy

ROUGHNESSES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Weights of the roughness to choose from. Without one below 0.003, bright images would lose up to 1.2 dB."""

USUAL = 0.003
"""The one to begin with, and to take where nothing says which."""


@ALGORITHMS.register("maximum-likelihood")
@dataclass(frozen=True)
class MaximumLikelihood(Memoryless):
    """Richardson–Lucy with momentum, Good's roughness and a stop, all by itself: take this unless you know better.

        x ← x · Hᵀ( y / (Hx + b) ) / ( Hᵀ1 · (1 + ∇roughness(x)) ),    then a little further the same way

    Without a weight for the roughness, and without another stop, both the weight and the number of updates are those that best
    foretell photons held out (see the stop `held-out`); 0.003 where the gain is not known. Users of Huygens will recognise CMLE
    (roughness 0) and GMLE (roughness above 0), with the signal-to-noise ratio measured and not asked for.

    Source: Richardson 1972, doi:10.1364/JOSA.62.000055; Good's roughness, Verveer, Gemkow & Jovin 1999,
    doi:10.1046/j.1365-2818.1999.00421.x; the choice of weight and stop, docs/stopping.md.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(100 * h, 4), h, "maximum-likelihood", gain=1, roughness=0.01)
    >>> bool(result.image[6, 6] > 300 * h.max() / 2)
    True
    """

    family = "multiplicative"
    use = "any fluorescence image: regularization and stop are chosen automatically"
    needs_counts = True
    positive = True
    usual_stop = "auto"

    acceleration: Acceleration = param(
        Momentum(), "How the estimate is accelerated between iterations", label="Acceleration", importance="advanced"
    )
    roughness: float | None = param(
        None, "Weight of Good's roughness; auto: chosen by held-out photons", label="Regularization weight", low=0, high=10
    )

    @property
    def choices(self) -> tuple[Algorithm, ...]:
        """Every weight that may be chosen, where none is given."""
        return (self,) if self.roughness is not None else tuple(self.replace(roughness=weight) for weight in ROUGHNESSES)

    def updates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        return self._update.updates(y, H, x)

    def volumes(self, shape: tuple[int, ...], updates: int) -> tuple[Volumes, ...]:
        return self._update.volumes(shape, updates)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return self._update.objective(x, y, H)

    @property
    def _update(self) -> RichardsonLucy:
        weight = USUAL if self.roughness is None else self.roughness
        return RichardsonLucy(penalty=GoodRoughness(weight=weight)) if weight else RichardsonLucy()
