"""Total variation of the square root: the penalty that suits every specimen and every brightness."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import ALONE, Array, Workers, at_least
from ...parameters import param
from .base import PENALTIES, Penalty
from .good_roughness import cubic

BUNDLE = 1 << 16
"""Voxels of the rows that are worked on at once: all that is needed of them stays in the cache. Found by trying."""

TINY = 1e-6
"""The least estimate whose root is told from none, over the square of the softness."""


@PENALTIES.register("root-total-variation", "Total variation of the square root")
@dataclass(frozen=True)
class RootTotalVariation(Penalty):
    """Total variation of the square root of the electrons: keeps edges, and smooths dim and bright parts as their noise
    asks for.

        weight · Σ ( √( |∇r|² + ε² ) − ε ),    r = √x in electrons,
        gradient  −weight / 2r · div( ∇r / √( |∇r|² + ε² ) )

    Photon noise is the same everywhere in the square root of a count, so that one weight suits all brightnesses: 0.2 to
    0.8 in stacks, twice that in single planes. For that, numbers that are not electrons need the gain, see `of_counts`;
    within a factor of four it hardly matters. ∇ takes forward differences divided by the spacing. Never negative.

    Richardson–Lucy takes its gradient in two parts that are never negative, see `parts`: its update then stays positive
    at any weight and does not swing, which one step late it would from weights of about ε/2 on.

    Source: total variation, Rudin, Osher & Fatemi 1992, doi:10.1016/0167-2789(92)90242-F; the root that makes photon
    noise even, Anscombe 1948, doi:10.1093/biomet/35.3-4.246; the gradient in two parts, Lantéri, Roche & Aime 2002,
    doi:10.1088/0266-5611/18/5/313; the separable bound of the proximal step, De Pierro 1995, doi:10.1109/42.370409. All
    of them together, ε and weight: this project, docs/stopping.md.

    >>> import numpy as np
    >>> step = np.float32([[4, 9], [4, 9]])
    >>> round(RootTotalVariation(weight=0.1, softness=1e-6).value(step, (1.0, 1.0)), 4)
    0.2
    """

    in_electrons = True

    weight: float = param(
        0.4, "Weight of the penalty against the misfit", label="Regularization weight", low=0, high=1e6
    )
    softness: float = param(
        0.5,
        "Differences of the root below it are smoothed, those above it kept as edges: ε",
        label="Smallest edge",
        importance="advanced",
        low=1e-30,
        high=1e6,
        unit="√electron",
    )

    def of_counts(self, gain: float) -> "RootTotalVariation":
        return self.replace(weight=self.weight / math.sqrt(gain), softness=self.softness / math.sqrt(gain))

    def value(self, x: Array, spacing: tuple[float, ...]) -> float:
        root = np.sqrt(np.maximum(x, 0, dtype=np.float64))
        norm = np.full(x.shape, self.softness**2)
        for axis, step in enumerate(spacing):
            norm += np.square(np.diff(root, axis=axis, append=np.take(root, [-1], axis)) / step)
        return self.weight * float((np.sqrt(norm) - self.softness).sum())

    def gradient(self, x: Array, spacing: tuple[float, ...], out: Array | None = None) -> Array:
        lowering, raising = self.parts(x, spacing)
        return np.subtract(lowering, raising, out=out)

    def parts(
        self, x: Array, spacing: tuple[float, ...], out: tuple[Array, Array] | None = None, workers: Workers = ALONE
    ) -> tuple[Array, Array]:
        # With q = weight / √(|∇r|² + ε²) of the voxel where a link starts, over the squared spacing, and j its
        # neighbours: lowering = Σ q / 2, raising = Σ q r_j / 2r.
        lowering, raising = out or (np.empty_like(x), np.empty_like(x))
        stack, lower, higher = (a if a.ndim == 3 else a[None] for a in (x, lowering, raising))
        planes, rows, columns = stack.shape
        across, down, along = (np.float32(step**-2) for step in (spacing if planes > 1 else (math.inf, *spacing[-2:])))
        soft, half = np.float32(self.softness**2), np.float32(self.weight / 2)
        links, tiny = across + down + along, TINY * self.softness**2

        def bundle(at: slice) -> None:
            # Through all planes, with the row before them, whose links lead here, and the row after them. Where there
            # is none, the last one again: a link of a voxel to itself changes nothing.
            first, stop = max(at.start - 1, 0), min(at.stop + 1, rows)
            n, own = at.stop - first, at.start - first
            here, after = workers.scratch((2, n + 1, columns), np.float32)
            q, pull, aim, step, q_before, pull_before = workers.scratch((6, n, columns), np.float32)

            def root(k: int, to: Array) -> None:
                near = to[: stop - first]
                np.sqrt(at_least(stack[k, first:stop], tiny, out=near), out=near)
                to[stop - first :] = near[-1]

            def link(scale: np.float32) -> None:
                np.multiply(step, scale, out=pull)
                np.add(aim, pull, out=aim)
                np.multiply(pull, step, out=pull)
                np.add(q, pull, out=q)

            root(0, here)
            q_before[:] = pull_before[:] = 0
            for k in range(planes):
                r, lowered, raised = here[:n], lower[k, at], higher[k, at]
                q[:] = soft
                np.multiply(r, links, out=aim)
                if k + 1 < planes:
                    root(k + 1, after)
                    np.subtract(after[:n], r, out=step)
                    link(across)
                np.subtract(here[1:], r, out=step)
                link(down)
                np.subtract(r[:, 1:], r[:, :-1], out=step[:, :-1])
                step[:, -1] = 0
                link(along)
                np.divide(half, np.sqrt(q, out=q), out=q)
                np.multiply(q, r, out=pull)
                aim *= q
                np.multiply(q[own:], links, out=lowered)
                raised[:] = aim[own:]
                for sums, part, before in ((lowered, q, q_before), (raised, pull, pull_before)):
                    sums += before[own:]
                    np.multiply(part, across, out=before)
                    sums[:, 1:] += part[own:, :-1] if along == 1 else along * part[own:, :-1]
                    sums[1 - own :] += part[: n - 1] if down == 1 else down * part[: n - 1]
                raised /= r[own:]
                here, after = after, here

        workers.each(rows, max(1, BUNDLE // columns), bundle)
        return lowering, raising

    def prox(self, x: Array, step: float, spacing: tuple[float, ...], positive: bool = False, kept: Any = None) -> Any:
        # √(n) lies below its tangent in n, which makes the penalty a sum over links of q (r_i − r_j)² / 2, and (r_i −
        # r_j)² ≤ 2 (r_i − m)² + 2 (r_j − m)² with m the mean of both as they are: then every voxel stands alone, and
        # its minimum is the only positive root of r³ + p r − q.
        if self.weight == 0:
            np.maximum(x, 0, out=x)
            return kept
        root = np.sqrt(np.maximum(x, 1e-6 * max(float(x.max()), 1e-30))) if kept is None else kept
        for _ in range(5):
            lowering, raising = self.parts(np.square(root), spacing)
            raising += lowering
            raising *= root
            root = cubic(np.float32(2 * step) * lowering - x, np.float32(step) * raising)
        np.square(root, out=x)
        return root

    def volumes(self, shape: tuple[int, ...], prox: bool) -> float:
        return 11 if prox else 2 + 8 / (shape[0] if len(shape) == 3 else 1)
