"""Whether the noise of an image is that of a camera: white, and in every part what its brightness says."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .floor import Blocks, Floor, Line

OBJECTIONS = (
    "its noise is not the same at all frequencies, as after smoothing, interpolation or a median filter",
    "its noise is not the same in parts of the same brightness, as after denoising or compression",
    "its noise is almost nothing in most places and strong in few, as after denoising or compression",
)


RAW = 0.8
"""Raw images are nearer than this, see `Whiteness.distance`."""


class Whiteness(NamedTuple):
    """What noise says of how an image came about. Raw images have 1, 1 and 3, within chance."""

    tilt: float
    """Power at the higher against that at the lower frequencies of an axis, or of the lateral radius: the one that
    is furthest from 1."""
    scatter: float
    """How far the noise of blocks is from what their brightness says, in units of chance (mean square)."""
    kurtosis: float
    """Fourth moment of the noise over the square of its second, above what the shot noise of few photons explains."""
    chance: tuple[float, float, float]
    """Standard deviations of the three (of the first, of its logarithm)."""

    @property
    def distances(self) -> tuple[float, float, float]:
        """How far each of the three is from that of a raw image, in units of what chance and leaks of the specimen
        explain.
        """
        tilt, scatter, kurtosis = self.chance
        return (
            abs(math.log(self.tilt)) / (0.2 + 4 * tilt),
            max(self.scatter - 1, 0) / (0.5 + 4 * scatter),
            max(self.kurtosis - 3, 0) / (0.4 + 4 * kurtosis),
        )

    @property
    def distance(self) -> float:
        """All of them together: raw images stay below 0.8."""
        return math.hypot(*self.distances)

    @property
    def objection(self) -> str:
        """What speaks most against a raw image."""
        return OBJECTIONS[self.distances.index(max(self.distances))]


def whiteness(spectrum: NDArray[Any], beyond: NDArray[np.bool_], floor: Floor, blocks: Blocks, fit: Line) -> Whiteness:
    """How white, and how much like photons, noise is.

    Smoothing, interpolation and compression tilt its spectrum; median filters, total variation and non-local means
    leave more of it at edges than on even ground.

    Parameters
    ----------
    spectrum, beyond
        Of the tapered image, and the frequencies at which it shows noise alone.
    floor, blocks, fit
        That noise, its blocks, and the line through them.
    """
    power = np.square(np.abs(spectrum[beyond]))
    tilts = [
        _tilt(power, np.broadcast_to(frequency, spectrum.shape)[beyond]) for frequency in _frequencies(floor.shape)
    ]
    tilt, chance = max(tilts, key=lambda one: abs(math.log(one[0])) - 4 * one[1])
    least = 0.05 * float(blocks.variance.mean())
    miss = np.square(blocks.variance / fit.at(blocks.mean, least) - 1) * blocks.dof / 2
    variance = fit.at(floor.mean[floor.seen], least)
    noise = np.square(floor.noise[floor.seen]) / (variance * floor.weight[floor.seen])
    # The fourth moment of filtered shot noise of m electrons, here variance / slope², exceeds 3 by Σk⁴ / (Σk²)² / m.
    single = float(np.square(np.square(floor.kernel)).sum(dtype=np.float64)) / floor.share**2
    photons = single * max(fit.slope, 0.0) ** 2 * float((1 / variance).mean(dtype=np.float64))
    kurtosis = float(np.square(noise).mean(dtype=np.float64) / noise.mean(dtype=np.float64) ** 2) - photons
    numbers = max(noise.size * floor.share / 3, 1.0)
    return Whiteness(tilt, float(miss.mean()), kurtosis, (chance, math.sqrt(8 / miss.size), math.sqrt(24 / numbers)))


def _frequencies(shape: tuple[int, ...]) -> list[NDArray[Any]]:
    """|f| along every axis, and the lateral radius, on the half spectrum."""
    axes = [np.abs(np.fft.fftfreq(n)) for n in shape[:-1]] + [np.fft.rfftfreq(shape[-1])]
    apart = [f.reshape(-1, *(1,) * (len(axes) - 1 - k)) for k, f in enumerate(axes)]
    return [f for f, n in zip(apart, shape, strict=True) if n > 2] + [np.hypot(*apart[-2:])]


def _tilt(power: NDArray[Any], frequency: NDArray[Any]) -> tuple[float, float]:
    """Power in the upper third of these frequencies over that in the lower third, and the standard deviation of
    its logarithm.
    """
    low, high = np.quantile(frequency, (1 / 3, 2 / 3))
    lower, upper = power[frequency <= low], power[frequency > high]
    if min(lower.size, upper.size) < 8:
        return 1.0, 1.0
    # The taper makes about three neighbours one.
    ratio = max(float(upper.mean(dtype=np.float64)), 1e-30) / max(float(lower.mean(dtype=np.float64)), 1e-30)
    return ratio, math.sqrt(3 / lower.size + 3 / upper.size)


def falls_too_fast(spectrum: NDArray[Any], passed: NDArray[np.float32]) -> bool:
    """Whether an image is smoother than its OTF, |OTF|² = `passed`, makes it: for where no frequency shows the
    noise alone.

    From the lateral radii of 0.35 to 0.45 cycles per pixel to those above, specimen and white noise together
    cannot fall faster than the OTF and the spectrum of a sharp edge do.
    """
    radius = np.broadcast_to(_frequencies((*spectrum.shape[:-1], 2 * (spectrum.shape[-1] - 1)))[-1], spectrum.shape)
    inner, outer = (radius > 0.35) & (radius <= 0.45), radius > 0.45
    fall, allowed = (
        float(values[outer].mean(dtype=np.float64)) / max(float(values[inner].mean(dtype=np.float64)), 1e-30)
        for values in (np.square(np.abs(spectrum)), passed)
    )
    return fall < 0.3 * allowed
