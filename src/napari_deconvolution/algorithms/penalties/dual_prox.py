"""Proximal steps of penalties Σ‖(Lx)_i‖, L a linear operator: total variation, Hessian–Schatten, wavelets under
constraints.
"""

import math
from collections.abc import Callable

import numpy as np

from ...arrays import Array

Operator = Callable[[Array], Array]


def dual_prox(
    x: Array,
    weight: float,
    analyse: Operator,
    adjoint: Operator,
    project: Callable[[Array], None],
    *,
    bound: float,
    positive: bool,
    kept: Array | None,
    turns: int = 5,
) -> Array | None:
    """Move x, in place, to the minimum of ‖u − x‖² / 2 + weight · Σ‖(Lu)_i‖, over u ≥ 0 if `positive`.

    By fast gradient projection on the dual variables p, one for each value of Lu:

        p ← Π( q + L u(q) / (weight · bound) ),    u(q) = x − weight · Lᵀq, not below 0 if positive

    Parameters
    ----------
    analyse, adjoint
        L and Lᵀ.
    project
        Π: moves p, in place, to the unit ball of the dual norm.
    bound
        At least ‖L‖².
    kept
        What the last call returned: where to go on from.

    Returns
    -------
    p
        Or None where there is no weight.

    Source: Beck & Teboulle 2009, doi:10.1109/TIP.2009.2028250.
    """
    if weight == 0:
        if positive:
            np.maximum(x, 0, out=x)
        return kept

    def primal(dual: Array) -> Array:
        u = adjoint(dual)
        u *= np.float32(-weight)
        u += x
        return np.maximum(u, 0, out=u) if positive else u

    p = analyse(np.zeros_like(x)) if kept is None else kept
    q, pace = p.copy(), 1.0
    for _ in range(turns):
        slope = analyse(primal(q))
        slope *= np.float32(1 / (weight * bound))
        q += slope
        project(q)
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead, pace = (pace - 1) / faster, faster
        p *= np.float32(-ahead)
        np.multiply(q, np.float32(1 + ahead), out=slope)
        p += slope
        p, q = q, p
    x[...] = primal(p)
    return p
