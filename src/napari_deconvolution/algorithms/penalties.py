"""Penalties: what is held small beside the misfit. Frozen; the algorithm owns their buffers."""

from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from ..parameters import Parameters, Registry, param


class Penalty(Parameters):
    """What every penalty is: a value and its gradient. `spacing` is the size of a voxel relative to the lateral pixel."""

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        """The penalty of an estimate."""
        raise NotImplementedError

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        """Its derivative by every voxel, stored in `out` if given."""
        raise NotImplementedError


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


@PENALTIES.register("total-variation")
@dataclass(frozen=True)
class TotalVariation(Penalty):
    """Total variation: flat regions with sharp borders.

        weight · Σ √( |∇x|² + ε² ),    gradient  −weight · div( ∇x / √(|∇x|² + ε²) )

    ∇ takes forward differences divided by the spacing, and div is its negative adjoint; ε = 10⁻³ of the mean estimate.
    Below 1 / (d + √d) (0.21 in 3-D) the one-step-late update of Richardson–Lucy stays positive.

    Source: Rudin, Osher & Fatemi 1992, doi:10.1016/0167-2789(92)90242-F; with Richardson–Lucy, Dey et al. 2006,
    doi:10.1002/jemt.20294.

    >>> import numpy as np
    >>> step = np.repeat(np.float32([[0, 1]]), 4, axis=1).repeat(4, axis=0)
    >>> round(TotalVariation(weight=0.1).value(step, (1.0, 1.0)), 2)
    0.4
    """

    weight: float = param(0.002, "How strong, against the misfit", low=0, high=0.2)

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
            _differences(plane, inverse[1:], flux[1:])
            norm.fill(soft)
            for f in flux:
                norm += np.multiply(f, f, out=part)
            np.divide(weight, np.sqrt(norm, out=norm), out=norm)
            for f, scale in zip(flux, inverse, strict=True):
                f *= norm
                f *= scale
            slope[k] -= flux[0]
            _subtract_divergence(flux[1:], slope[k])
        return slope

    def _softness(self, x: Array) -> float:
        return 1e-3 * float(x.mean(dtype=np.float64)) or 1e-12


def _differences(x: Array, inverse: list[np.float32], out: Array) -> None:
    """Forward differences along every axis, zero at the end."""
    for axis, scale in enumerate(inverse):
        a, o = x.swapaxes(0, axis), out[axis].swapaxes(0, axis)
        np.subtract(a[1:], a[:-1], out=o[:-1])
        o[:-1] *= scale
        o[-1] = 0


def _subtract_divergence(flux: Array, out: Array) -> None:
    """Add ∇ᵀ flux to out, the adjoint of the forward differences without their scale."""
    for axis in range(len(flux)):
        q, o = flux[axis].swapaxes(0, axis)[:-1], out.swapaxes(0, axis)
        o[1:] += q
        o[:-1] -= q
