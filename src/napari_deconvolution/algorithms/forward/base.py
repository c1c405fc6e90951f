"""What every forward model is."""

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np

from ...arrays import ALONE, Array, At, Workers

Piecewise = Callable[[Array, At], Array]
Store = Callable[[Array, At], None]


class Forward:
    """What every forward model is: all that an algorithm may know of the microscope.

    A model of one's own says its `shape`, and how it goes `forward` and back (`adjoint`); all else has a usual value.
    """

    shape: tuple[int, ...]
    """Of the estimate."""
    diagonal: bool = False
    """It multiplies frequencies, on one periodic grid: it then has all that `Spectral` has."""
    background: float = 0.0
    """What is added to Hx: light that does not come from the specimen."""
    gain: float = 1.0
    """Electrons per count of the data, for what deals with single ones."""
    workers: Workers = ALONE
    """Who shares out passes over whole arrays."""

    @cached_property
    def data_shape(self) -> tuple[int, ...]:
        """Of the data; that of the estimate, unless the model says another."""
        return self.shape

    @property
    def given_shape(self) -> tuple[int, ...]:
        """Of the data before `place`."""
        return self.data_shape

    @cached_property
    def inside(self) -> tuple[slice, ...]:
        """Where the data lie in the estimate; all of it, unless the model says otherwise."""
        return tuple(slice(0, n) for n in self.shape)

    @cached_property
    def spacing(self) -> tuple[float, ...]:
        """Size of a voxel relative to the lateral pixel, for penalties; 1 along all axes, unless the model says
        otherwise.
        """
        return (1.0,) * len(self.shape)

    @property
    def samples(self) -> int:
        """How many data count."""
        return math.prod(self.data_shape)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        """Hx, float32: in `out` if that is given, else in a new array."""
        raise NotImplementedError

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        """Hᵀy, float32: in `out` if that is given, else in a new array."""
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

    def power(self, shape: tuple[int, ...]) -> Array | None:
        """|OTF|² on the half spectrum of data of this shape, 1 at its maximum, averaged where it varies; None: unknown.

        No algorithm asks for it; the stop by held-out photons does, and the measurement of noise.
        """
        return None

    def release(self) -> None:
        """Let go of the weight, to make room; it is made again when it is asked for."""
        self.__dict__.pop("weight", None)


class Wrapped(Forward):
    """A model around another: on the same grids, and with the same numbers."""

    def __init__(self, H: Forward) -> None:
        self.H = H
        self.shape, self.data_shape, self.inside, self.spacing = H.shape, H.data_shape, H.inside, H.spacing
        self.background, self.gain, self.workers = H.background, H.gain, H.workers

    @property
    def samples(self) -> int:
        return self.H.samples

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return self.H.forward(x, out)

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        return self.H.adjoint(y, out)

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        self.H.through(x, between, after)

    def place(self, y: Array) -> Array:
        return self.H.place(y)
