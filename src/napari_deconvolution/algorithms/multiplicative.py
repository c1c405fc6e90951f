"""Algorithms for counts of photons: what is not negative stays so, for every update is a product."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, At, at_least, chunks
from ..parameters import param
from .algorithm import ALGORITHMS, Algorithm, Memoryless, Volumes
from .forward import Forward
from .metrics import divergence
from .penalties import NoPenalty, Penalty, TotalVariation


@ALGORITHMS.register("richardson-lucy")
@dataclass(frozen=True)
class RichardsonLucy(Memoryless):
    """Maximum-likelihood estimate under Poisson noise: the textbook update.

        x ← x · Hᵀ( y / (Hx + b) ) / ( Hᵀ1 · (1 + ∇penalty(x)) )

    Never negative; keeps the number of photons; noise grows with the number of updates, so stop early or add a penalty, which
    enters one step late (Green 1990, doi:10.1109/42.52985). Where the gradient of a penalty comes in two parts that are never
    negative, ∇penalty = lowering − raising, the update is x · ( Hᵀ( ... ) / Hᵀ1 + raising ) / ( 1 + lowering ), which bears any
    weight (Lantéri, Roche & Aime 2002, doi:10.1088/0266-5611/18/5/313). It makes the I-divergence between y and Hx + b small.

    Source: Richardson 1972, doi:10.1364/JOSA.62.000055; Lucy 1974, doi:10.1086/111605.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "richardson-lucy", iterations=50)
    >>> bool(result.image[6, 6] > 3 * h.max())
    True
    """

    family = "multiplicative"
    use = "a paper to follow, or a number of updates of your own; with total variation, flat walls"
    needs_counts = True
    positive = True
    monotone = True

    penalty: Penalty = param(NoPenalty(), "What is held small beside the misfit")

    def updates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        one_step_late(self.penalty, H)
        weight, background, tiny = H.weight, np.float32(H.background), np.float32(1e-6 * float(y.max()) or 1)
        penalty, penalised = self.penalty.of_counts(H.gain), self.penalty != NoPenalty()
        slope: Any = None
        parts: tuple[Array, Array] | None = None

        def ratio(blurred: Array, at: At) -> Array:
            blurred += background
            return np.divide(y[at], at_least(blurred, tiny, out=blurred), out=blurred)

        def update(back: Array, at: At) -> None:
            back /= weight[at] if slope is None else weight[at] * (1 + slope[at])
            if parts is not None:
                lowering, raising = parts[0][at], parts[1][at]
                back += raising
                lowering += 1
                back /= lowering
            x[at] *= back

        while True:
            yield x
            if penalised:
                parts = penalty.parts(x, H.spacing, parts, H.workers)
                if parts is None:
                    slope = penalty.gradient(x, H.spacing, out=slope)
            H.through(x, ratio, update)

    def volumes(self, shape: tuple[int, ...], updates: int) -> tuple[Volumes, ...]:
        return (Volumes(self.penalty.volumes(shape, prox=False)),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return divergence(y, H.forward(x) + H.background) + self.penalty.value(x, H.spacing)


ALGORITHMS.alias("richardson-lucy-total-variation", RichardsonLucy(penalty=TotalVariation()))


def one_step_late(penalty: Penalty, H: Forward) -> None:
    """Refuse a penalty whose gradient, taken from the estimate before, could make the next one negative.

    Raises
    ------
    ValueError
        If its weight is at or above the limit for this image.
    """
    limit, weight = penalty.late_limit(H.shape, H.spacing), getattr(penalty, "weight", 0.0)
    if weight >= limit:
        raise ValueError(
            f"weight = {weight:g}: for {penalty.name} in this update it must be below {limit:.4g} on this image, else the estimate "
            "could turn negative; take a smaller weight, or the method primal-dual, which bears any."
        )


@ALGORITHMS.register("gradient-consensus")
@dataclass(frozen=True)
class GradientConsensus(Algorithm):
    """Richardson–Lucy that stops by itself, voxel by voxel: only what two halves of the photons agree on is updated.

        x ← x · Hᵀ( y / (Hx + b) ) / Hᵀ1    where    HᵀH( (g₁ − 1) · (g₂ − 1) ) ≥ 0,    g_k = Hᵀ( 2 y_k / (Hx + b) ) / Hᵀ1

    y₁ + y₂ = y are the photons dealt out to two halves, once, at random. For images of 100 photons or more, without anything to
    choose; ends when less than 1 % of the voxels are updated. It needs the camera's gain. Costs about 3 plain updates for each.

    Source: Manton et al. 2023, the program RLGC, github.com/jdmanton/rlgc; the update is that of Richardson 1972,
    doi:10.1364/JOSA.62.000055.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.random.default_rng(0).poisson(100 * np.pad(h, 4)), h, "gradient-consensus", iterations=50)
    >>> bool(result.image.max() > 500)
    True
    """

    family = "multiplicative"
    use = "200 photons or more, nothing to choose: noise is held back voxel by voxel"
    needs_counts = True
    needs_gain = True
    positive = True

    seed: int = param(0, "Of the random numbers that deal the photons out", low=0, high=2**32 - 1)

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        weight, background, tiny = H.weight, np.float32(H.background), np.float32(1e-6 * float(y.max()) or 1)
        first = dealt(y, H.gain, np.random.default_rng(self.seed))
        expected, ratio = np.empty(H.data_shape, np.float32), np.empty(H.data_shape, np.float32)
        mean, one, agreed = np.empty(H.shape, np.float32), np.empty(H.shape, np.float32), 1.0
        while True:
            yield x
            if agreed < 0.01:
                return
            np.maximum(H.forward(x, expected) + background, tiny, out=expected)
            H.adjoint(np.divide(y, expected, out=ratio), mean)
            np.divide(first, expected, out=ratio)
            H.adjoint(ratio, one)
            for part, half, sensitivity in chunks(mean, one, weight):
                part /= sensitivity
                half *= 2 / sensitivity
                # g₁ and g₂ lie on either side of their mean.
                np.multiply(half - 1, 2 * part - half - 1, out=half)
            H.adjoint(H.forward(one, ratio), one)
            count = 0
            for values, factor, consensus in chunks(x, mean, one):
                agree = consensus >= 0
                np.multiply(values, factor, out=values, where=agree)
                count += int(np.count_nonzero(agree))
            agreed = count / x.size

    def volumes(self, shape: tuple[int, ...], updates: int) -> tuple[Volumes, ...]:
        return (Volumes(2, 4),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return divergence(y, H.forward(x) + H.background)


def dealt(y: Array, gain: float, rng: np.random.Generator) -> Array:
    """One half of the counts: every electron is tossed a coin for. Parts of electrons are rounded at random."""
    electrons = np.maximum(y, 0) * gain
    electrons = np.floor(electrons + rng.random(y.shape, np.float32))
    return (rng.binomial(electrons.astype(np.int64), 0.5) / gain).astype(np.float32)
