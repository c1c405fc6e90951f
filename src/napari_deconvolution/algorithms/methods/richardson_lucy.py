"""Algorithms for counts of photons: what is not negative stays so, for every update is a product."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import Array, At, at_least, floor_of
from ...parameters import param
from ..forward.base import Forward
from ..metrics.errors import divergence
from ..penalties.base import NoPenalty, Penalty
from ..penalties.total_variation import TotalVariation
from .base import ALGORITHMS, Memoryless, Volumes


@ALGORITHMS.register("richardson-lucy", "Richardson–Lucy")
@dataclass(frozen=True)
class RichardsonLucy(Memoryless):
    """Maximum-likelihood estimate under Poisson noise: the textbook update.

        x ← x · Hᵀ( y / (Hx + b) ) / ( Hᵀ1 · (1 + ∇penalty(x)) )

    Never negative; keeps the number of photons; noise grows with the number of iterations, so stop early or add a
    penalty, which enters one step late (Green 1990, doi:10.1109/42.52985). Where the gradient of a penalty comes in two
    parts that are never negative, ∇penalty = lowering − raising, the update is x · ( Hᵀ( ... ) / Hᵀ1 + raising ) / ( 1
    + lowering ), which bears any weight (Lantéri, Roche & Aime 2002, doi:10.1088/0266-5611/18/5/313). It makes the
    I-divergence between y and Hx + b small.

    Source: Richardson 1972, doi:10.1364/JOSA.62.000055; Lucy 1974, doi:10.1086/111605.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "richardson-lucy", iterations=50)
    >>> bool(result.image[6, 6] > 3 * h.max())
    True
    """

    family = "multiplicative"
    use = "following a paper, or a chosen number of iterations; flat regions with total variation"
    needs_counts = True
    positive = True
    monotone = True

    penalty: Penalty = param(NoPenalty(), "Penalty added to the misfit", label="Penalty")

    @property
    def needs_gain(self) -> bool:
        return self.penalty.in_electrons

    def plain_iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        one_step_late(self.penalty, H)
        weight, background, tiny = H.weight, np.float32(H.background), np.float32(floor_of(y))
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

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(self.penalty.volumes(shape, prox=False)),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return divergence(y, H.forward(x) + H.background) + self.penalty.of_counts(H.gain).value(x, H.spacing)


ALGORITHMS.alias(
    "richardson-lucy-total-variation", RichardsonLucy(penalty=TotalVariation()), "Richardson–Lucy with total variation"
)


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
            f"weight = {weight:g}: for {penalty.name} in this iteration it must be below {limit:.4g} on this image, "
            "else the estimate "
            "could turn negative; choose a smaller weight, or the algorithm primal-dual, which allows any."
        )
