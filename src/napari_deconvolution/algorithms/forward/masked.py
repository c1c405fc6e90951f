"""A forward model for data of which some voxels are left out."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, At
from .base import Forward, Piecewise, Store, Wrapped

Mask = NDArray[np.bool_]


class Masked(Wrapped):
    """H for data of which some are left out: both Hx and what goes back through Hᵀ are zero there, and so is their part
    of Hᵀ1.

    >>> import numpy as np
    >>> from napari_deconvolution.algorithms.forward.blur import Blur
    >>> mask = np.zeros((8, 8), bool)
    >>> mask[2, 3] = True
    >>> H = Masked(Blur(np.ones((1, 1), np.float32), (8, 8)), mask)
    >>> float(H.forward(np.ones(H.shape, np.float32)).sum().round(3))
    63.0
    """

    def __init__(self, H: Forward, mask: Mask) -> None:
        super().__init__(H)
        self.mask = mask

    @cached_property
    def samples(self) -> int:
        return self.H.samples - int(self.mask.sum())

    def place(self, y: Array) -> Array:
        """The data, with the background where they are left out: nothing is missed there. Done in place."""
        data = self.H.place(y)
        data[self.mask] = self.background
        return data

    def forward(self, x: Array, out: Array | None = None) -> Array:
        blurred = self.H.forward(x, out)
        blurred[self.mask] = 0
        return blurred

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        return self.H.adjoint(np.where(self.mask, np.float32(0), y), out)

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        def kept(blurred: Array, at: At) -> Array:
            out = self.mask[at]
            blurred[out] = 0
            back = between(blurred, at)
            back[out] = 0
            return back

        self.H.through(x, kept, after)
