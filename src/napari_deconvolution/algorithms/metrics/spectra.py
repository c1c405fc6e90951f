"""What of a known specimen is in an image of it, and in an estimate, at every frequency along an axis."""

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import taper


class Spectra(NamedTuple):
    """By frequency along one axis; what `spectra` finds."""

    frequency: NDArray[np.float64]
    """Cycles per unit of the step."""
    transfer: NDArray[np.float64]
    """Of the PSF; 1 at frequency 0."""
    snr: NDArray[np.float64]
    """Amplitude of the signal in the image over that of the noise; 0 where there is no more than noise."""
    seen: NDArray[np.float64]
    """Correlation of the image with the truth; 1 where they agree, 0 where they have nothing in common."""
    found: NDArray[np.float64]
    """That of the estimate."""


def spectra(
    truth: Array, image: Array, estimate: Array, psf: Array, variance: Array, step: float = 1.0, axis: int = -1
) -> Spectra:
    """Compare an image and an estimate with the truth, frequency by frequency along an axis.

        snr²(f) = Σ |Y|² / Σ w² variance − 1,    correlation(f) = Σ Re( A · T* ) / √( Σ |A|² · Σ |T|² )

    Transforms go along the axis, of lines tapered off at their ends by w; sums go over the lines. The transfer is the
    absolute value of the Fourier transform of the PSF: of its plane in focus along y or x, of the line through its
    focus along z.

    Source: the correlation is that of Fourier rings, van Heel & Schatz 2005, doi:10.1016/j.jsb.2005.05.009, for the
    truth in the place of one image.

    Parameters
    ----------
    truth, image, estimate
        Of one shape, (z,) y, x.
    psf
        Of as many axes.
    variance
        Of the noise in each voxel of the image, in its unit squared: for photon counts, the counts.
    step
        Distance of samples along the axis, in µm for frequencies in 1/µm.
    axis
        Along which; -1 is x.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.random((64, 64))
    >>> found = spectra(truth, truth, -truth, np.ones((1, 1)), np.ones((64, 64)), step=0.1)
    >>> float(found.frequency[-1]), found.seen.round(6).min(), found.found.round(6).max()
    (5.0, np.float64(1.0), np.float64(-1.0))
    """
    shapes = {np.shape(values) for values in (truth, image, estimate, variance)}
    if len(shapes) > 1:
        raise ValueError(
            f"truth, image, estimate and variance have the shapes {', '.join(map(str, sorted(shapes)))}; crop them to "
            "one."
        )
    window = taper((truth.shape[axis],))
    t, y, x = (_lines(values, axis, window) for values in (truth, image, estimate))
    noise = float((np.square(window, dtype=np.float64) * np.moveaxis(variance, axis, -1)).sum())
    power = np.square(np.abs(y)).sum(axis=0)
    frequency = np.asarray(np.fft.rfftfreq(truth.shape[axis], step), np.float64)
    snr = np.sqrt(np.maximum(power / max(noise, 1e-30) - 1, 0))
    return Spectra(frequency, _transfer(psf, axis, step, frequency), snr, _correlation(y, t), _correlation(x, t))


def _lines(values: Array, axis: int, window: Array) -> NDArray[np.complex128]:
    """The spectra of the lines along an axis, one a row, without the mean of the whole."""
    lines = np.moveaxis(np.asarray(values, np.float64), axis, -1).reshape(-1, window.size)
    found: NDArray[np.complex128] = scipy.fft.rfft((lines - lines.mean()) * window, axis=1)
    return found


def _correlation(a: NDArray[np.complex128], b: NDArray[np.complex128]) -> NDArray[np.float64]:
    both = (a * b.conj()).real.sum(axis=0)
    power = np.square(np.abs(a)).sum(axis=0) * np.square(np.abs(b)).sum(axis=0)
    return np.asarray(both / np.maximum(np.sqrt(power), 1e-30))


def _transfer(psf: Array, axis: int, step: float, frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """At these frequencies, as a plain sum: the PSF has another number of samples than the image."""
    values = np.asarray(psf, np.float64)
    at = np.unravel_index(values.argmax(), values.shape)
    along = range(values.ndim)[axis]
    deep = values.ndim == 3 and along == 0
    line = values[:, at[1], at[2]] if deep else np.moveaxis(values[at[:-2]], along - values.ndim, -1).sum(axis=0)
    waves = np.exp(-2j * np.pi * step * np.outer(frequency, np.arange(line.size)))
    return np.asarray(np.abs(waves @ line) / line.sum())
