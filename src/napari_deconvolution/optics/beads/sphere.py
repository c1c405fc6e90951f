"""Take the size of a bead off its image."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

MARGIN = 12
"""Voxels over which a bead fades out beyond its window: in a periodic transform its opposite borders meet."""

MILD = 0.25
"""Share of the noise power that the Wiener filter is told."""

BEYOND = 0.3
"""Share of the frequencies at which theory has least power: what is seen there is noise."""


def form_factor(frequency: Array, diameter: float) -> Array:
    """The Fourier transform of an evenly filled sphere, 1 at frequency 0.

        F(f) = 3 (sin u − u cos u) / u³,   u = π d f

    Its first zero is at f = 1.43 / d.
    Source: Pedersen 1997, doi:10.1016/S0001-8686(97)00312-6.

    Parameters
    ----------
    frequency
        In cycles per µm, any shape.
    diameter
        d in µm.

    >>> form_factor(np.array([0.0, 1.0]), 1.0).round(4).tolist()
    [1.0, 0.304]
    """
    u = math.pi * diameter * np.asarray(frequency, np.float64)
    safe = np.maximum(u, 1e-2)  # below, the difference of two near numbers is less exact than the series
    return np.where(u < 1e-2, 1 - u**2 / 10, 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3)


class Sphere:
    """The image of an evenly filled sphere under a microscope, and the way back to that of a point.

    Parameters
    ----------
    theory
        PSF without aberration on a window z, y, x, sum 1.
    spacing
        Of its voxels, µm.
    diameter
        Of the sphere, µm.

    Examples
    --------
    >>> point = np.zeros((9, 17, 17))
    >>> point[4, 8, 8] = 1
    >>> bool(abs(Sphere(point, (0.2, 0.1, 0.1), 0.2).model.sum() - 1) < 0.01)
    True
    """

    def __init__(self, theory: Array, spacing: tuple[float, ...], diameter: float) -> None:
        self.theory, self.shape = theory, theory.shape
        self.padded = tuple(scipy.fft.next_fast_len(n + 2 * MARGIN, real=True) for n in self.shape)
        sizes = list(zip(self.padded, spacing, strict=True))
        axes = [*(np.fft.fftfreq(n, step) for n, step in sizes[:-1]), np.fft.rfftfreq(*sizes[-1])]
        z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
        self.factor = form_factor(np.sqrt(z**2 + y**2 + x**2), diameter)
        self.triangle = np.sinc(z * spacing[0]) ** 2 * np.sinc(y * spacing[1]) ** 2 * np.sinc(x * spacing[2]) ** 2
        spectrum = self._spectrum(theory)
        self.power = np.abs(spectrum) ** 2
        self.beyond = self.power < np.quantile(self.power, BEYOND)
        self.model = self._window(self._back(spectrum * self.factor))
        """The image of a bead of which the theory is the PSF."""

    def scale(self, bead: Array) -> float:
        """How much of the model there is in the image of a bead without background."""
        return float(np.vdot(bead, self.model) / np.vdot(self.model, self.model))

    def noise(self, bead: Array) -> float:
        """Variance of a voxel, from the median power at the frequencies that theory does not reach."""
        return self._noise(self._spectrum(bead)) / math.prod(self.shape)

    def point(self, bead: Array) -> Array:
        """The image of a point from that of a bead without background, by a Wiener filter.

            P = F S H / (F² S + N / 4)

        S is the power of the theory scaled to the bead, N that of the noise. A quarter of it is taken: the whole would
        make the error least over the window, and the PSF too wide.
        Source: Wiener 1949, Extrapolation, Interpolation, and Smoothing of Stationary Time Series, MIT Press.
        """
        return self._wiener(bead, MILD, self.factor)

    def clear(self, bead: Array) -> Array:
        """The image of a bead without its noise, by a Wiener filter."""
        return self._wiener(bead, 1.0, self.factor**2)

    def richardson_lucy(self, bead: Array, iterations: int) -> Array:
        """The image of a point from that of a bead, nowhere below the noise: maximum likelihood, stopped early.

            x ← x · Fᵀ( (y + b) / (F x + b) )

        y is the image blurred by a triangle of two voxels, and F holds the same blur: so sampled, a sphere has no
        negative lobes, from which the iterations would diverge. b is three times the noise, so that no ratio is one of
        noise alone.
        Source: Richardson 1972, doi:10.1364/JOSA.62.000055; Lucy 1974, doi:10.1086/111605.
        """
        base = 3 * math.sqrt(self.noise(bead)) + 1e-6 * float(bead.max())
        kernel = self.factor * self.triangle
        data = np.maximum(self._filtered(self._pad(bead), self.triangle) + base, 0)
        estimate = np.maximum(data, base)
        for _ in range(iterations):
            blurred = np.maximum(self._filtered(estimate, kernel), base)
            estimate = np.maximum(estimate * self._filtered(data / blurred, kernel), 0)
        return self._window(estimate - base)

    def _wiener(self, bead: Array, share: float, passes: Array) -> Array:
        seen = self._spectrum(bead)
        power = self.scale(bead) ** 2 * self.power
        noise = max(self._noise(seen), 1e-12 * float(power.max()))
        return self._window(self._back(passes * power / (self.factor**2 * power + share * noise) * seen))

    def _noise(self, spectrum: NDArray[np.complex128]) -> float:
        return float(np.median(np.abs(spectrum[self.beyond]) ** 2)) / math.log(2)  # of an exponential distribution

    def _filtered(self, padded: Array, factor: Array) -> Array:
        return self._back(scipy.fft.rfftn(padded) * factor)

    def _pad(self, volume: Array) -> Array:
        before = [(n - m) // 2 for n, m in zip(self.padded, self.shape, strict=True)]
        widths = [(b, n - m - b) for b, n, m in zip(before, self.padded, self.shape, strict=True)]
        return np.pad(np.asarray(volume, np.float64), widths, mode="linear_ramp")

    def _spectrum(self, volume: Array) -> NDArray[np.complex128]:
        return np.asarray(scipy.fft.rfftn(self._pad(volume)))

    def _back(self, spectrum: NDArray) -> Array:
        return np.asarray(scipy.fft.irfftn(spectrum, self.padded))

    def _window(self, padded: Array) -> Array:
        return padded[
            tuple(slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(self.padded, self.shape, strict=True))
        ]
