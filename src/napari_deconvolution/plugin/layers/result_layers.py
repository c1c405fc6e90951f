"""Which layers belong together: an image, its result and additional results."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from napari.layers import Image as ImageLayer
from napari.layers import Shapes
from numpy.typing import NDArray

from ...algorithms.metrics.errors import compare
from ...images.image import Image
from ...recipes.record import Record
from .layer_source import RECORD, USUAL, Source

COMPANION = re.compile(r", (residual|uncertainty|left out|kept)( \[\d+\])?$")
"""How names of additional results end; the viewer may have added a number."""


_RECORDS: WeakKeyDictionary[Any, tuple[Mapping[str, Any], Record]] = WeakKeyDictionary()
"""What was read of layers: the form in their metadata, and the record."""


def record_of(layer: Any) -> Record:
    """The record in the metadata of a layer; an empty one if there is none that this version can read."""
    form = layer.metadata.get(RECORD, {})
    if layer not in _RECORDS or _RECORDS[layer][0] is not form:
        try:
            record = Record.of(form)
        except ValueError:
            record = Record()
        _RECORDS[layer] = form, record
    return _RECORDS[layer][1]


def is_result(layer: Any) -> bool:
    """Whether it is the estimate of a deconvolution, not an additional result."""
    return isinstance(layer, ImageLayer) and record_of(layer).is_result and not COMPANION.search(layer.name)


def companion(result: Any, kind: str, layers: Iterable[Any]) -> Any:
    """The additional result made with a result: "residual" or "uncertainty". None if there is none."""
    for layer in layers:
        found = COMPANION.search(layer.name)
        if found and found[1] == kind and record_of(layer) == record_of(result):
            return layer
    return None


def before(result: Any, layers: Iterable[Any]) -> Any:
    """The layer that a result was most likely made from, by the name in the record. None if there is none."""
    name = record_of(result).name
    images = (layer for layer in layers if isinstance(layer, ImageLayer) and not layer.rgb and layer is not result)
    return next((layer for layer in images if layer.name == name), None)


def place(result: Any, point: tuple[float, ...]) -> dict[str, int]:
    """The index along each axis of a result at a point of the viewer, the nearest one there is."""
    image = image_in(result)
    at = np.rint(result.world_to_data(point[-result.ndim :])).astype(int)
    return dict(zip(image.axes, np.clip(at, 0, np.array(image.samples.shape) - 1).tolist(), strict=True))


def plane(layer: Any, result: Any, at: Mapping[str, int]) -> NDArray[Any]:
    """The plane (y, x) of a layer at a place of the result that belongs to it; lazy samples compute only that.

    Raises
    ------
    ValueError
        If the layer has no such plane, or one of another size.
    """
    recipe = record_of(result).settings
    image, own = _plane(image_in(layer, recipe["axes"]), {"c": recipe["channel"], **at}), _plane(image_in(result), at)
    if {*zip(image.axes, image.samples.shape, strict=True)} != {*zip(own.axes, own.samples.shape, strict=True)}:
        raise ValueError(f"The layer {layer.name!r} has no plane like those of {result.name!r}: choose another image.")
    return np.asarray(image.samples if image.axes == "yx" else image.samples.T)


def against(result: Any, truth: Any, at: Mapping[str, int]) -> dict[str, float]:
    """Errors of one volume of a result against that of another layer.

    Raises
    ------
    ValueError
        If they differ in size.
    """
    volumes = []
    for layer in (result, truth):
        image = image_in(layer)
        volume = image.select(**{axis: at[axis] for axis in image.axes if axis in "tc" and axis in at})
        volumes.append(np.asarray(volume.samples).transpose([volume.axes.index(axis) for axis in volume.spatial]))
    return compare(*volumes)._asdict()


def image_in(layer: Any, axes: str | None = None) -> Image:
    """The image in a layer; its axes are its own, else those given, else the usual ones."""
    samples = layer.data[0] if layer.multiscale else layer.data
    fitting = axes if axes is not None and len(axes) == samples.ndim else USUAL.get(samples.ndim, "")
    return Image(samples, Source(samples, labels=tuple(layer.axis_labels)).axes or fitting)


def _plane(image: Image, at: Mapping[str, int | None]) -> Image:
    return image.select(
        **{axis: index for axis, index in at.items() if axis in image.axes and axis not in "yx" and index is not None}
    )


def drawn_line(
    layers: Iterable[Any], result: Any, point: tuple[float, ...]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Both ends (y, x) of the selected line of a shapes layer, in voxels of a result; None if no line is selected."""
    for layer in layers:
        if not isinstance(layer, Shapes):
            continue
        for number in sorted(layer.selected_data):
            if layer.shape_type[number] == "line":
                first, last = (_voxels(layer, vertex, result, point) for vertex in layer.data[number])
                return first, last
    return None


def _voxels(layer: Any, vertex: NDArray[Any], result: Any, point: tuple[float, ...]) -> tuple[float, float]:
    world = tuple(layer.data_to_world(vertex))
    at = result.world_to_data(((*point[: len(point) - len(world)], *world))[-result.ndim :])
    axes = image_in(result).axes
    return float(at[axes.index("y")]), float(at[axes.index("x")])
