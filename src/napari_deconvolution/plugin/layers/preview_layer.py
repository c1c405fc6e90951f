"""The layer that shows previews and live estimates: always the same one, at its place on the image."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from napari.layers import Layer

from .layer_data import layer_data
from .layer_source import Source

PREVIEW = "deconvolution preview"
"""Its name; it is never offered as an image."""

SOURCE = "of"
"""Key of its metadata for the samples it belongs to: units, rotation and colours are those of their layer."""


@dataclass(frozen=True, eq=False)
class Place:
    """A part of one volume of a source."""

    source: Source
    axes: str
    """Of the source."""
    at: Mapping[str, int]
    """Which volume, along time and channel."""
    part: Mapping[str, slice] = field(default_factory=dict)
    """Along y and x; the whole where nothing is given."""

    def layer(self, samples: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
        """Samples, (z) y x, on the axes of the source, and the attributes of a layer at this place."""
        spatial = "".join(axis for axis in "zyx" if axis in self.axes)
        image = self.source.image(self.axes).select(
            **{axis: self.at.get(axis, 0) for axis in self.axes if axis in "tc"}
        )
        turned = samples.transpose([spatial.index(axis) for axis in image.axes])
        _, attributes, _ = layer_data(image.replace(samples=turned, record={}, name=PREVIEW), self.source, self.axes)
        start = (
            np.array([self.part[axis].start if axis in self.part else 0 for axis in image.axes]) * attributes["scale"]
        )
        for matrix in ("shear", "rotate"):  # in the order of a layer, before translation
            start = attributes[matrix] @ start if matrix in attributes else start
        return turned, attributes | {"translate": tuple(np.add(attributes["translate"], start).tolist())}


def show(viewer: Any, samples: np.ndarray[Any, Any], place: Place) -> None:
    """Show samples at their place."""
    turned, attributes = place.layer(samples)
    if PREVIEW in viewer.layers:
        layer = viewer.layers[PREVIEW]
        if layer.ndim == samples.ndim and layer.metadata[SOURCE]() is place.source.data:
            layer.data = turned
            layer.scale, layer.translate = attributes["scale"], attributes["translate"]
            layer.contrast_limits = attributes["contrast_limits"]  # an estimate that improves grows brighter
            return
        viewer.layers.remove(layer)
    attributes["metadata"] = {SOURCE: weakref.ref(place.source.data)}
    viewer.add_layer(Layer.create(turned, attributes, "image"))


def remove(viewer: Any) -> None:
    """Take the layer away, if it is there."""
    if PREVIEW in viewer.layers:
        viewer.layers.remove(viewer.layers[PREVIEW])
