"""Penalties: what is held small beside the misfit. Frozen; the algorithm owns their buffers.

Every penalty grows in proportion to the estimate, so that its weight has no unit: it is weighed against the I-divergence of counts, or
against ‖y − Hx − b‖² / 2 over the mean of y, which is about the same where counts are many.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import ALONE, Array, Workers
from ..parameters import Parameters, Registry, param
from .dual import dual_prox


class Penalty(Parameters):
    """What every penalty is. `spacing` is the size of a voxel relative to the lateral pixel."""

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        """The penalty of an estimate."""
        raise NotImplementedError

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        """Its derivative by every voxel, stored in `out` if given."""
        raise NotImplementedError

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        """Move x, in place, to the minimum of ‖u − x‖² / 2 + step · penalty(u), over u ≥ 0 if `positive`.

        Where that takes updates of its own, it does some of them; what it returns, given as `kept`, lets the next call go on.
        """
        raise NotImplementedError

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        """Arrays of this shape that the proximal step, or the gradient, takes at its peak beside the estimate, with what it keeps."""
        raise NotImplementedError

    def of_counts(self, gain: float) -> "Penalty":
        """The same penalty for numbers of which each stands for `gain` electrons: itself, where its weight has no unit."""
        return self

    def parts(
        self, x: Array, spacing: tuple[float, ...], out: tuple[Array, Array] | None = None, workers: Workers = ALONE
    ) -> tuple[Array, Array] | None:
        """What lowers and what raises every voxel, neither ever negative, whose difference is the gradient; None where it is not split."""
        return None

    def late_limit(self, shape: tuple[int, ...], spacing: tuple[float, ...]) -> float:
        """The weight from which on the one-step-late update of Richardson–Lucy could turn negative."""
        return math.inf


PENALTIES: Registry[Penalty] = Registry(Penalty, "penalty")


@PENALTIES.register("none")
@dataclass(frozen=True)
class NoPenalty(Penalty):
    """No penalty: the likelihood alone.

    Source: none needed; the maximum-likelihood estimate, Richardson 1972, doi:10.1364/JOSA.62.000055.

    >>> import numpy as np
    >>> NoPenalty().value(np.ones((4, 4), np.float32), (1.0, 1.0))
    0.0
    """

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        return 0.0

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        return np.broadcast_to(np.float32(0), x.shape) if out is None else out

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        if positive:
            np.maximum(x, 0, out=x)
        return kept

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 0


@PENALTIES.register("total-variation")
@dataclass(frozen=True)
class TotalVariation(Penalty):
    """Total variation: flat regions with sharp borders.

        weight · Σ √( |∇x|² + ε² ),    gradient  −weight · div( ∇x / √(|∇x|² + ε²) )

    ∇ takes forward differences divided by the spacing, and div is its negative adjoint; ε = 10⁻³ of the mean estimate, and 0 in the
    proximal step. With Richardson–Lucy, weights from 1 / (d + √d) on (0.21 in 3-D) are refused: the one-step-late update could turn
    negative.

    Source: Rudin, Osher & Fatemi 1992, doi:10.1016/0167-2789(92)90242-F; with Richardson–Lucy, Dey et al. 2006,
    doi:10.1002/jemt.20294; proximal step, Beck & Teboulle 2009, doi:10.1109/TIP.2009.2028250.

    >>> import numpy as np
    >>> step = np.repeat(np.float32([[0, 1]]), 4, axis=1).repeat(4, axis=0)
    >>> round(TotalVariation(weight=0.1).value(step, (1.0, 1.0)), 2)
    0.4
    """

    weight: float = param(0.002, "How strong, against the misfit", low=0, high=100)

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


def differences(x: Array, spacing: Sequence[float], out: Array) -> Array:
    """∇x: forward differences along every axis over the spacing, zero at the end."""
    for axis, step in enumerate(spacing):
        a, o = x.swapaxes(0, axis), out[axis].swapaxes(0, axis)
        np.subtract(a[1:], a[:-1], out=o[:-1])
        o[:-1] *= np.float32(1 / step)
        o[-1] = 0
    return out


def add_differences_adjoint(flux: Array, spacing: Sequence[float], out: Array) -> Array:
    """Add ∇ᵀ flux, the negative divergence, to out."""
    for axis, step in enumerate(spacing):
        q, o = flux[axis].swapaxes(0, axis)[:-1], out.swapaxes(0, axis)
        if step != 1:
            q = q * np.float32(1 / step)
        o[1:] += q
        o[:-1] -= q
    return out
