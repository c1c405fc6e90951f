"""The weight of a quadratic penalty, chosen from the image itself.

What a filter leaves of a coefficient of the image, ρ = w / (w + t), depends on t = |OTF|² / |L|² alone. So the
coefficients are sorted by t once, and every weight w is then judged in no time. They are those of the image as it is,
not of its extension beyond the edges, whose values would count as data without being such: cosines, which suit mirrored
edges, or waves where the image is periodic. The power that the microscope passes of a cosine is the mean of |OTF|² over
the waves that it is made of.
"""

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...arrays import Array
from ..forward.periodic import Spectral

Roughness = Callable[[Sequence[np.ndarray], Sequence[float]], np.ndarray]
"""|L|² at frequencies along the axes, in cycles per voxel, for a spacing."""


class Coefficients(NamedTuple):
    """The coefficients of an image, sorted into bins of equal t."""

    t: NDArray[np.float64]
    number: NDArray[np.float64]
    energy: NDArray[np.float64]
    noise: float
    """Mean energy where the microscope passes least."""

    def kept(self, weight: float) -> tuple[float, float]:
        """What a weight leaves unexplained: Σ ρ² · energy and Σ ρ."""
        rho = weight / (weight + self.t)
        return float(np.sum(rho * rho * self.energy)), float(np.sum(rho * self.number))


def by_cross_validation(coefficients: Coefficients) -> float:
    """The weight of least Σ ρ² ĉ² / (Σ ρ)²: with which every datum is best predicted by all others.

    Source: Golub, Heath & Wahba 1979, doi:10.1080/00401706.1979.10489751.
    """

    def score(log_weight: float) -> float:
        misfit, freedom = coefficients.kept(math.exp(log_weight))
        return misfit / freedom**2

    low, high = _range(coefficients)
    grid = np.linspace(low, high, 100)
    best = int(np.argmin([score(g) for g in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, 99)])
    return math.exp(scipy.optimize.minimize_scalar(score, bounds=bounds, method="bounded", options={"xatol": 1e-6}).x)


def by_discrepancy(coefficients: Coefficients, noise: float | None) -> float:
    """The weight with which the misfit is as large as the noise.

    Source: Morozov 1966, Soviet Math. Dokl. 7:414; Engl, Hanke & Neubauer 1996, doi:10.1007/978-94-009-1740-8.
    """
    variance = coefficients.noise if noise is None else noise**2
    aim = variance * float(coefficients.number.sum())
    low, high = _range(coefficients)
    if coefficients.kept(math.exp(low))[0] >= aim:
        return math.exp(low)
    if coefficients.kept(math.exp(high))[0] <= aim:
        return math.exp(high)
    return math.exp(scipy.optimize.brentq(lambda g: coefficients.kept(math.exp(g))[0] - aim, low, high))


def sort(data: Array, H: Spectral, roughness: Roughness) -> Coefficients:
    """The coefficients of the data above the background, given on the grid of H."""
    image = data[H.inside]
    if H.shape == H.size:
        energy = np.square(np.abs(scipy.fft.fftn(image, norm="ortho")))
        frequencies = _open([np.fft.fftfreq(n) for n in H.size])
        passed = _passed(H, frequencies, ((1,) * image.ndim,))
    else:
        energy = np.square(scipy.fft.dctn(image, norm="ortho"))
        frequencies = _open([np.arange(n) / (2 * n) for n in H.size])
        passed = _passed(H, frequencies, list(product((1, -1), repeat=image.ndim - 1)))
    rough = np.broadcast_to(roughness(frequencies, H.spacing), passed.shape)
    tiny = 1e-14 * float(passed.max())
    weakest = passed <= max(float(np.quantile(passed, min(max(0.01, 32 / passed.size), 1))), tiny)
    # What L does not see is kept whatever the weight: it has nothing to say.
    seen = rough > 0
    if not seen.any():
        nothing = np.zeros(0)
        return Coefficients(nothing, nothing, nothing, 0.0)
    logs = np.log(np.maximum(passed[seen], tiny) / rough[seen])
    low, width = float(logs.min()), max(float(np.ptp(logs)), 1e-9) / 4000
    bins = np.minimum(((logs - low) / width).astype(np.int64), 3999)
    count = np.bincount(bins, minlength=4000).astype(np.float64)
    t = np.exp(np.bincount(bins, logs, 4000) / np.maximum(count, 1))
    some = count > 0
    energies = np.asarray(np.bincount(bins, energy[seen], 4000), np.float64)
    return Coefficients(t[some], count[some], energies[some], float(energy[weakest].mean(dtype=np.float64)))


def _range(coefficients: Coefficients) -> tuple[float, float]:
    """Logarithms of the weights that make a difference."""
    return math.log(max(float(coefficients.t.min()), 1e-10 * float(coefficients.t.max()))), math.log(
        10 * float(coefficients.t.max())
    )


def _open(axes: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [f.reshape(-1, *(1,) * (len(axes) - 1 - k)) for k, f in enumerate(axes)]


def _passed(H: Spectral, frequencies: Sequence[np.ndarray], signs: Sequence[tuple[int, ...]]) -> Array:
    """Mean of |OTF|² over the signs of the frequencies, which need not be on the grid of H: summed axis by axis from
    the PSF.
    """
    psf = H.inverse(H.otf.copy())
    positions = []
    for axis, n in enumerate(H.shape):
        reach = n if H.shape == H.size else n - H.size[axis] + 1
        positions.append(np.arange(reach) - reach // 2)
        psf = np.take(psf, positions[-1] % n, axis)
    total = np.zeros([f.size for f in frequencies], np.float32)
    for sign in signs:
        waves = psf.astype(np.complex64)
        for axis, (f, p) in enumerate(zip(frequencies, positions, strict=True)):
            turn = np.exp(-2j * np.pi * (sign[axis] if axis < len(sign) else 1) * np.outer(f.ravel(), p)).astype(
                np.complex64
            )
            waves = np.moveaxis(np.tensordot(turn, waves, axes=(1, axis)), 0, axis)
        total += np.square(waves.real) + np.square(waves.imag)
    total /= np.float32(len(signs))
    return total
