"""Bring beads onto each other to a small part of a voxel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

MARGIN = 6
"""Voxels that are moved beside a window, so that what a periodic shift brings in from the other side is cut off."""
STEPS, CLOSE = 8, 1e-4
"""Of Gauss-Newton, at most, and the step in voxels at which it ends."""


def centred(image: NDArray, position: Sequence[float] | Array, half: Sequence[int]) -> Array:
    """The window about a place, moved so that this place is its middle voxel.

    Moved by a phase in Fourier space, which neither blurs nor correlates the noise; beyond the border of the image its
    last voxels go on.

    >>> ramp = np.tile(np.arange(30.0), (30, 30, 1))
    >>> centred(ramp, (15, 15, 15), (1, 1, 1))[1, 1].round(6).tolist()
    [14.0, 15.0, 16.0]
    """
    whole = [round(at) for at in position]
    reach = [h + MARGIN for h in half]
    index = [
        np.clip(np.arange(at - r, at + r + 1), 0, n - 1) for at, r, n in zip(whole, reach, image.shape, strict=True)
    ]
    wide = image[np.ix_(*index)].astype(np.float64)
    move = [w - at for w, at in zip(whole, position, strict=True)]
    return shifted(wide, move)[tuple(slice(MARGIN, -MARGIN) for _ in half)]


def shifted(volume: Array, move: Sequence[float] | Array) -> Array:
    """A periodic volume moved by fractions of a voxel."""
    if not any(move):
        return volume
    spectrum = np.asarray(scipy.fft.rfftn(volume))
    for axis, (n, by) in enumerate(zip(volume.shape, move, strict=True)):
        f = scipy.fft.rfftfreq(n) if axis == volume.ndim - 1 else scipy.fft.fftfreq(n)
        spectrum *= np.exp(-2j * np.pi * f * by).reshape(-1, *(1,) * (volume.ndim - 1 - axis))
    return np.asarray(scipy.fft.irfftn(spectrum, volume.shape))


@dataclass(frozen=True, eq=False)
class Match:
    """A template laid upon a bead."""

    move: Array
    """How far the bead lies from the middle, z, y, x in voxels."""
    height: float
    """Of the template in this bead."""
    residual: Array
    """What is left, flat."""
    signal: Array
    """The template in this bead without its background, flat."""


def match(window: Array, template: Array, reach: Sequence[int], gain: float, floor: float) -> Match:
    """Find how far a bead lies from its template, by weighted least squares over the core.

    Height, background and place are fitted together, by Gauss-Newton.

    Parameters
    ----------
    window, template
        A bead and what it should look like, both centred and of one shape.
    reach
        Voxels on each side of the middle that are compared.
    gain, floor
        The variance of a voxel is `floor` + `gain` · its height above the background.

    >>> z, y, x = np.ogrid[-9:10, -9:10, -9:10]
    >>> def bell(at): return np.exp(-(z**2 + y**2 + (x - at) ** 2) / 6)
    >>> match(5 * bell(0.2) + 1, bell(0), (4, 4, 4), 0.0, 1.0).move[2].round(3).item()
    0.2
    """
    core = tuple(slice(max(0, n // 2 - r), n // 2 + r + 1) for n, r in zip(window.shape, reach, strict=True))
    margin = tuple(slice(max(0, s.start - MARGIN), s.stop + MARGIN) for s in core)
    inner = tuple(slice(s.start - m.start, s.stop - m.start) for s, m in zip(core, margin, strict=True))
    wide, data = template[margin], window[core].ravel()
    move, height = np.zeros(3), float(data.max())
    for _ in range(STEPS):
        moved = shifted(wide, move)
        slopes = [np.gradient(moved, axis=axis)[inner].ravel() for axis in range(3)]
        shape = moved[inner].ravel()
        weight = 1 / np.sqrt(floor + gain * np.maximum(height * shape, 0))
        columns = np.stack([shape, np.ones_like(shape), *(-height * slope for slope in slopes)], axis=1)
        found = np.linalg.lstsq(columns * weight[:, None], data * weight, rcond=None)[0]
        height, step = float(found[0]), np.clip(found[2:], -0.5, 0.5)
        move = move + step
        if np.abs(step).max() < CLOSE:
            break
    return Match(move, height, data - columns @ found, height * shape)
