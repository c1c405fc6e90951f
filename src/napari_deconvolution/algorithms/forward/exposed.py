"""A forward model for a stack whose planes got different amounts of light."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, At
from .base import Forward, Piecewise, Store


class Exposed(Forward):
    """H for a stack whose planes were lit unevenly: Hx times the factor of each plane, and the same on the way back.

    Parameters
    ----------
    H
        For even light.
    factors
        Of the planes of the data, above 0.

    >>> import numpy as np
    >>> from napari_deconvolution.algorithms.forward.blur import Blur
    >>> H = Exposed(Blur(np.ones((1, 1, 1), np.float32), (2, 4, 4)), np.float32([0.8, 1.2]))
    >>> [round(float(plane.mean()), 3) for plane in H.forward(np.ones(H.shape, np.float32))]
    [0.8, 1.2]
    """

    def __init__(self, H: Forward, factors: NDArray[np.float32]) -> None:
        self.H, self.factors = H, factors.astype(np.float32).reshape(-1, 1, 1)
        self.shape, self.data_shape, self.inside = H.shape, H.data_shape, H.inside
        self.background, self.gain, self.spacing, self.workers = H.background, H.gain, H.spacing, H.workers

    def place(self, y: Array) -> Array:
        return self.H.place(y)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        blurred = self.H.forward(x, out)
        blurred *= self.factors
        return blurred

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        return self.H.adjoint(y * self.factors, out)

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        def lit(blurred: Array, at: At) -> Array:
            factors = self.factors[at[0] if isinstance(at, tuple) else at]
            blurred *= factors
            return np.multiply(between(blurred, at), factors, out=blurred)

        self.H.through(x, lit, after)

    @cached_property
    def weight(self) -> Array:
        weight = self.adjoint(np.ones(self.data_shape, np.float32))
        return np.maximum(weight, 1e-6 * weight.max(), out=weight)
