"""The part of an image that speaks for the whole: the brightest."""

import math
from collections.abc import Sequence

import numpy as np
import scipy.fft


def part_shape(shape: Sequence[int], voxels: int) -> tuple[int, ...]:
    """Of a part of at most so many voxels: whole along z, cut in y and x alike."""
    ratio = min(1.0, math.sqrt(voxels / math.prod(shape)))
    return (*shape[:-2], *(max(1, int(n * ratio)) for n in shape[-2:]))


def brightest(image: np.ndarray, voxels: int) -> tuple[slice, ...]:
    """The brightest part of at most so many voxels: whole along z, cut in y and x alike.

    >>> import numpy as np
    >>> brightest(np.pad(np.ones((1, 10, 10)), ((0, 0), (50, 40), (0, 90))), 400)
    (slice(0, 1, None), slice(40, 60, None), slice(0, 20, None))
    """
    whole = tuple(slice(0, n) for n in image.shape)
    if image.size <= voxels:
        return whole
    *_, rows, columns = image.shape
    size = part_shape(image.shape, voxels)[-2:]
    light = image.reshape(-1, rows, columns).sum(axis=0, dtype=np.float64)
    sums = scipy.ndimage.uniform_filter(light, size, mode="constant")
    valid = sums[tuple(slice(s // 2, n - (s - 1) // 2) for s, n in zip(size, (rows, columns), strict=True))]
    y, x = np.unravel_index(int(valid.argmax()), valid.shape)
    return (*whole[:-2], slice(int(y), int(y) + size[0]), slice(int(x), int(x) + size[1]))
