"""What every forward model is."""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from ...arrays import ALONE, Array, At, Workers

Piecewise = Callable[[Array, At], Array]


Store = Callable[[Array, At], None]


class Forward:
    """What every forward model is."""

    shape: tuple[int, ...]
    """Of the estimate."""
    data_shape: tuple[int, ...]
    """Of the data."""
    inside: tuple[slice, ...]
    """Where the data lie in the estimate."""
    background: float = 0.0
    """What is added to Hx: light that does not come from the specimen."""
    gain: float = 1.0
    """Electrons per count of the data, for what deals with single ones."""
    spacing: tuple[float, ...]
    """Size of a voxel relative to the lateral pixel, for penalties."""
    workers: Workers = ALONE
    """Who shares out passes over whole arrays."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        """Hx."""
        raise NotImplementedError

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        """Hᵀy."""
        raise NotImplementedError

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        """after(Hᵀ between(Hx)), voxel by voxel."""
        after(self.adjoint(between(self.forward(x), ...)), ...)

    def place(self, y: Array) -> Array:
        """The data as this model takes them: unchanged, unless it works on a grid of its own."""
        return y

    @cached_property
    def weight(self) -> Array:
        """Hᵀ1, kept above the rounding noise of its computation so that one may divide by it."""
        weight = self.adjoint(np.broadcast_to(np.float32(1), self.data_shape))
        return np.maximum(weight, 1e-6 * weight.max(), out=weight)
