"""What is told of a result beside the estimate: residual, photons, uncertainty, reproducibility."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ..arrays import Array, floor_of
from ..fourier import shells
from ..parameters import Parameters, param
from .forward.base import Forward


@dataclass(frozen=True)
class Report(Parameters):
    """What is given back beside the estimate; each costs time and memory.

    >>> Report(uncertainty=8).uncertainty
    8
    """

    residual: bool = param(
        False, "Map of what the model does not explain, in units of the noise, and its spectrum", label="Residual map"
    )
    uncertainty: int = param(
        0,
        "Number of runs on halves of the photons for a map of the relative uncertainty; 0 for none",
        label="Uncertainty runs",
        low=0,
        high=1000,
    )
    reproducibility: bool = param(
        False, "Fourier correlation of the results of two halves of the photons", label="Reproducibility"
    )
    keep: int = param(
        0, "Keep every n-th estimate; 0 for none", label="Intermediate estimates", importance="advanced", low=0
    )
    projection: bool = param(
        False,
        "Keep the maximum projection of intermediate estimates along the first axis, not the whole",
        label="Keep projections only",
        importance="advanced",
    )
    seed: int = param(0, "Seed of the random halves of the photons", label="Random seed", importance="advanced", low=0)


class Residual(NamedTuple):
    """What the model does not explain."""

    map: Array
    """( y − (Hx + b) ) / √variance: normal numbers of variance 1 where model, gain and PSF are right."""
    chi_square: float
    """Mean of its square."""
    frequency: NDArray[np.float64]
    """Cycles per voxel along each axis: the middles of shells."""
    power: NDArray[np.float64]
    """Mean power in them; 1 for white noise of variance 1. What is above it at low frequencies is structure that was
    missed.
    """


def residual(x: Array, y: Array, H: Forward, gain: float = 1.0, mask: NDArray[np.bool_] | None = None) -> Residual:
    """The residual of an estimate.

        r = ( y − m ) · √( gain / m ),    m = Hx + b

    Parameters
    ----------
    x, y, H
        The estimate on H's grid, the data as H takes them, the forward model.
    gain
        Electrons per count: the variance is m / gain. b holds the read noise, see `Camera`.
    mask
        Data that do not count; the residual is 0 there.

    >>> import numpy as np
    >>> from napari_deconvolution.algorithms.forward.blur import Blur
    >>> H = Blur(np.ones((1, 1), np.float32), (64, 64))
    >>> y = np.random.default_rng(0).poisson(100, (64, 64)).astype(np.float32)
    >>> bool(abs(residual(np.full(H.shape, 100, np.float32), y, H).chi_square - 1) < 0.05)
    True
    """
    expected = H.forward(x)
    expected += np.float32(H.background)
    miss = y - expected
    np.maximum(expected, floor_of(y), out=expected)
    miss *= np.sqrt(np.float32(gain) / expected)
    counted = miss.size
    if mask is not None:
        miss[mask] = 0
        counted -= int(mask.sum())
    chi_square = float(np.vdot(miss, miss)) / max(counted, 1)
    spectrum = scipy.fft.fftn(miss)
    frequency, power = shells([np.square(np.abs(spectrum)) / counted], miss.shape)
    return Residual(miss, chi_square, frequency, power[0])


class Photons(NamedTuple):
    """Where the light is, in the image's units: sums over the estimate and over what the model sees of it."""

    image: float
    """Of the image, above offset and background."""
    model: float
    """Of Hx within the field: equal to `image` for the maximum of the likelihood."""
    estimate: float
    """Of the estimate within the field."""
    out: float
    """Part of `estimate` whose light falls beyond the field."""
    into: float
    """Part of `model` that comes from outside of the field."""


def photons(image: float, x: Array, H: Forward) -> Photons:
    """The account of the light: model = estimate − out + into.

    >>> import numpy as np
    >>> from napari_deconvolution.algorithms.forward.blur import Blur
    >>> H = Blur(np.full((3, 3), 1 / 9, np.float32), (6, 6))
    >>> found = photons(36.0, np.ones(H.shape, np.float32), H)
    >>> [round(value) for value in found], abs(found.model - found.estimate + found.out - found.into) < 1e-3
    ([36, 36, 36, 8, 8], True)
    """
    seen = float(np.vdot(x, H.weight))
    planes = list(zip(x[H.inside], H.weight[H.inside], strict=True))  # one by one: no volume is made
    estimate = math.fsum(float(plane.sum(dtype=np.float64)) for plane, _ in planes)
    kept = math.fsum(float(np.sum(plane * weight, dtype=np.float64)) for plane, weight in planes)
    return Photons(image, seen, estimate, estimate - kept, seen - kept)


class Spread:
    """Mean and variance of images that come one after the other (Welford 1962, doi:10.1080/00401706.1962.10490022).

    >>> import numpy as np
    >>> spread = Spread()
    >>> for value in (1.0, 3.0):
    ...     spread.add(np.full((2, 2), value, np.float32))
    >>> round(float(spread.relative()[0, 0]), 4)
    0.7071
    """

    def __init__(self) -> None:
        self.count = 0

    def add(self, image: Array) -> None:
        """Take one more."""
        if self.count == 0:
            self.mean, self.squares = np.zeros_like(image), np.zeros_like(image)
        self.count += 1
        miss = image - self.mean
        self.mean += miss / np.float32(self.count)
        self.squares += miss * (image - self.mean)

    def relative(self) -> Array:
        """Standard deviation over mean; where the mean is below a thousandth of its maximum, over that."""
        deviation = np.sqrt(self.squares / np.float32(max(self.count - 1, 1)))
        return deviation / np.maximum(self.mean, 1e-3 * max(float(self.mean.max()), 1e-30))
