"""Wavelet transforms of images and volumes, axis by axis and periodic: Haar and cubic B-spline, decimated or not.

Decimated, the transform is orthonormal and as large as the image: at every level the details of each axis lie behind
its approximation (Mallat 1989, doi:10.1109/34.192463). Undecimated, every band is as large as the image, nothing
depends on where the grid lies, and the transpose undoes it (Shensa 1992, doi:10.1109/78.157290). The B-spline wavelets
are those of Battle and Lemarié, orthonormal splines of degree 3 (Unser 1999, doi:10.1109/79.799930).
"""

import math
from typing import Any

import numpy as np
import scipy.fft

from ...arrays import Array, Spectrum

ROOT = np.float32(math.sqrt(0.5))

Filters = tuple[Spectrum, Spectrum]
"""Frequency responses of the low-pass and of the high-pass filter; |low|² + |high|² = 2."""


def decompose(x: Array, wavelet: str, levels: int, decimated: bool) -> Array:
    """The coefficients of an image: of its shape if decimated, else bands along a new first axis, the approximation
    last.

    Raises
    ------
    ValueError
        If there are more levels than the longest axis has room for.
    """
    deepest = int(math.log2(max(x.shape)))
    if levels > deepest:
        raise ValueError(
            f"levels = {levels}: an estimate of shape {x.shape} has room for 1 to {deepest}; choose fewer levels."
        )
    if decimated:
        result = x.copy()
        for size in _sizes(x.shape, levels):
            part = result[tuple(map(slice, size))]
            for axis in _long(size, 0):
                part[...] = _split(part, axis, wavelet)
        return result
    bands: list[Array] = []
    for level in range(levels):
        parts = [x]
        for axis in _long(x.shape, level):
            low, high = _filters(wavelet, x.shape[axis], axis, x.ndim, 2**level)
            spectra = [scipy.fft.fft(part, axis=axis) for part in parts]
            parts = [_real(spectrum * filtered.conj() * ROOT, axis) for filtered in (low, high) for spectrum in spectra]
        x, details = parts[0], parts[1:]
        bands += details
    return np.stack([*bands, x])


def recompose(coefficients: Array, wavelet: str, levels: int, decimated: bool) -> Array:
    """The transpose of `decompose`, which is also its inverse."""
    if decimated:
        result = coefficients.copy()
        for size in reversed(_sizes(result.shape, levels)):
            part = result[tuple(map(slice, size))]
            for axis in reversed(_long(size, 0)):
                part[...] = _merge(part, axis, wavelet)
        return result
    *bands, x = coefficients
    for level in reversed(range(levels)):
        axes = _long(x.shape, level)
        count = 2 ** len(axes) - 1
        parts, bands = [x, *bands[len(bands) - count :]], bands[: len(bands) - count]
        for axis in reversed(axes):
            low, high = _filters(wavelet, x.shape[axis], axis, x.ndim, 2**level)
            half = len(parts) // 2
            parts = [
                _real((scipy.fft.fft(a, axis=axis) * low + scipy.fft.fft(b, axis=axis) * high) * ROOT, axis)
                for a, b in zip(parts[:half], parts[half:], strict=True)
            ]
        x = parts[0]
    return x


def approximation(shape: tuple[int, ...], levels: int, decimated: bool) -> Any:
    """Where the approximation lies among the coefficients of an image of this shape."""
    return tuple(slice((n + 2**levels - 1) // 2**levels) for n in shape) if decimated else -1


def _sizes(shape: tuple[int, ...], levels: int) -> list[tuple[int, ...]]:
    """What is left to be split at every level."""
    return [tuple((n + 2**level - 1) // 2**level for n in shape) for level in range(levels)]


def _long(shape: tuple[int, ...], level: int) -> list[int]:
    """Axes long enough to be split."""
    return [axis for axis, n in enumerate(shape) if n >= 2 ** (level + 1)]


def _filters(wavelet: str, n: int, axis: int, ndim: int, dilation: int = 1) -> Filters:
    omega = 2 * np.pi * dilation * np.arange(n) / n
    low, mirrored = _low(wavelet, omega), _low(wavelet, omega + np.pi)
    shape = [n if k == axis else 1 for k in range(ndim)]
    high = np.exp(-1j * omega) * mirrored.conj()
    return low.astype(np.complex64).reshape(shape), high.astype(np.complex64).reshape(shape)


def _low(wavelet: str, omega: np.ndarray) -> np.ndarray:
    """The response of the orthonormal low-pass filter: √2 at frequency 0, 0 at π."""
    if wavelet == "haar":
        return (1 + np.exp(-1j * omega)) / math.sqrt(2)
    return math.sqrt(2) * np.cos(omega / 2) ** 4 * np.sqrt(_gram(omega) / _gram(2 * omega)) + 0j


def _gram(omega: np.ndarray) -> np.ndarray:
    """The spectrum of the products of shifted cubic B-splines: that of the B-spline of degree 7 at whole numbers."""
    return (2416 + 2 * (1191 * np.cos(omega) + 120 * np.cos(2 * omega) + np.cos(3 * omega))) / 5040


def _split(x: Array, axis: int, wavelet: str) -> Array:
    """Approximation, then details along an axis. The last of an odd number of samples joins the approximation as it
    is.
    """
    lines = x.swapaxes(0, axis)
    n, result = len(lines), np.empty_like(lines)
    even = n // 2 * 2
    coarse, fine = result[: even // 2], result[n - even // 2 :]
    if wavelet == "haar":
        np.add(lines[1:even:2], lines[:even:2], out=coarse)
        np.subtract(lines[1:even:2], lines[:even:2], out=fine)
        for part in (coarse, fine):
            part *= ROOT
    else:
        spectrum = scipy.fft.fft(lines[:even], axis=0)
        for part, filtered in zip((coarse, fine), _filters(wavelet, even, 0, x.ndim), strict=True):
            band = spectrum * filtered.conj()
            part[...] = _real((band[: even // 2] + band[even // 2 :]) / 2, 0)
    if even < n:
        result[even // 2] = lines[-1]
    return result.swapaxes(0, axis)


def _merge(x: Array, axis: int, wavelet: str) -> Array:
    """The transpose of that."""
    lines = x.swapaxes(0, axis)
    n, result = len(lines), np.empty_like(lines)
    even = n // 2 * 2
    coarse, fine = lines[: even // 2], lines[n - even // 2 :]
    if wavelet == "haar":
        np.add(coarse, fine, out=result[1:even:2])
        np.subtract(coarse, fine, out=result[:even:2])
        result[:even] *= ROOT
    else:
        spectra = [scipy.fft.fft(part, axis=0) for part in (coarse, fine)]
        filters = _filters(wavelet, even, 0, x.ndim)
        result[:even] = _real(sum(np.concatenate([s, s]) * f for s, f in zip(spectra, filters, strict=True)), 0)
    if even < n:
        result[-1] = lines[even // 2]
    return result.swapaxes(0, axis)


def _real(spectrum: Any, axis: int) -> Array:
    return scipy.fft.ifft(spectrum, axis=axis, overwrite_x=True).real
