"""How far apart two images are."""

import math

import numpy as np

from ..arrays import Array


def divergence(y: Array, expected: Array) -> float:
    """I-divergence of data from what is expected: the negative Poisson log-likelihood, zero where both agree.

        Σ y · ln(y / m) − y + m

    Both of one shape and unit, not negative. Source: Csiszár 1991, doi:10.1214/aos/1176348385.

    >>> import numpy as np
    >>> round(divergence(np.array([1.0, 0.0]), np.array([1.0, 2.0])), 6)
    2.0
    """
    data, model = np.asarray(y, np.float64), np.maximum(np.asarray(expected, np.float64), 1e-300)
    log = np.zeros_like(data)
    np.log(np.divide(data, model, out=np.ones_like(data), where=data > 0), out=log)
    return float((data * log - data + model).sum())


def fitted_error(image: Array, truth: Array) -> float:
    """Normalised root-mean-square error after one fitted scale: what intensity units cannot change.

        min over s of ‖s · image − truth‖ / ‖truth‖  =  √( 1 − ⟨image, truth⟩² / (‖image‖² ‖truth‖²) )

    0 is perfect, 1 tells nothing. Both of one shape.

    >>> import numpy as np
    >>> fitted_error(np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    0.0
    """
    a, b = np.asarray(image, np.float64).ravel(), np.asarray(truth, np.float64).ravel()
    product, size = float(a @ b), float(a @ a) * float(b @ b)
    return math.sqrt(max(0.0, 1 - product * product / size)) if size else 1.0
