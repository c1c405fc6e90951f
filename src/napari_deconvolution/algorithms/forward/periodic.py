"""The forward model of direct filters: convolution on one periodic grid."""

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
import scipy.fft

from ...arrays import Array, Spectrum, Workers, friendly
from ...fourier import transfer, wrapped
from .base import Forward
from .padding import Work


class Spectral(Forward):
    """Periodic convolution on one grid, where H is diagonal: X ↦ OTF · X. For direct filters.

    Data that are not periodic are extended first: mirrored at the edges (or, with `zero`, darkened), and faded over
    from the reflection at one end to that at the other, so that there is no step where the grid closes on itself.

    >>> import numpy as np
    >>> H = Spectral(np.full((3, 3), 1 / 9, np.float32), (8, 8), "periodic")
    >>> H.shape, float(abs(H.otf[0, 0]).round(5))
    ((8, 8), 1.0)
    """

    diagonal = True

    def __init__(
        self,
        psf: Array,
        shape: Sequence[int],
        boundary: str = "mirror",
        *,
        background: float = 0.0,
        gain: float = 1.0,
        spacing: Sequence[float] | None = None,
        threads: int = 0,
        otf: Spectrum | None = None,
    ) -> None:
        self.threads = Workers(threads).threads
        self.psf, self.background, self.gain = psf, background, gain
        self.spacing = tuple(s / spacing[-1] for s in spacing) if spacing else (1.0,) * len(shape)
        self.boundary, self.size = boundary, tuple(shape)
        self.shape = grid(shape, psf.shape, boundary)
        self.data_shape = self.shape
        self.inside = tuple(slice(0, n) for n in shape)
        self.otf: Spectrum = self.transform(wrapped(psf, self.shape)) if otf is None else otf

    @staticmethod
    def work(shape: Sequence[int], psf_shape: Sequence[int], boundary: str, symmetric: bool, threads: int) -> Work:
        """What it takes, for data and a PSF of these shapes, with the data on its grid."""
        size = grid(shape, psf_shape, boundary)
        # The transform back takes a spectrum for itself.
        volume, spectrum = 4 * math.prod(size), 8 * math.prod(size[:-1]) * (size[-1] // 2 + 1)
        return Work(size, 4 * math.prod(shape), 2 * spectrum + volume, 2 * spectrum + 2 * volume)

    @property
    def given_shape(self) -> tuple[int, ...]:
        return self.size

    @property
    def frequencies(self) -> list[np.ndarray]:
        """Cycles per voxel along every axis of the half-complex grid, ready to be combined."""
        axes = [*(np.fft.fftfreq(n) for n in self.shape[:-1]), np.fft.rfftfreq(self.shape[-1])]
        return [f.reshape(-1, *(1,) * (len(axes) - 1 - k)) for k, f in enumerate(axes)]

    def transform(self, x: Array) -> Spectrum:
        """The half-complex spectrum of an array on the grid."""
        return scipy.fft.rfftn(x, workers=self.threads)

    def inverse(self, spectrum: Spectrum) -> Array:
        """The array that has this spectrum."""
        return scipy.fft.irfftn(spectrum, self.shape, workers=self.threads, overwrite_x=True)

    def power(self, shape: tuple[int, ...]) -> Array:
        return transfer(self.psf, shape)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        result = self.inverse(self.transform(x) * self.otf)
        return result if out is None else _stored(result, out)

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        result = self.inverse(self.transform(y) * self.otf.conj())
        return result if out is None else _stored(result, out)

    def place(self, y: Array) -> Array:
        """The data extended to the grid."""
        for axis, (n, padded) in enumerate(zip(self.size, self.shape, strict=True)):
            y = self._extend(y, axis, n, padded)
        return np.ascontiguousarray(y, np.float32)

    def _extend(self, y: Array, axis: int, n: int, padded: int) -> Array:
        gap = padded - n
        if gap == 0:
            return y
        widths = [(gap, gap) if k == axis else (0, 0) for k in range(y.ndim)]
        dark = self.boundary == "zero"
        around = np.pad(y, widths, constant_values=self.background) if dark else np.pad(y, widths, mode="symmetric")
        lines = around.swapaxes(0, axis)
        fade = (np.arange(1, gap + 1, dtype=np.float32) / (gap + 1)).reshape(-1, *(1,) * (y.ndim - 1))
        lines[gap + n :] = (1 - fade) * lines[gap + n :] + fade * lines[:gap]
        return lines[gap:].swapaxes(0, axis)


def grid(shape: Sequence[int], psf_shape: Sequence[int], boundary: str) -> tuple[int, ...]:
    """The periodic grid for data and a PSF of these shapes."""
    if boundary == "periodic":
        return tuple(shape)
    return tuple(friendly(n + m - 1) for n, m in zip(shape, psf_shape, strict=True))


def diagonal(H: Forward, algorithm: str) -> Spectral:
    """H, as an algorithm needs it that works frequency by frequency.

    Raises
    ------
    ValueError
        If it is not diagonal.
    """
    if not H.diagonal:
        raise not_diagonal(algorithm, type(H).__name__)
    return cast(Spectral, H)


def not_diagonal(algorithm: str, model: str) -> ValueError:
    """What to say where a direct filter meets a forward model that is not diagonal."""
    return ValueError(
        f"{algorithm}: it works frequency by frequency, so it needs a forward model that is diagonal, as Spectral is, "
        "and "
        f"{model} is not: take a method that works on any, for instance richardson-lucy."
    )


def _stored(result: Array, out: Array) -> Array:
    np.copyto(out, result)
    return out
