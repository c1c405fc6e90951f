"""How far apart two images are."""

import math
from typing import NamedTuple

import numpy as np
import scipy

from ...arrays import Array


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


class Comparison(NamedTuple):
    """How near an image comes to the truth, after one scale was fitted to it; see `compare`."""

    scale: float
    """What the image was multiplied by: the counts of one unit of the truth, for instance."""
    nrmse: float
    """Root-mean-square error over that of the truth; 0 is perfect."""
    snr: float
    """Power of the truth over that of the error, dB."""
    psnr: float
    """Square of the truth's range over the mean square error, dB."""
    ssim: float
    """Structural similarity, averaged over the voxels; 1 is perfect."""


def compare(image: Array, truth: Array) -> Comparison:
    """The usual numbers for an image whose truth is known, all after one fitted scale, so that units do not matter.

        s = ⟨image, truth⟩ / ‖image‖²,    e = s · image − truth
        NRMSE = ‖e‖ / ‖truth‖,    SNR = −20 log10 NRMSE,    PSNR = 10 log10( (max − min of truth)² / mean e² )

    SSIM takes Gaussian windows of σ = 1.5 voxels and the constants (0.01 R)² and (0.03 R)², R the truth's range.

    Source: structural similarity, Wang et al. 2004, doi:10.1109/TIP.2003.819861.

    Raises
    ------
    ValueError
        If the two have not the same shape, or the truth is the same everywhere.

    >>> import numpy as np
    >>> truth = np.random.default_rng(0).random((32, 32), np.float32)
    >>> found = compare(4 * truth, truth)
    >>> found.scale, round(found.ssim, 6)
    (0.25, 1.0)
    """
    x, t = np.asarray(image, np.float64), np.asarray(truth, np.float64)
    if x.shape != t.shape:
        raise ValueError(f"image: its shape {x.shape} is not that of the truth, {t.shape}.")
    span = float(np.ptp(t))
    if not span > 0:
        raise ValueError("truth: it is constant; there is nothing to compare with.")
    scale = float(np.vdot(x, t)) / (float(np.vdot(x, x)) or 1.0)
    x = scale * x
    error = float(np.square(x - t).mean())
    nrmse = math.sqrt(error / float(np.square(t).mean()))
    snr = -20 * math.log10(nrmse) if nrmse else math.inf
    return Comparison(
        scale, nrmse, snr, 10 * math.log10(span**2 / error) if error else math.inf, _similarity(x, t, span)
    )


def _similarity(x: np.ndarray, t: np.ndarray, span: float) -> float:
    def local(values: np.ndarray) -> np.ndarray:
        return np.asarray(scipy.ndimage.gaussian_filter(values, 1.5, truncate=3.5, mode="reflect"))

    a, b = (0.01 * span) ** 2, (0.03 * span) ** 2
    mean_x, mean_t = local(x), local(t)
    var_x, var_t, cov = local(x * x) - mean_x**2, local(t * t) - mean_t**2, local(x * t) - mean_x * mean_t
    above = (2 * mean_x * mean_t + a) * (2 * cov + b)
    return float((above / ((mean_x**2 + mean_t**2 + a) * (var_x + var_t + b))).mean())
