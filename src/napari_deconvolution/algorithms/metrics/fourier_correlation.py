"""Fourier ring and shell correlation: down to which period two results agree."""

from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import shells, taper


class Reproducibility(NamedTuple):
    """How well two halves of the photons agree, by frequency. It tells what is reproducible, which need not be what is
    there.
    """

    frequency: NDArray[np.float64]
    """Cycles per unit of the spacing."""
    correlation: NDArray[np.float64]
    """1 where both agree, 0 where they have nothing in common."""
    period: float
    """The shortest period at which the correlation is still above 1/7; infinite if there is none."""


def reproducibility(first: Array, second: Array, spacing: tuple[float, ...]) -> Reproducibility:
    """Fourier ring (2-D) or shell (3-D) correlation of two images of the same shape, of independent noise.

        FRC(f) = Σ Re( A · B* ) / √( Σ |A|² · Σ |B|² ),    sums over the frequencies of a ring

    The edges are tapered off. A deconvolution correlates what its regularisation invents in both halves alike: so this
    is the reproducibility of detail, an upper bound on its resolution.

    Source: van Heel & Schatz 2005, doi:10.1016/j.jsb.2005.05.009; the threshold 1/7, Nieuwenhuizen et al. 2013,
    doi:10.1038/nmeth.2448.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> image = rng.random((64, 64), np.float32)
    >>> round(reproducibility(image, image, (0.1, 0.1)).period, 3)
    0.2
    """
    window = taper(first.shape)
    a, b = (scipy.fft.fftn((image - image.mean()) * window) for image in (first, second))
    sums = [(a * b.conj()).real, np.square(np.abs(a)), np.square(np.abs(b))]
    frequency, (both, one, other) = shells(sums, first.shape, spacing)
    correlation = both / np.maximum(np.sqrt(one * other), 1e-30)
    lost = np.flatnonzero((correlation < 1 / 7) & (frequency > 0))
    last = int(lost[0] if lost.size else frequency.size) - 1
    return Reproducibility(frequency, correlation, 1 / float(frequency[last]) if last > 0 else float("inf"))
