"""A volume looked at on other voxels: turned, shifted, coarser."""

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array

SMALL = 1e-9
"""Of a voxel: less than this is rounding."""


class _Step(NamedTuple):
    """Axes of the view that depend on some axes of the volume, and on no others."""

    matrix: Any
    """Sparse, from the voxels of a block of the volume to those of the view."""
    volume_axes: tuple[int, ...]
    view_axes: tuple[int, ...]


class CubicSampling:
    """The values of a volume at the voxels of a view, and the transpose of that.

        (S x)(v) = Σ_k x_k Π_a K( p_a − k_a ),   p = A v + t
        K(s) = 1.5|s|³ − 2.5|s|² + 1 below 1, −0.5|s|³ + 2.5|s|² − 4|s| + 2 below 2

    Voxels of the view that lie outside of the volume see nothing. Axes that do not mix are taken one after the other:
    a rotation about one axis takes 16 + 4 of the volume's voxels for each of the view, a stretch 4 + 4 + 4, a whole row
    or column of the transform 64.

    Parameters
    ----------
    transform
        (n + 1, n + 1) or (n, n + 1): from the voxels of the view to those of the volume, in homogeneous coordinates.
    shape, seen
        Of the volume and of the view, n numbers each.

    Notes
    -----
    Source: Keys 1981, doi:10.1109/TASSP.1981.1163711.

    Examples
    --------
    >>> import numpy as np
    >>> half = CubicSampling([[0.5, 0, 0], [0, 1, 0]], (4, 1), (7, 1))
    >>> half.see(np.array([[0], [2], [4], [6]], np.float32))[2:5, 0].tolist()
    [2.0, 3.0, 4.0]
    """

    def __init__(self, transform: ArrayLike, shape: tuple[int, ...], seen: tuple[int, ...]) -> None:
        n = len(shape)
        given = np.asarray(transform, np.float64)
        self.matrix, self.offset, self.shape, self.seen = given[:n, :n], given[:n, n], shape, seen
        self.steps = [self._step(*axes) for axes in self._parts() if not self._is_same(*axes)]

    def see(self, volume: Array) -> Array:
        """S x: the volume on the voxels of the view."""
        return _walked(volume, [(step.matrix, step.volume_axes, step.view_axes) for step in self.steps], self.seen)

    def back(self, view: Array) -> Array:
        """Sᵀ y: what the view has, where the volume would have shown it."""
        return _walked(view, [(step.matrix.T, step.view_axes, step.volume_axes) for step in self.steps], self.shape)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which voxels of the view lie in the volume."""
        return np.isclose(self.see(np.ones(self.shape, np.float32)), 1, atol=1e-3)

    @property
    def nbytes(self) -> int:
        """Of the matrices."""
        return sum(step.matrix.data.nbytes + step.matrix.indices.nbytes for step in self.steps)

    def _parts(self) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Axes of the volume and of the view that depend on each other."""
        n, linked = len(self.shape), abs(self.matrix) > SMALL
        graph = np.zeros((2 * n, 2 * n), bool)
        graph[:n, n:] = linked
        _, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
        axes = [np.flatnonzero(label == k).tolist() for k in sorted(set(label.tolist()))]
        return [(tuple(a for a in some if a < n), tuple(a - n for a in some if a >= n)) for some in axes]

    def _is_same(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> bool:
        """An axis that is as in the volume."""
        if len(rows) > 1 or rows != columns or self.shape[rows[0]] != self.seen[rows[0]]:
            return False
        return abs(self.matrix[rows[0], rows[0]] - 1) < SMALL and abs(self.offset[rows[0]]) < SMALL

    def _step(self, rows: tuple[int, ...], columns: tuple[int, ...]) -> _Step:
        size = [self.seen[k] for k in columns]
        voxels = np.indices(size).reshape(len(columns), -1)
        points = self.matrix[np.ix_(rows, columns)] @ voxels + self.offset[list(rows), None]
        whole = np.floor(points + SMALL).astype(np.int64)
        lengths = np.array([self.shape[k] for k in rows])[:, None]
        outside = ((points < -0.5 - SMALL) | (points > lengths - 0.5 + SMALL)).any(axis=0)
        at, weights = [], []
        for taps in itertools.product(range(-1, 3), repeat=len(rows)):
            place = whole + np.reshape(taps, (-1, 1))
            weight = np.prod(_keys(points - place), axis=0)
            at.append(np.ravel_multi_index(tuple(np.clip(place, 0, lengths - 1)), tuple(lengths[:, 0])))
            weights.append(np.where(outside, 0, weight))
        where = np.tile(np.arange(voxels.shape[1]), len(at))
        values = np.concatenate(weights).astype(np.float32)
        kept = abs(values) > SMALL
        entries = (values[kept], (where[kept], np.concatenate(at)[kept]))
        matrix = scipy.sparse.csr_matrix(entries, (voxels.shape[1], math.prod(lengths[:, 0].tolist())))
        return _Step(matrix, rows, columns)


def _walked(values: Array, steps: list[tuple[Any, tuple[int, ...], tuple[int, ...]]], sizes: tuple[int, ...]) -> Array:
    """Matrices, each along some axes, which become others; axes that none is for stay."""
    moved = {axis for _, old, _ in steps for axis in old}
    known = [(axis not in moved, axis) for axis in range(values.ndim)]  # whether it has arrived, and which it is
    for matrix, old, new in steps:
        first = np.moveaxis(values, [known.index((False, axis)) for axis in old], range(len(old)))
        known = [one for one in known if one not in [(False, axis) for axis in old]] + [(True, axis) for axis in new]
        made = matrix @ np.ascontiguousarray(first).reshape(matrix.shape[1], -1)
        made = made.reshape(*(sizes[axis] for axis in new), *first.shape[len(old) :])
        values = np.moveaxis(made, range(len(new)), range(-len(new), 0))
    return np.ascontiguousarray(values.transpose([known.index((True, axis)) for axis in range(values.ndim)]))


def _keys(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    s = abs(distance)
    near, far = (1.5 * s - 2.5) * s * s + 1, ((-0.5 * s + 2.5) * s - 4) * s + 2
    return np.where(s < 1, near, np.where(s < 2, far, 0))
