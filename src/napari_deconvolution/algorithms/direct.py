"""Direct filters: one step in the frequency domain, on data that are mirrored at the edges and cropped afterwards.

Fast, linear, no positivity. They work where the OTF is strong and are the baseline for everything else. With the boundary
`open`, which an estimate on one grid cannot have, they take `mirror`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..arrays import Array, Spectrum
from ..parameters import param
from .algorithm import ALGORITHMS, Algorithm
from .forward import Blur, Forward
from .spectral import Spectral


class Direct(Algorithm):
    """X = filter · Y, with Y the spectrum of the data above the background."""

    forward_model: ClassVar[type[Blur] | type[Spectral]] = Spectral

    def filter(self, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        """What the spectrum of the data is multiplied by."""
        raise NotImplementedError

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        assert isinstance(H, Spectral)
        yield x
        spectrum = H.transform(y - np.float32(H.background))
        spectrum *= self.filter(spectrum, H)
        x[...] = H.inverse(spectrum)
        yield x


@ALGORITHMS.register("identity")
@dataclass(frozen=True)
class Identity(Direct):
    """The image as it is, above offset and background: shows what all but the deconvolution does.

        x = y − b

    Source: the identity; for its use in testing see Sage et al. 2017, doi:10.1016/j.ymeth.2016.12.015.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> float(deconvolve(np.ones((8, 8)), np.ones((1, 1)), "identity", background=0.25).image.round(5).max())
    0.75
    """

    def filter(self, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        return np.ones((), np.float32)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return float(np.square(x - (y - H.background), dtype=np.float64).sum())


@ALGORITHMS.register("tikhonov")
@dataclass(frozen=True)
class Tikhonov(Direct):
    """Regularised inverse filter: small where the OTF is small.

        X = OTF* · Y / ( |OTF|² + weight ),    the minimum of ‖Hx + b − y‖² + weight · ‖x‖²

    Source: Tikhonov & Arsenin 1977, doi:10.2307/2006360; for microscopy, Sage et al. 2017, doi:10.1016/j.ymeth.2016.12.015.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> image = np.eye(16, dtype=np.float32)
    >>> delta = np.zeros((3, 3), np.float32)
    >>> delta[1, 1] = 1
    >>> bool(np.allclose(deconvolve(image, delta, "tikhonov", weight=0).image, image, atol=1e-5))
    True
    """

    weight: float = param(1e-3, "How strongly frequencies that the microscope passes weakly are held back", low=0, high=1e6)

    def filter(self, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        return _inverse(H.otf, np.float32(self.weight))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        misfit = H.forward(x) + np.float32(H.background) - y
        return float(np.vdot(misfit, misfit)) + self.weight * float(np.vdot(x, x))


@ALGORITHMS.register("wiener")
@dataclass(frozen=True)
class Wiener(Direct):
    """The linear filter of least expected error, given how strong noise and specimen are at every frequency.

        X = OTF* · Y / ( |OTF|² + N / S(f) )

    N is the power of white noise per frequency; without `noise` it is the mean power where the OTF passes least. The spectrum of
    the specimen is taken to fall as a power of frequency, S = a · |f|⁻ᵖ, fitted to the image's own spectrum where it stands
    clear of the noise.

    Source: Wiener 1949, doi:10.7551/mitpress/2946.001.0001; spectra of scenes as powers, Field 1987, doi:10.1364/JOSAA.4.002379.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> rng = np.random.default_rng(0)
    >>> result = deconvolve(rng.poisson(100, (32, 32)), np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]), "wiener")
    >>> result.image.shape
    (32, 32)
    """

    noise: float | None = param(
        None, "Noise of the image, rms; none: from the frequencies the microscope does not pass", low=0, unit="counts"
    )

    def filter(self, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        passed = np.square(H.otf.real) + np.square(H.otf.imag)
        if self.noise is None:
            weakest = passed <= max(float(np.quantile(passed, 0.01)), 1e-6 * float(passed.max()))
            level = float(power[weakest].mean(dtype=np.float64))
        else:
            level = self.noise**2 * float(np.prod(H.shape))
        return _inverse(H.otf, (level / self._specimen(power, passed, level, H)).astype(np.float32))

    def _specimen(self, power: np.ndarray, passed: np.ndarray, level: float, H: Spectral) -> np.ndarray:
        """S(f), by a straight line through the logarithms of frequency and of power in shells of frequency."""
        frequency = _frequency(H)
        shell = np.minimum((64 * frequency / frequency.max()).astype(int), 63)
        clear = (frequency > 0) & (passed > 1e-3 * passed.max())
        shell, count = shell[clear], np.bincount(shell[clear], minlength=64)
        means = np.maximum(power[clear] - level, 0) / passed[clear], power[clear], frequency[clear]
        signal, blurred, middle = (np.bincount(shell, values, 64) / np.maximum(count, 1) for values in means)
        good = (count > 0) & (blurred > 2 * level) & (signal > 0)
        lowest = float(frequency[frequency > 0].min()) if (frequency > 0).any() else 1.0
        if good.sum() < 2:
            return np.full(power.shape, max(float(signal.max()), level, 1e-30))
        slope, height = np.polyfit(np.log(middle[good]), np.log(signal[good]), 1)
        return np.exp(height + slope * np.log(np.maximum(frequency, lowest)))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        misfit = H.forward(x) + np.float32(H.background) - y
        return float(np.vdot(misfit, misfit))


def _inverse(otf: Spectrum, weight: np.ndarray | np.float32) -> np.ndarray:
    """OTF* / (|OTF|² + weight), zero where both are."""
    below = np.square(otf.real) + np.square(otf.imag) + weight
    return np.divide(otf.conj(), below, out=np.zeros_like(otf), where=below > 0)


def _frequency(H: Spectral) -> np.ndarray:
    """|f| in cycles per lateral pixel, on the half-complex grid."""
    axes = [np.fft.fftfreq(n, step) for n, step in zip(H.shape[:-1], H.spacing[:-1], strict=True)]
    axes.append(np.fft.rfftfreq(H.shape[-1], H.spacing[-1]))
    return np.sqrt(sum(f.reshape(-1, *(1,) * (len(axes) - 1 - k)) ** 2 for k, f in enumerate(axes)))
