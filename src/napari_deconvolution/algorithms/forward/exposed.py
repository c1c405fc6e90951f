"""A forward model for a stack whose planes got different amounts of light."""

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, At
from .base import Forward, Piecewise, Store, Wrapped


class Exposed(Wrapped):
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
        super().__init__(H)
        self.factors = factors.astype(np.float32).reshape(-1, 1, 1)

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
