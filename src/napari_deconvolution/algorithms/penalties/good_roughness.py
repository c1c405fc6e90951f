"""Good's roughness: the penalty that suits specimens without known structure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import Array
from ...parameters import param
from .base import PENALTIES, Penalty
from .differences import add_laplacian


@PENALTIES.register("good-roughness", "Good's roughness")
@dataclass(frozen=True)
class GoodRoughness(Penalty):
    """Good's roughness: smooths what is dim more than what is bright, as photon noise asks for. The best choice in 3-D.

        4 · weight · Σ |∇√x|²,    gradient  −4 · weight · Δ√x / √x,  held between −0.5 and 20

    ∇ takes forward differences divided by the spacing, Δ is its negative square; the light does not flow out at the
    edges. The gradient is held within bounds because the one-step-late update of Richardson–Lucy divides by 1 plus it.
    Never negative.

    Source: Good & Gaskins 1971, doi:10.1093/biomet/58.2.255; in fluorescence microscopy, Verveer, Gemkow & Jovin 1999,
    doi:10.1046/j.1365-2818.1999.00421.x; the separable bound of the proximal step, De Pierro 1995,
    doi:10.1109/42.370409.

    >>> import numpy as np
    >>> GoodRoughness(weight=0.1).value(np.float32([[1, 4], [1, 4]]), (1.0, 1.0))
    0.8
    """

    weight: float = param(
        0.01, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=100
    )

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        root = np.sqrt(np.maximum(x, 0, dtype=np.float64))
        sums = [np.square(np.diff(root, axis=axis)).sum() / step**2 for axis, step in enumerate(spacing)]
        return 4 * self.weight * float(sum(sums))

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        slope = np.empty_like(x) if out is None else out
        tiny = np.float32(1e-12 * float(x.mean(dtype=np.float64)) or 1e-30)
        before, here, after = (np.empty_like(x[0]) for _ in range(3))
        across = np.float32(1 / spacing[0] ** 2)
        np.sqrt(np.maximum(x[0], tiny, out=here), out=here)
        for k in range(len(x)):
            slope[k] = 0
            if k + 1 < len(x):
                np.sqrt(np.maximum(x[k + 1], tiny, out=after), out=after)
                slope[k] += after - here
            if k:
                slope[k] += before - here
            slope[k] *= across
            add_laplacian(here, spacing[1:], slope[k])
            slope[k] /= here
            slope[k] *= np.float32(-4 * self.weight)
            before, here, after = here, after, before
        return np.clip(slope, -0.5, 20, out=slope)

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        # (r_i − r_j)² ≤ 2 (r_i − m)² + 2 (r_j − m)² with m the mean of both as they are, r = √u: then every voxel
        # stands alone, and its minimum is the only positive root of r³ + p r − q.
        strength = np.float32(8 * step * self.weight)
        if strength == 0:
            np.maximum(x, 0, out=x)
            return kept
        links = np.zeros_like(x)
        for axis, size in enumerate(spacing):
            line = links.swapaxes(0, axis)
            line[1:] += np.float32(1 / size**2)
            line[:-1] += np.float32(1 / size**2)
        p = strength * links - x
        root = np.sqrt(np.maximum(x, 1e-6 * max(float(x.max()), 1e-30))) if kept is None else kept
        for _ in range(5):
            q = 2 * links * root
            add_laplacian(root, spacing, q)
            q *= strength / 2
            root = cubic(p, q)
        np.square(root, out=x)
        return root

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 10 if prox else 1 + 7 / shape[0]


def cubic(p: Array, q: Array) -> Array:
    """The positive root of r³ + p r = q, for q ≥ 0, by Newton's method from above."""
    root = np.sqrt(np.maximum(-p, 0)) + np.cbrt(q)
    for _ in range(8):
        square = root * root
        root = (2 * root * square + q) / np.maximum(3 * square + p, np.float32(1e-30))
    return root
