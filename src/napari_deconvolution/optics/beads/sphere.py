"""Take the size of a bead off its image."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

MARGIN = 12
"""Voxels over which the image of a bead fades out beyond its window, so that its two borders, which meet in a periodic transform, agree."""


def form_factor(frequency: Array, diameter: float) -> Array:
    """The Fourier transform of an evenly filled sphere, 1 at frequency 0.

        F(f) = 3 (sin u − u cos u) / u³,   u = π d f

    Its first zero is at f = 1.43 / d.
    Source: Rayleigh 1911, doi:10.1098/rspa.1910.0088.

    Parameters
    ----------
    frequency
        In cycles per µm, any shape.
    diameter
        d in µm.

    >>> form_factor(np.array([0.0, 1.4303]), 1.0).round(4).tolist()
    [1.0, 0.0]
    """
    u = math.pi * diameter * np.asarray(frequency, np.float64)
    safe = np.maximum(u, 1e-2)  # below, the difference of two near numbers is less exact than the series
    return np.where(u < 1e-2, 1 - u**2 / 10, 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3)


class Sphere:
    """A sphere on the frequencies of a window: puts it on a point image, and takes it off.

    Parameters
    ----------
    shape
        Of the window along z, y, x.
    spacing
        Of its voxels, µm.
    diameter
        Of the sphere, µm.

    Examples
    --------
    >>> point = np.zeros((9, 17, 17)); point[4, 8, 8] = 1
    >>> bool(abs(Sphere(point.shape, (0.2, 0.1, 0.1), 0.2).on(point).sum() - 1) < 0.01)
    True
    """

    def __init__(self, shape: tuple[int, ...], spacing: tuple[float, ...], diameter: float) -> None:
        self.shape = shape
        self.padded = tuple(scipy.fft.next_fast_len(n + 2 * MARGIN, real=True) for n in shape)
        last = len(shape) - 1
        axes = [(np.fft.rfftfreq if k == last else np.fft.fftfreq)(n, step) for k, (n, step) in enumerate(zip(self.padded, spacing, strict=True))]
        self.factor = form_factor(np.sqrt(sum(f**2 for f in np.meshgrid(*axes, indexing="ij", sparse=True))), diameter)
        across = np.meshgrid(*(np.sinc(f * step) ** 2 for f, step in zip(axes, spacing, strict=True)), indexing="ij", sparse=True)
        self.triangle = across[0] * across[1] * across[2]

    def on(self, point: Array) -> Array:
        """The image of a bead, from that of a point."""
        return self._cut(self._spectrum(point) * self.factor)

    def wiener(self, bead: Array, prior: Array) -> tuple[Array, Array]:
        """The image of a point from that of a bead, and the bead without its noise.

            P = F S H / (F² S + N)

        S is the power of the prior, the PSF without aberration scaled to the bead; N that of the noise, measured at the frequencies that
        the prior does not reach.
        Source: Wiener 1949, Extrapolation, Interpolation, and Smoothing of Stationary Time Series, MIT Press.

        Parameters
        ----------
        bead
            Image of a bead without background.
        prior
            PSF on the same window, scaled so that it makes this bead.
        """
        seen, model = self._spectrum(bead), np.abs(self._spectrum(prior)) ** 2
        noise = self.noise(bead, prior)
        kept = model * self.factor / (self.factor**2 * model + max(noise, 1e-12 * float(model.max())))
        return self._cut(kept * seen), self._cut(kept * self.factor * seen)

    def noise(self, bead: Array, prior: Array) -> float:
        """Power of the noise in the spectrum, from the median of the frequencies that the prior does not reach."""
        power, model = np.abs(self._spectrum(bead)) ** 2, np.abs(self._spectrum(prior)) ** 2
        beyond = model < np.quantile(model, 0.3)
        return float(np.median(power[beyond])) / math.log(2)

    def richardson_lucy(self, bead: Array, prior: Array, iterations: int) -> Array:
        """The image of a point from that of a bead, nowhere below the noise: maximum likelihood, stopped early.

            x ← x · Fᵀ( (y + b) / (F x + b) )

        y is the image blurred by a triangle of two voxels, and F holds the same blur: so sampled, a sphere has no negative lobes, from
        which the iterations would diverge. b is three times the noise, so that no ratio is one of noise alone.
        Source: Richardson 1972, doi:10.1364/JOSA.62.000055; Lucy 1974, doi:10.1086/111605.
        """
        base = 3 * math.sqrt(self.noise(bead, prior) / bead.size) + 1e-6 * float(bead.max())
        kernel = self.factor * self.triangle
        data = np.maximum(self._filtered(self._pad(bead), self.triangle) + base, 0)
        estimate = np.maximum(data - base, 0) + base
        for _ in range(iterations):
            blurred = np.maximum(self._filtered(estimate, kernel), base) 
            estimate = np.maximum(estimate * self._filtered(data / blurred, kernel), 0)
        return self._window(estimate - base)

    def _filtered(self, padded: Array, factor: Array) -> Array:
        return np.asarray(scipy.fft.irfftn(scipy.fft.rfftn(padded) * factor, self.padded))

    def _pad(self, volume: Array) -> Array:
        before = [(n - m) // 2 for n, m in zip(self.padded, self.shape, strict=True)]
        widths = [(b, n - m - b) for b, n, m in zip(before, self.padded, self.shape, strict=True)]
        return np.pad(np.asarray(volume, np.float64), widths, mode="linear_ramp")

    def _spectrum(self, volume: Array) -> NDArray[np.complex128]:
        return np.asarray(scipy.fft.rfftn(self._pad(volume)))

    def _cut(self, spectrum: NDArray) -> Array:
        return self._window(np.asarray(scipy.fft.irfftn(spectrum, self.padded)))

    def _window(self, padded: Array) -> Array:
        return padded[tuple(slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(self.padded, self.shape, strict=True))]
