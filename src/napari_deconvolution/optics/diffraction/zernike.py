"""Zernike polynomials in the order of Noll."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

NAMES = {
    1: "piston",
    2: "horizontal tilt",
    3: "vertical tilt",
    4: "defocus",
    5: "oblique astigmatism",
    6: "vertical astigmatism",
    7: "vertical coma",
    8: "horizontal coma",
    9: "vertical trefoil",
    10: "oblique trefoil",
    11: "spherical",
    12: "vertical secondary astigmatism",
    13: "oblique secondary astigmatism",
    14: "vertical quadrafoil",
    15: "oblique quadrafoil",
}
"""What the first ones are called, by Noll's index."""


def noll(index: int) -> tuple[int, int]:
    """The radial degree n and the azimuthal frequency m of Noll's index: m > 0 with cos mθ, m < 0 with sin |m|θ.

    Source: Noll 1976, doi:10.1364/JOSA.66.000207.

    >>> [noll(index) for index in (1, 4, 5, 6, 7, 8, 11, 22)]
    [(0, 0), (2, 0), (2, -2), (2, 2), (3, -1), (3, 1), (4, 0), (6, 0)]

    Raises
    ------
    ValueError
        If the index is below 1.
    """
    if index < 1:
        raise ValueError(f"Noll index = {index}: the first polynomial, piston, has the index 1.")
    n = (math.isqrt(8 * index - 7) - 1) // 2
    place = index - n * (n + 1) // 2 - 1
    frequency = place + (place + n) % 2
    return n, frequency if index % 2 == 0 else -frequency


def polynomial(index: int, rho: Array, theta: Array) -> Array:
    """The polynomial of Noll's index, with a root mean square of 1 over the unit disk.

    >>> polynomial(4, np.array([0.0, 1.0]), np.zeros(2)).round(3).tolist()
    [-1.732, 1.732]
    """
    m = noll(index)[1]
    return np.asarray(radial_part(index, rho) * (np.cos(m * theta) if m >= 0 else np.sin(-m * theta)))


def radial_part(index: int, rho: Array) -> Array:
    """Its factor that depends on the radius.

    √(n + 1) R_n^m(ρ), times √2 where m is not 0,   R_n^m(ρ) = ρ^m P_k^{(0, m)}(2ρ² − 1),   k = (n − m) / 2
    """
    n, m = noll(index)
    size = abs(m)
    height = math.sqrt((n + 1) * (2 if size else 1))
    return np.asarray(height * rho**size * scipy.special.eval_jacobi((n - size) // 2, 0, size, 2 * rho**2 - 1))
