"""What passes a round hole: convolution with a disk, its mean over an Airy disk, its quadrature."""

import math
from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from .pixels import OVERSAMPLING, box_filter

Array = NDArray[np.float64]
Points = Callable[[Array, Array], Array]


def jinc(v: Array) -> Array:
    """The Fourier transform of a disk, 2 J₁(v) / v, relative to its area.

    >>> jinc(np.array([0.0, 3.8317])).round(5).tolist()
    [1.0, 0.0]
    """
    return np.where(v == 0, 1, 2 * scipy.special.j1(v) / np.where(v == 0, 1, v))


def airy(v: Array) -> Array:
    """The Airy disk (2 J₁(v) / v)².

    >>> airy(np.array([0.0, 3.8317])).round(6).tolist()
    [1.0, 0.0]
    """
    return jinc(v) ** 2


def airy_through(v: float) -> float:
    """The mean of the Airy disk over a hole of radius v about its centre: 4 (1 − J₀² − J₁²) / v².

    Source: Born & Wolf, Principles of Optics, section 8.5, doi:10.1017/CBO9781139644181.

    >>> round(airy_through(3.8317) * 3.8317**2 / 4, 3)  # the first dark ring holds 84 % of the light
    0.838
    """
    return float(4 * (1 - scipy.special.j0(v) ** 2 - scipy.special.j1(v) ** 2) / v**2) if v > 1e-3 else 1.0


def disk_nodes(radius: float, band: float) -> tuple[Array, Array, Array]:
    """Points (y, x) in a disk and their shares of it, for the mean of waves up to this angular frequency."""
    phase = band * radius
    nodes, weights = scipy.special.roots_legendre(math.ceil(phase / 4 + 6))
    r = radius * np.sqrt((nodes + 1) / 2)
    angles = 2 * math.ceil(phase / 2 + 6)
    turn = 2 * math.pi * (np.arange(angles) + 0.5) / angles
    y, x = (np.multiply.outer(r, along(turn)).ravel() for along in (np.sin, np.cos))
    return y, x, np.repeat(weights / 2 / angles, angles)


def through_hole(points: Points, band: float, radius: float, accuracy: float) -> Points:
    """The mean over a disk about each point.

    Parameters
    ----------
    points
        The function of y and x, with waves up to the angular frequency `band`.
    radius
        Of the disk, in µm.
    """

    def mean(y: Array, x: Array) -> Array:
        (fine_y, step_y, into_y), (fine_x, step_x, into_x) = (_refined(at, band) for at in (y, x))
        kernel = disk_kernel(radius, band, (step_y, step_x), accuracy)
        reach_y, reach_x = (n // 2 for n in kernel.shape)
        around_y = fine_y[0] + step_y * np.arange(-reach_y, len(fine_y) + reach_y)
        around_x = fine_x[0] + step_x * np.arange(-reach_x, len(fine_x) + reach_x)
        planes = np.moveaxis(points(around_y, around_x), -1, 0)
        return np.stack(
            [scipy.signal.fftconvolve(plane, kernel, mode="valid")[::into_y, ::into_x] for plane in planes], axis=-1
        )

    return mean


def _refined(at: Array, band: float) -> tuple[Array, float, int]:
    """Equally spaced positions within the band limit that include the given ones; their step, and every how many."""
    densest = math.pi / (OVERSAMPLING * band)
    if len(at) == 1:
        return at, densest, 1
    step = float(at[1] - at[0])
    into = max(1, math.ceil(step / densest))
    return at[0] + step / into * np.arange((len(at) - 1) * into + 1), step / into, into


def disk_kernel(radius: float, band: float, steps: tuple[float, float], accuracy: float) -> Array:
    """Weights of the points of a grid that give the mean over a disk: chord by chord along x, Gauss–Legendre across.

    >>> disk_kernel(0.3, 20.0, (0.08, 0.08), 1e-5).sum().round(5).item()
    1.0
    """
    waves = band * radius * math.pi / 2
    nodes, weights = scipy.special.roots_legendre(math.ceil(waves / 2 + 4 * waves ** (1 / 3) + 8))
    across, chords = radius * np.sin(nodes * math.pi / 2), radius * np.cos(nodes * math.pi / 2)
    shares = weights * np.cos(nodes * math.pi / 2) ** 2  # of the disk's area: chord times step
    y_step, x_step = steps
    columns = np.stack(
        [_interval(band * y_step, radius / y_step, offset / y_step, 0.0, accuracy) for offset in across.tolist()]
    )
    rows = np.stack(
        [_interval(band * x_step, radius / x_step, 0.0, 2 * chord / x_step, accuracy) for chord in chords.tolist()]
    )
    return np.asarray(_trimmed(columns).T * shares / shares.sum() @ _trimmed(rows))


def _trimmed(taps: Array) -> Array:
    """Without the zeros at both ends that all rows have."""
    empty = int(taps.any(axis=0).argmax())
    return taps[:, empty : taps.shape[1] - empty]


def _interval(turn: float, reach: float, middle: float, width: float, accuracy: float) -> Array:
    """Weights for the mean over an interval of any width: whole steps in the middle, fractions at both ends."""
    whole = max(0, 2 * math.ceil((width - 1) / 2) - 1)
    left = (width - whole) / (2 if whole else 1)
    parts = [(float(at), 1.0) for at in range(-(whole // 2), whole // 2 + 1)] if whole else []
    parts += [(middle + side * (whole + left) / 2, left) for side in ((-1, 1) if whole else (0,))]
    half = math.ceil(reach) + 20
    taps = np.zeros(2 * half + 1)
    for at, wide in parts:
        short = box_filter(turn, wide, accuracy, at - round(at))
        start = half + round(at) - len(short) // 2
        taps[start : start + len(short)] += short * (wide / width if width else 1.0)
    return taps
