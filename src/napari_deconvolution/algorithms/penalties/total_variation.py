"""Penalties: what is held small beside the misfit. Frozen; the algorithm owns their buffers.

Every penalty grows in proportion to the estimate, so that its weight has no unit: it is weighed against the
I-divergence of counts, or against ‖y − Hx − b‖² / 2 over the mean of y, which is about the same where counts are many.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import Array
from ...parameters import param
from .base import PENALTIES, Penalty
from .differences import add_differences_adjoint, differences
from .dual_prox import dual_prox


@PENALTIES.register("total-variation")
@dataclass(frozen=True)
class TotalVariation(Penalty):
    """Total variation: flat regions with sharp borders.

        weight · Σ √( |∇x|² + ε² ),    gradient  −weight · div( ∇x / √(|∇x|² + ε²) )

    ∇ takes forward differences divided by the spacing, and div is its negative adjoint; ε = 10⁻³ of the mean estimate,
    and 0 in the proximal step. With Richardson–Lucy, weights from 1 / (d + √d) on (0.21 in 3-D) are refused: the
    one-step-late update could turn negative.

    Source: Rudin, Osher & Fatemi 1992, doi:10.1016/0167-2789(92)90242-F; with Richardson–Lucy, Dey et al. 2006,
    doi:10.1002/jemt.20294; proximal step, Beck & Teboulle 2009, doi:10.1109/TIP.2009.2028250.

    >>> import numpy as np
    >>> step = np.repeat(np.float32([[0, 1]]), 4, axis=1).repeat(4, axis=0)
    >>> round(TotalVariation(weight=0.1).value(step, (1.0, 1.0)), 2)
    0.4
    """

    weight: float = param(
        0.002, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=100
    )

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        norm = np.full(x.shape, self._softness(x) ** 2)
        for axis, step in enumerate(spacing):
            difference = np.diff(x, axis=axis, append=np.take(x, [-1], axis)) / step
            norm += difference.astype(np.float64) ** 2
        return self.weight * float((np.sqrt(norm) - self._softness(x)).sum())

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        # Plane by plane: of the plane before, only its flux along the first axis is needed.
        slope = np.empty_like(x) if out is None else out
        flux = np.zeros((x.ndim, *x.shape[1:]), np.float32)
        norm, part = np.empty_like(x[0]), np.empty_like(x[0])
        soft, weight = np.float32(self._softness(x) ** 2), np.float32(self.weight)
        inverse = [np.float32(1 / step) for step in spacing]
        for k, plane in enumerate(x):
            slope[k] = flux[0]
            if k + 1 < len(x):
                np.subtract(x[k + 1], plane, out=flux[0])
                flux[0] *= inverse[0]
            else:
                flux[0] = 0
            differences(plane, spacing[1:], flux[1:])
            norm.fill(soft)
            for f in flux:
                norm += np.multiply(f, f, out=part)
            np.divide(weight, np.sqrt(norm, out=norm), out=norm)
            flux *= norm
            flux[0] *= inverse[0]
            slope[k] -= flux[0]
            add_differences_adjoint(flux[1:], spacing[1:], slope[k])
        return slope

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        def analyse(u: Array) -> Array:
            return differences(u, spacing, np.empty((u.ndim, *u.shape), np.float32))

        def adjoint(p: Array) -> Array:
            return add_differences_adjoint(p, spacing, np.zeros(p.shape[1:], np.float32))

        def project(p: Array) -> None:
            norm = np.sqrt(np.einsum("i...,i...->...", p, p))
            p /= np.maximum(norm, 1, out=norm)

        bound = 4 * sum(1 / s**2 for n, s in zip(x.shape, spacing, strict=True) if n > 1) or 1.0
        return dual_prox(x, step * self.weight, analyse, adjoint, project, bound=bound, positive=positive, kept=kept)

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 4 * len(shape) + 1 if prox else 1 + 7 / shape[0]

    def late_limit(self, shape: tuple[int, ...], spacing: tuple[float, ...]) -> float:
        inverse = [1 / s for n, s in zip(shape, spacing, strict=True) if n > 1]
        return 1 / (sum(inverse) + math.hypot(*inverse)) if inverse else math.inf

    def _softness(self, x: Array) -> float:
        return 1e-3 * float(x.mean(dtype=np.float64)) or 1e-12
