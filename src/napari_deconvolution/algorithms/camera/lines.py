"""Whole columns, rows and planes that do not show the specimen: dead or hot lines of a camera, frames that were
lost.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from ..forward.masked import Mask

OUTLYING = 12.0
"""Of the usual difference between a line and its neighbours: more is no specimen and no noise."""


SAMPLES = 4096
"""Voxels of a line that are looked at."""


def find_lines(image: NDArray[Any], offset: float, ratio: float) -> Mask:
    """Columns and rows of the camera that stand out against their neighbours.

    They run through all planes. A line is left out if every voxel of it has one value while its neighbours have
    several. And one, or two side by side, if they differ from those on either side by far more than other lines
    do, and by a greater factor than the PSF lets light change, on the way from one to the other and back.

    Parameters
    ----------
    image
        (z,) y, x, in counts.
    offset
        Of the camera.
    ratio
        How many times brighter than its neighbours a voxel can be, behind the PSF.

    >>> import numpy as np
    >>> image = np.random.default_rng(0).poisson(100, (4, 32, 32))
    >>> image[:, :, 7:9] = 300
    >>> np.flatnonzero(find_lines(image, 0.0, 1.5).any(axis=(0, 1))).tolist()
    [7, 8]
    """
    found = np.zeros(image.shape, bool)
    for axis in (image.ndim - 2, image.ndim - 1):
        lines = np.moveaxis(image, axis, 0).reshape(image.shape[axis], -1)
        lines = lines[:, :: max(1, lines.shape[1] // SAMPLES)]
        count = len(lines)
        if count < 16 or lines.shape[1] < 16:
            continue
        means = (
            np.asarray(scipy.stats.trim_mean(lines, 0.1, axis=1)) - offset
        )  # without its extremes, so that hot voxels make no line
        even = np.ptp(lines, axis=1) == 0
        bad = even & ~np.array([even[_around(at, count)].all() for at in range(count)])
        for width in (1, 2):
            inside = np.convolve(means, np.full(width, 1 / width), "valid")[1:-1]
            outside = (means[: count - width - 1] + means[width + 1 :]) / 2
            difference = inside - outside
            usual = np.median(np.abs(difference)) / 0.6745
            outlying = np.abs(difference) > OUTLYING * max(float(usual), 1e-6 * float(np.abs(means).max()), 1e-30)
            steep = (inside > ratio**width * outside) | (inside < outside / ratio**width)
            for first in np.flatnonzero(outlying & steep) + 1:
                bad[first : first + width] |= not bad[first - 1 : first + width + 1].any()
        if bad.sum() <= count // 10:
            np.moveaxis(found, axis, 0)[bad] = True
    return found


def find_planes(image: NDArray[Any]) -> Mask:
    """Planes of a stack that were lost: all of one value, or the same as the plane before to the last bit.

    >>> import numpy as np
    >>> image = np.random.default_rng(0).poisson(100, (6, 16, 16))
    >>> image[2], image[4] = 0, image[3]
    >>> np.flatnonzero(find_planes(image).any(axis=(1, 2))).tolist()
    [2, 4]
    """
    found = np.zeros(image.shape, bool)
    if image.ndim < 3 or len(image) < 3:
        return found
    even = np.array([float(np.ptp(plane)) == 0 for plane in image])
    repeated = np.array([False, *(bool((here == before).all()) for before, here in pairwise(image))])
    lost = even | repeated
    if lost.sum() <= len(image) // 2:
        found[lost] = True
    return found


def _around(at: int, count: int) -> list[int]:
    """Three on either side; at the ends, the nearest six."""
    first = min(max(at - 3, 0), count - 7)
    return [k for k in range(first, first + 7) if k != at]
