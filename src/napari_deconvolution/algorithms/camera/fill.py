"""Fill outside the field: what registration, rotation and deskewing write where the camera saw nothing."""

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from ..forward.masked import Mask

BOX = 7
"""Width in pixels of what must be filled wholly: in light, so many equal values do not lie together."""

LEAST = 1000
"""Voxels in all; smaller areas are not looked for."""


def find_fill(image: NDArray[Any]) -> Mask:
    """Large areas of one same value that touch the border of the image and end at once.

    Where the camera or a threshold has cut off dim light, equal values thin out towards what is brighter; fill
    does not.

    >>> import numpy as np
    >>> image = np.random.default_rng(0).poisson(20, (4, 64, 64))
    >>> image[:, :, :12] = 0
    >>> np.flatnonzero(find_fill(image)[0, 30]).tolist() == list(range(12))
    True
    """
    found = np.zeros(image.shape, bool)
    if min(image.shape[-2:]) < 2 * BOX or image.size < 4 * LEAST:
        return found
    for value in _common(image):
        same = image == value
        box = [1] * (image.ndim - 2) + [BOX, BOX]
        whole = scipy.ndimage.binary_opening(same, np.ones(box, bool))
        # What the box leaves in the corners of slanted borders.
        grown = scipy.ndimage.binary_dilation(whole, _cross(image.ndim), BOX // 2, mask=same)
        parts, count = scipy.ndimage.label(grown, np.ones([3] * image.ndim))
        touching = np.unique(
            np.concatenate([parts.take((0, -1), axis).ravel() for axis in range(image.ndim - 2, image.ndim)])
        )
        sizes = np.bincount(parts.ravel(), minlength=count + 1)
        kept = np.isin(parts, [part for part in touching if part and sizes[part] >= LEAST])
        shell = scipy.ndimage.binary_dilation(kept, _cross(image.ndim), 3) & ~kept
        if kept.any() and shell.any() and float(same[shell].mean()) < 0.3:
            found |= kept
    return found


def _common(image: NDArray[Any]) -> list[Any]:
    """The most frequent values of the border."""
    border = np.concatenate([image.take((0, -1), axis).ravel() for axis in range(image.ndim - 2, image.ndim)])
    values, counts = np.unique(border, return_counts=True)
    most = np.argsort(counts)[::-1][:2]
    return [values[at] for at in most if counts[at] >= BOX * BOX]


def _cross(axes: int) -> NDArray[np.bool_]:
    """The lateral neighbours of a voxel."""
    cross: NDArray[np.bool_] = scipy.ndimage.generate_binary_structure(2, 1)
    return cross if axes == 2 else cross[None]
