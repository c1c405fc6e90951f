"""Sparsity in wavelets."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...arrays import Array
from ...parameters import param
from .base import PENALTIES, Penalty
from .dual_prox import dual_prox
from .intensity import soft_threshold
from .wavelet_transform import approximation, decompose, recompose


@PENALTIES.register("wavelet-l1", "Wavelet L1")
@dataclass(frozen=True)
class WaveletL1(Penalty):
    """Sum of absolute wavelet details: few edges or textures at few scales; the approximation is free.

        weight · Σ |details(x)|,    prox, decimated and unbounded: x ← W⁻¹( soft threshold( W x, step · weight ) )

    Undecimated, nothing depends on where the grid lies and blocks do not show, at 3 volumes a level in 2-D and 7 in
    3-D; then, and where the estimate may not be negative, the proximal step takes iterations of its own. The gradient
    takes √(c² + ε²) for |c|, with ε = 10⁻³ of the mean estimate.

    Source: Donoho & Johnstone 1994, doi:10.1093/biomet/81.3.425; in deconvolution, Figueiredo & Nowak 2003,
    doi:10.1109/TIP.2003.814255.

    >>> import numpy as np
    >>> x = np.float32([[5, 3], [5, 3]])
    >>> round(WaveletL1(weight=1, levels=1).value(x, (1.0, 1.0)), 3)
    2.0
    """

    weight: float = param(
        0.01, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=100
    )
    wavelet: Literal["haar", "b-spline"] = param(
        "haar",
        "Haar for blocks and edges, b-spline (cubic) for smooth specimens",
        label="Wavelet",
        importance="advanced",
        choices={"b-spline": "Cubic B-spline"},
    )
    levels: int = param(
        3,
        "Number of scales, each twice as coarse as the one before",
        label="Wavelet scales",
        importance="advanced",
        low=1,
        high=12,
    )
    decimated: bool = param(
        True,
        "Fast and small; undecimated shows no blocks, and a quarter of the weight is enough",
        label="Decimated transform",
        importance="advanced",
    )

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        return self.weight * float(np.abs(self._details(x)).sum(dtype=np.float64))

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        details, soft = self._details(x), np.float32((1e-3 * float(x.mean(dtype=np.float64)) or 1e-12) ** 2)
        details /= np.sqrt(details * details + soft)
        slope = self._inverse(details)
        slope *= np.float32(self.weight)
        if out is None:
            return slope
        out[...] = slope
        return out

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        if self.decimated and not positive:
            coefficients = decompose(x, self.wavelet, self.levels, True)
            coarse = coefficients[approximation(x.shape, self.levels, True)]
            unchanged = coarse.copy()
            soft_threshold(coefficients, step * self.weight)
            coarse[...] = unchanged
            x[...] = self._inverse(coefficients)
            return kept

        def project(p: Array) -> None:
            np.clip(p, -1, 1, out=p)

        return dual_prox(
            x, step * self.weight, self._details, self._inverse, project, bound=1.0, positive=positive, kept=kept
        )

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        if self.decimated:
            return {"haar": (4, 6), "b-spline": (12, 13)}[self.wavelet][prox]
        split = 2 ** len(shape)
        return (6 if prox else 3) * (self.levels * (split - 1) + 1) + split + 2

    def _details(self, x: Array) -> Array:
        coefficients = decompose(x, self.wavelet, self.levels, self.decimated)
        coefficients[approximation(x.shape, self.levels, self.decimated)] = 0
        return coefficients

    def _inverse(self, coefficients: Array) -> Array:
        return recompose(coefficients, self.wavelet, self.levels, self.decimated)
