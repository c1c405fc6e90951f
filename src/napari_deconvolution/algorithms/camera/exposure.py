"""How much light each plane of a stack got: the flicker of a lamp, and what bleached, as far as the axial OTF lets
it be told.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.fft
import scipy.linalg
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import halves, taper

FIELD = 256
"""Pixels along y and x, in the middle of the field, that are looked at."""

RINGS = 16
"""Rings of lateral frequency that are looked at one by one."""

USUAL = 0.1
"""What lamps flicker by; more is found too where the image tells it."""

TRUST = 1e-3
"""Share of the light that a PSF, which is never quite right, may carry to where it should not."""

FAST = 0.3
"""A pattern of planes that the OTF passes less of, in units of what it passes of all patterns on average, is no
specimen."""

SURE, LEAST = 15.0, 0.025
"""Flicker is believed if it is so many times likelier than chance, and worth a correction of so much."""

EXPLAINED = 0.3
"""And if it explains so much of what the OTF forbids."""

Values = NDArray[np.float64]


class Exposure(NamedTuple):
    """Of the planes of a stack."""

    factors: NDArray[np.float32]
    """Their brightness against that of planes evenly lit; mean 1."""
    evidence: float
    """How much better the image agrees with the OTF with them, in units of what chance does."""
    explained: float
    """Share of what the OTF forbids that goes away with them; the rest is of another kind, as with a wrong PSF."""

    @property
    def flickers(self) -> bool:
        """The planes were not evenly lit."""
        return self.evidence > SURE and self.explained > EXPLAINED and float(self.factors.std()) > LEAST


def exposure(light: Array, passed: NDArray[np.float32]) -> Exposure:
    """The brightness of every plane, from what in the image changes faster from plane to plane than the OTF can pass.

        y_z = f_z s_z + noise,    covariance of s along z, at a lateral frequency k:
        C_k(z − z') = ∫ |OTF(k, f)|² exp(2πi f (z − z')) df

    Of all factors those are taken that make y / f likeliest (Gaussian, one C for every ring of k), with a belief
    that they are 1 within 10 %. Slow changes, as of bleaching, look like a specimen that gets dimmer: they are
    found only where the OTF forbids those too, as in the sums of widefield planes. Where planes are so far apart
    that the OTF passes any change, the belief decides: no flicker.

    Parameters
    ----------
    light
        z, y, x: counts above the offset, background included, for it flickers with the rest.
    passed
        |OTF|² on the half spectrum of a grid of twice as many planes, and the image's lateral size or `FIELD`, if
        that is smaller.

    Source: the likelihood of band-limited Gaussian signals, Rasmussen & Williams 2006, ISBN 026218253X, chapter 2;
    its use for flicker, this project.

    >>> import numpy as np, scipy.ndimage
    >>> from napari_deconvolution.fourier import transfer
    >>> axial, lateral = np.square(np.arange(-8, 9)[:, None, None] / 4), np.arange(-6, 7) ** 2 / 8
    >>> broad = np.exp(-axial - np.add.outer(lateral, lateral)).astype(np.float32)
    >>> rng, planes = np.random.default_rng(0), np.arange(12)
    >>> smooth = 200 + scipy.ndimage.gaussian_filter(rng.normal(0, 20_000, (12, 64, 64)), (3, 2, 2), mode="wrap")
    >>> lit = np.where(planes % 3, 1.0, 0.9)[:, None, None]
    >>> found = exposure(rng.poisson(np.maximum(smooth, 0) * lit).astype(np.float32), transfer(broad, (24, 64, 64)))
    >>> found.flickers, bool(np.abs(found.factors / found.factors.mean() - lit[:, 0, 0] / lit.mean()).max() < 0.02)
    (True, True)
    """
    planes = len(light)
    middle = tuple(
        slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(light.shape[1:], field(light.shape)[1:], strict=True)
    )
    seen = light[(slice(None), *middle)]
    spectrum = scipy.fft.rfft2(seen * taper(seen.shape[1:]))
    rings, weights = _rings(spectrum.shape[1:], seen.shape[-1])
    found = [_ring(spectrum[:, at], passed[:, at], weights[at]) for at in (rings == ring for ring in np.unique(rings))]
    noise = min(ring.power for ring in found)
    patterns = _fast(found, noise)
    lit, gains, forbidden = np.ones(planes), list[float](), list[float]()
    for _ in range(3 if patterns.size else 0):
        step, gained, power = _likeliest(found, noise, 1 / lit, patterns)
        lit /= np.clip(1 - step, 0.5, 2)
        gains.append(gained)
        forbidden.append(power)
    if not gains:
        return Exposure(np.ones(planes, np.float32), 0.0, 0.0)
    explained = (forbidden[0] - forbidden[-1]) / max(forbidden[0] - 1, 1e-6)
    return Exposure((lit / lit.mean()).astype(np.float32), gains[0], explained)


def field(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The grid of `passed` for a stack of this shape."""
    return (2 * shape[0], *(min(n, FIELD) for n in shape[1:]))


class _Ring(NamedTuple):
    """Lateral frequencies of about one length."""

    gram: Values
    """Mean of y_z y_z'* over them."""
    axial: Values
    """Covariance along z of what the OTF passes, by distance, 1 at none."""
    size: float
    """How many they are."""

    @property
    def power(self) -> float:
        return float(np.trace(self.gram)) / len(self.gram)


def _ring(values: NDArray[Any], passed: NDArray[np.float32], weight: NDArray[np.float32]) -> _Ring:
    count = float(weight.sum())
    gram = np.real((values * weight) @ values.conj().T).astype(np.float64) / count
    lags = np.real(scipy.fft.ifft((passed * weight).sum(axis=1)))[: len(values)].astype(np.float64)
    return _Ring(gram, lags / max(float(lags[0]), 1e-30), count)


def _fast(rings: list[_Ring], noise: float) -> Values:
    """Patterns of planes, z by pattern, that change faster than the OTF passes where it carries the light of this
    image.
    """
    shares = np.array([max(ring.power - noise, 0.0) * ring.size for ring in rings])
    lags = np.average([ring.axial for ring in rings], axis=0, weights=shares + 1e-30)
    passed, patterns = np.linalg.eigh(scipy.linalg.toeplitz(lags))
    fast: Values = patterns[:, passed < FAST]
    return fast


def _likeliest(rings: list[_Ring], noise: float, inverse: Values, patterns: Values) -> tuple[Values, float, float]:
    """The change of the factors that makes the image likeliest, of these patterns; how much it gains over what
    chance does; and the power that the image has, before it, where the OTF forbids it, in units of the noise.
    """
    planes = len(inverse)
    hessian, slope = np.eye(planes) / USUAL**2, (inverse - 1) / USUAL**2
    beyond = numbers = 0.0
    for ring in rings:
        signal = ring.power - noise
        if signal <= noise:  # none, in an image without light
            continue
        # Where the OTF passes, the specimen may do as it likes: it is allowed ten times its usual power.
        covariance = signal * scipy.linalg.toeplitz(ring.axial)
        floor = max(noise, TRUST * signal) * np.eye(planes)
        precision: Any = np.linalg.inv(10 * covariance + floor)
        curvature = precision * (ring.gram * np.outer(inverse, inverse))
        hessian += ring.size * curvature
        slope += ring.size * (curvature.sum(axis=1) - np.diag(precision @ (covariance + floor)))
        passed, vectors = np.linalg.eigh(10 * covariance)
        dark = vectors[:, passed < floor[0, 0]]
        beyond += ring.size * float(np.trace(dark.T @ (ring.gram * np.outer(inverse, inverse)) @ dark)) / floor[0, 0]
        numbers += ring.size * dark.shape[1]
    step = patterns @ np.linalg.solve(patterns.T @ hessian @ patterns, patterns.T @ slope)
    return step, float(slope @ step) / patterns.shape[1], beyond / max(numbers, 1.0)


def _rings(shape: tuple[int, ...], columns: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Of a lateral half spectrum: the ring of each frequency, of equal steps in the root of its radius, and how
    often it occurs.
    """
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.linspace(0, 0.5, shape[1]))
    rings = np.minimum((np.sqrt(radius / 0.5) * RINGS).astype(int), RINGS - 1)
    return rings, np.broadcast_to(halves(columns), shape)
