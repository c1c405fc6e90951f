"""What Fourier-space code shares: tapers, shells of frequency, kernels wrapped to the origin."""

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from .arrays import Array


def taper(shape: Sequence[int]) -> NDArray[np.float32]:
    """A window that falls to 0 at the edges as a cosine: over half of z, over a fifth of y and x in all (Tukey
    1967).
    """
    window = np.ones(shape, np.float32)
    for axis, n in enumerate(shape):
        if n > 1:
            share = 0.5 if axis < len(shape) - 2 else 0.2
            # Half a sample beyond the last one it is zero, so that no sample is lost on short axes.
            at = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5) / n
            line = 0.5 - 0.5 * np.cos(np.pi * np.minimum(2 * at / share, 1))
            window *= line.astype(np.float32).reshape(-1, *(1,) * (len(shape) - 1 - axis))
    return window


def halves(n: int) -> NDArray[np.float32]:
    """How often each column of a half spectrum occurs in the whole one: twice, but for the first and, of even lengths,
    the last.
    """
    double = np.full(n // 2 + 1, 2, np.float32)
    double[0] = 1
    if n % 2 == 0:
        double[-1] = 1
    return double


def transfer(psf: Array, shape: Sequence[int]) -> NDArray[np.float32]:
    """|OTF|² on the half spectrum of a grid, 1 at its maximum."""
    otf = scipy.fft.rfftn(wrapped(psf, tuple(shape)))
    passed = np.square(otf.real) + np.square(otf.imag)
    return passed / passed.max()


def shells(
    values: Iterable[np.ndarray], shape: tuple[int, ...], spacing: tuple[float, ...] | None = None
) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Means over shells of equal frequency, up to Nyquist of the lateral axes, one cycle per field wide; empty ones are
    left out.

    Frequencies are in cycles per unit of the spacing; without one, per voxel.
    """
    steps = spacing or (1.0,) * len(shape)
    axes = [np.fft.fftfreq(n, step) for n, step in zip(shape, steps, strict=True)]
    radius = np.sqrt(sum(f.reshape(-1, *(1,) * (len(axes) - 1 - k)) ** 2 for k, f in enumerate(axes)))
    width = 1 / (min(shape[-2:]) * steps[-1])
    number = (radius / width + 0.5).astype(int).ravel()
    last = int(0.5 / steps[-1] / width)
    count = np.bincount(number, minlength=last + 1)[: last + 1]
    filled = np.flatnonzero(count)
    means = [np.bincount(number, v.ravel(), last + 1)[: last + 1][filled] / count[filled] for v in values]
    return np.asarray(filled * width, np.float64), means


def wrapped(psf: Array, padded: Sequence[int]) -> Array:
    """The PSF with its origin at index 0, wrapped round where it is longer than the line."""
    kernel = np.zeros(padded, np.float32)
    index = [(np.arange(m) - m // 2) % p for m, p in zip(psf.shape, padded, strict=True)]
    np.add.at(kernel, np.ix_(*index), psf)
    return kernel
