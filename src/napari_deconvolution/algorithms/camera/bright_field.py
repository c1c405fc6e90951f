"""Bright-field images: dark structures on a bright ground, which no fluorescence model explains."""

import numpy as np
import scipy.ndimage
from numpy.typing import ArrayLike, NDArray


def bright_ground(image: NDArray[np.generic]) -> float | None:
    """The level of a bright ground, in the units of the image, if there is one; else None.

    There is one if, after smoothing by a pixel, the most frequent level fills a third of the image and half of its
    border, and the image goes three times as far below it as above.

    >>> import numpy as np
    >>> light = np.full((64, 64), 900.0)
    >>> light[20:30, 20:40] = 300
    >>> image = np.random.default_rng(0).poisson(light)
    >>> bool(abs(bright_ground(image) - 900) < 20), bright_ground(1000 - image)
    (True, None)
    """
    if min(image.shape[-2:]) < 8:
        return None
    smooth = scipy.ndimage.gaussian_filter(image.astype(np.float32), [0.0] * (image.ndim - 2) + [1.0, 1.0])
    low, high = np.quantile(smooth, (0.001, 0.999))
    if high <= low:
        return None
    counts, edges = np.histogram(smooth, 64, (low, high))
    ground = float(edges[counts.argmax()] + edges[counts.argmax() + 1]) / 2
    width = max(float(high) - ground, float(high - low) / 64)
    near = np.abs(smooth - ground) <= 1.5 * width
    rim = np.concatenate([near.take((0, -1), axis).ravel() for axis in (image.ndim - 2, image.ndim - 1)])
    bright = ground - low > 3 * width and float(near.mean()) > 1 / 3 and float(rim.mean()) > 1 / 2
    return ground if bright else None


def absorbance(image: ArrayLike, ground: float, offset: float = 0.0) -> NDArray[np.float32]:
    """How much light the specimen took away, which adds up along the light's way as fluorescence does.

        A = −ln( (I − offset) / (ground − offset) ),    not below 0

    Source: Bouguer 1729, Lambert 1760, Beer 1852, doi:10.1002/andp.18521620505.

    >>> absorbance([[1000.0, 367.879]], 1000.0).round(3).tolist()
    [[0.0, 1.0]]
    """
    light = np.asarray(image, np.float32) - np.float32(offset)
    least = np.float32(1e-3 * (ground - offset))
    taken: NDArray[np.float32] = -np.log(np.maximum(light, least) / np.float32(ground - offset))
    return np.maximum(taken, 0)
