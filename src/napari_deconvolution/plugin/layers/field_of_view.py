"""Which part of an image is previewed: a rectangle of a Shapes layer, or the visible field."""

from typing import Any

import numpy as np
from napari.layers import Shapes

LARGEST = 256
"""Voxels along y and x of a preview of the visible field: as many as a person will wait for."""


def region(viewer: Any, layer: Any, axes: str) -> tuple[dict[str, slice], str]:
    """The part of a layer to preview, in voxels along y and x, and its origin in words.

    Parameters
    ----------
    viewer, layer
        The layer is one of the viewer's.
    axes
        A letter per dimension of the layer.

    Raises
    ------
    ValueError
        If the rectangle lies outside the image.
    """
    sizes = dict(zip(axes, (layer.data[0] if layer.multiscale else layer.data).shape, strict=True))
    drawn = _rectangle(viewer, layer)
    if drawn is not None:
        corners, words = drawn, "the rectangle"
    else:
        corners, words = np.array(layer.corner_pixels, float), "the visible field"
        corners[1] += 1  # the last voxel is visible too
        if layer.multiscale:  # its corners are in voxels of the level on display
            corners = corners * np.array(layer.downsample_factors[layer.data_level])
    found = {}
    for axis in "yx":
        at = axes.index(axis)
        start, stop = (round(float(value)) for value in (corners[0][at], corners[1][at]))
        start, stop = max(start, 0), min(stop, sizes[axis])
        if drawn is not None and stop <= start:
            raise ValueError(
                "The last shape of the Shapes layer lies outside the image: draw a rectangle on it, or hide the layer."
            )
        if stop - start < 4:
            start, stop, words = 0, sizes[axis], "the field"
        if drawn is None and stop - start > LARGEST:
            start = (start + stop - LARGEST) // 2
            stop, words = start + LARGEST, f"the middle {LARGEST} voxels of the visible field"
        found[axis] = slice(start, stop)
    return found, words


def _rectangle(viewer: Any, layer: Any) -> np.ndarray | None:
    """The corners of the last shape of the uppermost visible Shapes layer, in voxels of the layer."""
    for shapes in reversed(viewer.layers):
        if isinstance(shapes, Shapes) and shapes.visible and len(shapes.data):
            chosen = sorted(shapes.selected_data)[-1] if shapes.selected_data else len(shapes.data) - 1
            world = np.array([shapes.data_to_world(point) for point in shapes.data[chosen]])
            wide = np.zeros((len(world), layer.ndim))
            wide[:, -world.shape[1] :] = world[:, -layer.ndim :]
            points = np.array([layer.world_to_data(point) for point in wide])
            return np.array([points.min(axis=0), points.max(axis=0)])
    return None


def shown_at(viewer: Any, layer: Any, axes: str) -> dict[str, int]:
    """The indices along t and c at which a layer is on display."""
    sizes = (layer.data[0] if layer.multiscale else layer.data).shape
    point = np.asarray(viewer.dims.point)[-layer.ndim :]
    data = layer.world_to_data(np.concatenate([np.zeros(layer.ndim - len(point)), point]))
    return {
        axis: int(np.clip(round(float(at)), 0, size - 1))
        for axis, at, size in zip(axes, data, sizes, strict=True)
        if axis in "tc"
    }
