"""Proximal methods: a misfit to the data plus a penalty that need not be smooth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...arrays import Array, At
from ...parameters import param
from ..forward.base import Forward
from ..metrics.errors import divergence
from ..penalties.base import Penalty
from ..penalties.total_variation import TotalVariation
from ..penalties.wavelet_l1 import WaveletL1
from .acceleration import Momentum
from .base import ALGORITHMS, Algorithm, Memoryless, Volumes
from .least_squares import SAFE_STEP, residual, safe_step, squares


def level(y: Array) -> float:
    """The noise variance of photons of the mean of the data: what makes ‖y − Hx − b‖² / 2 comparable with the
    I-divergence.
    """
    return float(np.abs(y).mean(dtype=np.float64)) or 1.0


@ALGORITHMS.register("ista", "ISTA")
@dataclass(frozen=True)
class Ista(Memoryless):
    """Iterative shrinkage: least squares plus a penalty that need not be smooth; with wavelets, for specimens of few
    edges.

        x ← prox( x − τ · Hᵀ(Hx + b − y) ),    prox: of τ · mean(y) · penalty,    τ = 1 / L with L ≥ ‖H‖²

    It makes ‖Hx + b − y‖² / (2 · mean(y)) + penalty(x) small. FISTA is the same with momentum, and much faster.

    Source: Daubechies, Defrise & De Mol 2004, doi:10.1002/cpa.20042; FISTA, Beck & Teboulle 2009,
    doi:10.1137/080716542.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "fista", iterations=50)
    >>> bool(result.image.min() >= 0), bool(result.image[6, 6] > 2 * h.max())
    (True, True)
    """

    family = "proximal"
    use = "specimens with few edges and uniform noise; use it with momentum, as FISTA"
    monotone = True
    floor = None

    penalty: Penalty = param(WaveletL1(), "Penalty added to the misfit", label="Penalty")
    non_negative: bool = param(
        True, "Keep the estimate from falling below 0", label="Non-negative", importance="advanced"
    )

    @property
    def positive(self) -> bool:
        return self.non_negative

    def plain_iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        step, misfit, scale = safe_step(H), residual(y, H), level(y)

        def descend(back: Array, at: At) -> None:
            back *= step
            x[at] -= back

        kept: Any = None
        while True:
            yield x
            H.through(x, misfit, descend)
            kept = self.penalty.prox(x, float(step) * scale, H.spacing, self.non_negative, kept)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (SAFE_STEP, Volumes(self.penalty.volumes(shape, prox=True)))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H) / (2 * level(y)) + self.penalty.value(x, H.spacing)


ALGORITHMS.alias("fista", Ista(acceleration=Momentum(slowness=3.0, delay=0)), "FISTA")


@ALGORITHMS.register("primal-dual", "Primal–dual")
@dataclass(frozen=True)
class PrimalDual(Algorithm):
    """Poisson or Gaussian likelihood plus any penalty, of any weight, not below 0: for the exact minimum.

        p ← prox( p + σ · Hz ),    x' = prox( x − τ · Hᵀp ),    next z = 2x' − x,    x ← x'

    The first prox is that of the conjugate of the misfit, at every datum by itself; the second is of τ · penalty. τ = 4
    · mean(y) / ‖H‖², σ = 1 / (4 · mean(y)): of the factors 1 to 32, 4 and 8 converged fastest. It does the work of ADMM
    without inverting H, so that edges stay honest. It makes the I-divergence, or for gaussian noise ‖Hx + b − y‖² / (2
    · mean(y)), plus the penalty small; not at every update.

    Source: Chambolle & Pock 2011, doi:10.1007/s10851-010-0251-1; for Poisson noise, Anthoine et al. 2012,
    doi:10.3934/ipi.2012.6.565.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "primal-dual", iterations=100)
    >>> bool(result.image.min() >= 0), bool(result.image[6, 6] > 2 * h.max())
    (True, True)
    """

    family = "proximal"
    use = "flat regions and sharp edges, with a penalty of any strength; many iterations"
    needs_counts = True
    positive = True

    penalty: Penalty = param(TotalVariation(), "Penalty added to the misfit", label="Penalty")
    noise: Literal["poisson", "gaussian"] = param(
        "poisson", "Noise of the data: that of photons, or uniform over the image", label="Noise model"
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        scale, background = level(y), np.float32(H.background)
        step, sigma = float(safe_step(H)) * 4 * scale, np.float32(1 / (4 * scale))
        last, p = H.forward(x), np.zeros(H.data_shape, np.float32)

        def ahead(blurred: Array, at: At) -> Array:
            """Hz + b + p / σ."""
            z = 2 * blurred
            z -= last[at]
            last[at] = blurred
            z += background
            z += p[at] / sigma
            return z

        def poisson(blurred: Array, at: At) -> Array:
            u = ahead(blurred, at)
            # The root of v² + (1/σ − u) v − y/σ: where the misfit of v balances its distance from u.
            shifted = u - 1 / sigma
            root = np.sqrt(shifted * shifted + 4 / sigma * y[at])
            root += shifted
            u -= root / 2
            p[at] = np.multiply(u, sigma, out=u)
            return u

        def gaussian(blurred: Array, at: At) -> Array:
            u = ahead(blurred, at)
            u -= y[at]
            p[at] = np.multiply(u, sigma / (1 + sigma * np.float32(scale)), out=u)
            return u

        def descend(back: Array, at: At) -> None:
            back *= np.float32(step)
            x[at] -= back

        kept: Any = None
        while True:
            yield x
            H.through(x, poisson if self.noise == "poisson" else gaussian, descend)
            kept = self.penalty.prox(x, step, H.spacing, True, kept)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (SAFE_STEP, Volumes(self.penalty.volumes(shape, prox=True), 2))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        misfit = (
            squares(x, y, H) / (2 * level(y))
            if self.noise == "gaussian"
            else divergence(y, H.forward(x) + H.background)
        )
        return misfit + self.penalty.value(x, H.spacing)
