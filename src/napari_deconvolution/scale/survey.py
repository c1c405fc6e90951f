"""Where an image is bright, and where it is dark: a few planes of every tile, before anything is deconvolved."""

from dataclasses import dataclass

import numpy as np

from ..algorithms.camera.noise import darkest
from ..images.image import Image
from .tiles import Tile, Tiling

PLANES = 3
"""Of each tile that are looked at, spread over its depth."""

SAME = 0.2
"""A tile of whose voxels more than this share are at its minimum is partly outside of what the camera saw."""


@dataclass(frozen=True)
class Survey:
    """What was seen of the volumes of one channel."""

    bright: Tile
    """The one with most structure: the brightest places stand highest above its median."""
    dark: Tile
    """The one with the darkest region."""
    mean: float
    """Of all."""


def surveyed(image: Image, tiling: Tiling, channel: int | None) -> Survey:
    """Look at the first volume of a channel.

    Parameters
    ----------
    image
        Its samples may be lazy: a few planes of a tile are read at a time.
    tiling
        Of this image.
    channel
        Which one; None where there is no such axis.
    """
    first = {axis: 0 if axis == "t" or channel is None else channel for axis in tiling.outer}
    found = []
    for tile in tiling:
        if tile.index != first:
            continue
        values = _planes(image, tile)
        middle, high = np.percentile(values, (50, 99.5))
        same = float(np.mean(values == values.min()))
        level = darkest(values) if same < SAME else np.inf
        found.append((float(high - middle), float(level), float(values.mean(dtype=np.float64)), tile))
    mean = float(np.average([each[2] for each in found], weights=[_voxels(each[3]) for each in found]))
    bright, dark = max(found, key=lambda each: each[0])[3], min(found, key=lambda each: each[1])[3]
    return Survey(bright, dark, mean)


def window(image: Image, tile: Tile) -> np.ndarray:
    """The samples of a tile with its margin."""
    return np.asarray(_part(image, tile, tile.window))


def _planes(image: Image, tile: Tile) -> np.ndarray:
    core = _part(image, tile, tile.core)
    if len(tile.core) == 2:
        return np.asarray(core)[None]
    depth = core.shape[0]
    numbers = sorted({depth * (2 * k + 1) // (2 * PLANES) for k in range(PLANES)})
    values = np.stack([np.asarray(core[number]) for number in numbers])
    return np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0) if values.dtype.kind == "f" else values


def _part(image: Image, tile: Tile, region: tuple[slice, ...]) -> np.ndarray:
    at = {axis: number for axis, number in tile.index.items() if axis in image.axes}
    volume = image.select(**at) if at else image
    order = [volume.axes.index(axis) for axis in volume.spatial]
    return volume.samples.transpose(order)[region]


def _voxels(tile: Tile) -> int:
    rows, columns = tile.core[-2:]
    return (rows.stop - rows.start) * (columns.stop - columns.start)
