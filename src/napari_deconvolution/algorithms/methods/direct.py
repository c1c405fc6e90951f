"""Direct filters: one step in the frequency domain, on data that are mirrored at the edges and cropped afterwards.

Fast, linear, no positivity. They work where the OTF is strong and are the baseline for everything else. With the
boundary `open`, which an estimate on one grid cannot have, they take `mirror`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...arrays import Array, Spectrum, inner
from ...parameters import param
from ..forward.base import Forward
from ..forward.periodic import Spectral, diagonal
from .base import ALGORITHMS, Algorithm, Volumes
from .direct_weight import by_cross_validation, by_discrepancy, sort
from .least_squares import squares


class Direct(Algorithm):
    """X = filter · Y, with Y the spectrum of the data above the background."""

    family = "direct"
    needs_diagonal = True

    def filter(self, data: Array, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        """What the spectrum of the data is multiplied by."""
        raise NotImplementedError

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        S = diagonal(H, self.name)
        yield x
        data = y - np.float32(S.background)
        spectrum = S.transform(data)
        spectrum *= self.filter(data, spectrum, S)
        x[...] = S.inverse(spectrum)
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

    use = "the image with offset and background subtracted, otherwise unchanged"

    def filter(self, data: Array, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        return np.ones((), np.float32)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(3.1),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return float(np.square(x - (y - H.background), dtype=np.float64).sum())


@ALGORITHMS.register("naive-inverse")
@dataclass(frozen=True)
class NaiveInverse(Direct):
    """Division by the OTF, for teaching: what one might try first, and why not; noise takes over.

        X = OTF* · Y / max( |OTF|², floor · max|OTF|² )

    Source: the inverse; for its use in teaching see Sage et al. 2017, doi:10.1016/j.ymeth.2016.12.015.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> image = np.random.default_rng(0).normal(size=(16, 16))
    >>> sharp = deconvolve(image, np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]), "naive-inverse", boundary="periodic")
    >>> bool(sharp.image.std() > 20 * image.std())
    True
    """

    use = "teaching only: noise takes over"

    floor: float = param(
        1e-6,
        "Fraction of the strongest frequency's power to which weaker power is raised",
        label="Spectral floor",
        low=0,
        high=1,
    )

    def filter(self, data: Array, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        power = _power(H.otf)
        power = np.maximum(power, np.float32(self.floor * float(power.max())))
        return np.divide(H.otf.conj(), power, out=np.zeros_like(H.otf), where=power > 0)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(4.6),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


@dataclass(frozen=True)
class Regularised(Direct):
    """X = OTF* · Y / ( |OTF|² + weight · |L|² ): the minimum of ‖Hx + b − y‖² + weight · ‖Lx‖²."""

    weight: float | None = param(
        None,
        "Weight of the regularization; none: chosen from the image",
        label="Regularization weight",
        low=0,
        high=1e6,
    )
    selection: Literal["gcv", "discrepancy"] = param(
        "gcv",
        "Rule that chooses the weight: generalized cross-validation, or a misfit as large as the noise",
        label="Choice of weight",
        importance="advanced",
        choices={"gcv": "Cross-validation", "discrepancy": "Discrepancy"},
    )
    noise: float | None = param(
        None,
        "Noise of the image, rms, for the discrepancy principle; none: estimated from the image",
        label="Image noise",
        importance="advanced",
        low=0,
        unit="counts",
    )

    @staticmethod
    def roughness(frequencies: Sequence[np.ndarray], spacing: Sequence[float]) -> np.ndarray:
        """|L|² at frequencies along the axes, in cycles per voxel."""
        raise NotImplementedError

    def chosen(self, data: Array, H: Spectral) -> float:
        """The weight for data above the background, given on the grid of H."""
        if self.weight is not None:
            return self.weight
        coefficients = sort(data, H, self.roughness)
        return (
            by_cross_validation(coefficients) if self.selection == "gcv" else by_discrepancy(coefficients, self.noise)
        )

    def filter(self, data: Array, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        return _inverse(
            H.otf, np.float32(self.chosen(data, H)) * self.roughness(H.frequencies, H.spacing).astype(np.float32)
        )

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(5.3), Volumes(2.1, 11.6))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        S = diagonal(H, self.name)
        rough = S.inverse(S.transform(x) * np.sqrt(self.roughness(S.frequencies, S.spacing)).astype(np.float32))
        return squares(x, y, S) + self.chosen(y - np.float32(S.background), S) * inner(rough, rough)


@ALGORITHMS.register("tikhonov")
@dataclass(frozen=True)
class Tikhonov(Regularised):
    """Regularised inverse filter: small where the OTF is small; its weight is chosen from the image.

        X = OTF* · Y / ( |OTF|² + weight ),    the minimum of ‖Hx + b − y‖² + weight · ‖x‖²

    Source: Tikhonov & Arsenin 1977; Engl, Hanke & Neubauer 1996, doi:10.1007/978-94-009-1740-8; for microscopy, Sage et
    al. 2017, doi:10.1016/j.ymeth.2016.12.015; the weight by generalised cross-validation, Golub, Heath & Wahba 1979,
    doi:10.1080/00401706.1979.10489751.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> image = np.eye(16, dtype=np.float32)
    >>> delta = np.zeros((3, 3), np.float32)
    >>> delta[1, 1] = 1
    >>> bool(np.allclose(deconvolve(image, delta, "tikhonov", weight=0).image, image, atol=1e-5))
    True
    """

    use = "a result in one step without settings; confocal stacks, not widefield ones"

    @staticmethod
    def roughness(frequencies: Sequence[np.ndarray], spacing: Sequence[float]) -> np.ndarray:
        return np.ones((1,) * len(frequencies))


@ALGORITHMS.register("regularized-inverse")
@dataclass(frozen=True)
class RegularizedInverse(Regularised):
    """Inverse filter against roughness: smoother than `tikhonov` and does not dim; in confocal stacks the best direct
    filter.

        X = OTF* · Y / ( |OTF|² + weight · |L|² ),    |L| = Σ ( 2 − 2 cos 2πf ) / spacing²:  the Laplacian in physical
        proportions

    Source: Phillips 1962, doi:10.1145/321105.321114; for images, Hunt 1973, doi:10.1109/TC.1973.5009169; the weight by
    generalised cross-validation, Golub, Heath & Wahba 1979, doi:10.1080/00401706.1979.10489751.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> noisy = np.random.default_rng(0).poisson(50 * np.pad(h, 4))
    >>> bool(deconvolve(noisy, h, "regularized-inverse").image[6, 6] > 1.5 * noisy.max())
    True
    """

    use = "the best result in one step without settings; confocal stacks, not widefield ones"

    @staticmethod
    def roughness(frequencies: Sequence[np.ndarray], spacing: Sequence[float]) -> np.ndarray:
        return np.asarray(
            sum((2 - 2 * np.cos(2 * np.pi * f)) / s**2 for f, s in zip(frequencies, spacing, strict=True)) ** 2
        )


@ALGORITHMS.register("wiener")
@dataclass(frozen=True)
class Wiener(Direct):
    """The linear filter of least expected error, given how strong noise and specimen are at every frequency.

        X = OTF* · Y / ( |OTF|² + N / S(f) )

    N is the power of white noise per frequency; without `noise` it is the mean power where the OTF passes least. The
    spectrum of the specimen is taken to fall as a power of frequency, S = a · |f|⁻ᵖ, fitted to the image's own spectrum
    where it stands clear of the noise; p is fitted too, or given as `falloff`.

    Source: Wiener 1949, doi:10.7551/mitpress/2946.001.0001; spectra of scenes as powers, Field 1987,
    doi:10.1364/JOSAA.4.002379.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> rng = np.random.default_rng(0)
    >>> result = deconvolve(rng.poisson(100, (32, 32)), np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]), "wiener")
    >>> result.image.shape
    (32, 32)
    """

    use = "thousands of images, in one step without settings; confocal stacks, not widefield ones"

    noise: float | None = param(
        None,
        "Noise of the image, rms; none: estimated from the frequencies that the microscope does not pass",
        label="Image noise",
        low=0,
        unit="counts",
    )
    falloff: float | None = param(
        None,
        "Exponent with which the specimen's power falls with frequency: 0 for points, 2 to 4 for scenes; none: fitted",
        label="Spectral fall-off",
        importance="advanced",
        low=0,
        high=8,
    )

    def filter(self, data: Array, spectrum: Spectrum, H: Spectral) -> np.ndarray:
        power, passed = _power(spectrum), _power(H.otf)
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
        if self.falloff is None:
            slope, height = np.polyfit(np.log(middle[good]), np.log(signal[good]), 1)
        else:
            slope, height = -self.falloff, float(np.mean(np.log(signal[good]) + self.falloff * np.log(middle[good])))
        return np.exp(height + slope * np.log(np.maximum(frequency, lowest)))

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(6.4),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


def _power(spectrum: Spectrum) -> Array:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _inverse(otf: Spectrum, weight: np.ndarray | np.float32) -> np.ndarray:
    """OTF* / (|OTF|² + weight), zero where both are."""
    below = _power(otf) + weight
    return np.divide(otf.conj(), below, out=np.zeros_like(otf), where=below > 0)


def _frequency(H: Spectral) -> np.ndarray:
    """|f| in cycles per lateral pixel, on the half-complex grid."""
    return np.sqrt(np.asarray(sum((f / s) ** 2 for f, s in zip(H.frequencies, H.spacing, strict=True))))
