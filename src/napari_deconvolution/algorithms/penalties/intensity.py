"""Penalties on the intensity of voxels, one by one: they know no neighbours."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from ...arrays import Array, chunks, inner
from ...parameters import param
from .base import PENALTIES, Penalty


@PENALTIES.register("l1")
@dataclass(frozen=True)
class L1(Penalty):
    """Sum of absolute intensities: darkness with few bright points, for beads and single molecules.

        weight · Σ |x|,    prox: x moves towards 0 by step · weight, not beyond

    Source: Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x.

    >>> import numpy as np
    >>> x = np.float32([[3, -3, 0.5]])
    >>> L1(weight=1).prox(x, 1.0, (1.0, 1.0))
    >>> x.tolist()
    [[2.0, -2.0, 0.0]]
    """

    weight: float = param(
        0.01, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=100
    )

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        return self.weight * float(np.abs(x).sum(dtype=np.float64))

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        slope = np.sign(x, out=out)
        slope *= np.float32(self.weight)
        return slope

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        soft_threshold(x, step * self.weight)
        if positive:
            np.maximum(x, 0, out=x)
        return kept

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 0 if prox else 1


@PENALTIES.register("tikhonov")
@dataclass(frozen=True)
class TikhonovPenalty(Penalty):
    """Root of the sum of squares: holds bright peaks down.

        weight · √(N · Σ x²),    gradient  weight · x / rms(x)

    The root, so that the weight has no unit: to every weight belongs one of the usual Σ x² that gives the same
    estimate.

    Source: Tikhonov & Arsenin 1977; Engl, Hanke & Neubauer 1996, doi:10.1007/978-94-009-1740-8; with Richardson–Lucy,
    Conchello & McNally 1996, doi:10.1117/12.237477.

    >>> import numpy as np
    >>> TikhonovPenalty(weight=0.5).value(np.full((2, 2), 3, np.float32), (1.0, 1.0))
    6.0
    """

    weight: float = param(
        0.01, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=100
    )

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        return self.weight * math.sqrt(x.size * inner(x, x))

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        rms = math.sqrt(inner(x, x) / x.size) or 1.0
        return np.multiply(x, np.float32(self.weight / rms), out=out)

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        if positive:
            np.maximum(x, 0, out=x)
        norm = math.sqrt(inner(x, x))
        x *= np.float32(max(0.0, 1 - step * self.weight * math.sqrt(x.size) / norm) if norm else 0.0)
        return kept

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 0 if prox else 1


@PENALTIES.register("entropy")
@dataclass(frozen=True)
class Entropy(Penalty):
    """Negative entropy: as even as the data allow. Never negative.

        weight · Σ x · ln(x / mean(x)),    gradient  weight · ln(x / mean(x))

    Source: Gull & Daniell 1978, doi:10.1038/272686a0.

    >>> import numpy as np
    >>> Entropy(weight=1).value(np.ones((4, 4), np.float32), (1.0, 1.0))
    0.0
    """

    weight: float = param(
        0.01, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=100
    )

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        x = np.maximum(x, 0, dtype=np.float64)
        mean = float(x.mean()) or 1.0
        return self.weight * float((x * np.log(np.maximum(x / mean, 1e-30))).sum())

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        slope = np.empty_like(x) if out is None else out
        scale = np.float32(1 / (float(x.mean(dtype=np.float64)) or 1.0))
        for s, values in chunks(slope, x):
            np.multiply(values, scale, out=s)
            np.log(np.maximum(s, np.float32(1e-12), out=s), out=s)
            s *= np.float32(self.weight)
        return slope

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        # For a given mean m the voxels stand alone: u + step·weight·ln(u / m) = x, solved by Wright's omega. The mean
        # must be that of u.
        strength = step * self.weight
        highest = float(x.max())
        if strength == 0 or highest <= 0:
            np.maximum(x, 0, out=x)
            return kept

        def excess(log_mean: float) -> float:
            return float(_toward(x, strength, log_mean).mean(dtype=np.float64)) / math.exp(log_mean) - 1

        # The excess falls with the mean, which lies below the brightest voxel, and mostly near the one before.
        low, high = math.log(highest) - 30, math.log(highest)
        if kept is not None and excess(kept - 0.02) > 0 > excess(kept + 0.02):
            low, high = kept - 0.02, kept + 0.02
        log_mean = scipy.optimize.brentq(excess, low, high, xtol=1e-5)
        x[...] = _toward(x, strength, log_mean)
        return log_mean

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 6.4 if prox else 1


def soft_threshold(x: Array, by: float) -> None:
    """Move every value towards 0 by `by`, not beyond; in place."""
    for (values,) in chunks(x):
        np.copysign(np.maximum(np.abs(values) - np.float32(by), 0), values, out=values)


def _toward(x: Array, strength: float, log_mean: float) -> Array:
    """Where u + strength · ln(u / mean) = x."""
    return np.float32(strength) * scipy.special.wrightomega(
        x / np.float32(strength) + np.float32(log_mean - math.log(strength))
    )
