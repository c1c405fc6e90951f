"""What the least-squares methods share: the objective, a safe step, and the roughness that they penalise."""

import math

import numpy as np

from ...arrays import Array, At, inner
from ..forward.base import Forward, Piecewise
from ..penalties.differences import add_laplacian
from .base import Volumes

SAFE_STEP = Volumes(0, 1)
"""What `safe_step` takes, of PSFs without negative values; the zeros around its point take no room."""


def safe_step(H: Forward) -> np.float32:
    """1 / L with L ≥ ‖H‖²: a step with which a gradient descent on ‖Hx − y‖² / 2 cannot diverge.

    Where H has no negative entries L is max H1 · max Hᵀ1, which is never too small (Schur). Else, as with measured
    PSFs, it is a tenth more than what 15 power iterations find.
    """
    point = np.zeros(H.shape, np.float32)
    point[tuple(n // 2 for n in H.shape)] = 1
    spread = H.forward(point)
    lowest, highest = float(spread.min()), float(spread.max())
    del point, spread
    if lowest >= -1e-6 * highest:
        return np.float32(1 / (float(H.forward(np.broadcast_to(np.float32(1), H.shape)).max()) * float(H.weight.max())))
    x, norm = np.random.default_rng(0).standard_normal(H.shape, np.float32), 1.0
    for _ in range(15):
        x = H.adjoint(H.forward(x / np.float32(norm)))
        norm = math.sqrt(inner(x, x))
    return np.float32(1 / (1.1 * norm))


def residual(y: Array, H: Forward) -> Piecewise:
    """Hx + b − y, piece by piece, as `through` takes it."""
    background = np.float32(H.background)

    def piece(blurred: Array, at: At) -> Array:
        blurred += background
        blurred -= y[at]
        return blurred

    return piece


def squares(x: Array, y: Array, H: Forward) -> float:
    """‖Hx + b − y‖²."""
    misfit = H.forward(x) + np.float32(H.background)
    misfit -= y
    return inner(misfit, misfit)


def bending(x: Array, spacing: tuple[float, ...]) -> Array:
    """Lx, the Laplacian in physical proportions; nothing flows out at the edges."""
    return add_laplacian(x, spacing, np.zeros_like(x))


def bending_bound(H: Forward) -> float:
    """At least ‖L‖²."""
    return (4 * sum(1 / s**2 for n, s in zip(H.shape, H.spacing, strict=True) if n > 1)) ** 2
