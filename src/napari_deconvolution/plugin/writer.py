"""Save image layers as OME-TIFF with voxel size, channels and the record of how they were made."""

from dataclasses import replace
from typing import Any

import numpy as np

from ..images.image import Channel, Image
from .layers.layer_data import LayerData
from .layers.layer_source import Source


def write_layers(path: str, layers: list[LayerData]) -> list[str]:
    """Write one or several image layers as the channels of one file; napari has asked whether to overwrite it.

    Raises
    ------
    ValueError
        If a layer has no axis labels, or layers differ in shape, axes or voxel size.
    OSError
        If the file cannot be written.
    """
    from ..images.files import write

    sources = [Source.of(layer) for layer in layers]
    images = [source.image() for source in sources]
    named = [_described(image, source, len(images) > 1) for image, source in zip(images, sources, strict=True)]
    return [str(write(named[0] if len(named) == 1 else _stacked(named), path, overwrite=True))]


def _stacked(images: list[Image]) -> Image:
    """One image whose channels are these."""
    first = images[0]
    for image in images:
        if "c" in image.axes:
            raise ValueError(
                f"The layer {image.name!r} has several channels: save it alone, or split it "
                "(Layers, Data, Split Stack)."
            )
        if image.describe() != first.describe() or image.spacing != first.spacing:
            raise ValueError(
                f"The layers {first.name!r} ({first.describe()}, voxel {first.voxel} µm) and {image.name!r} "
                f"({image.describe()}, voxel {image.voxel} µm) are not channels of one image: save them one by one."
            )
    samples = np.stack([image.samples for image in images])
    channels = tuple(channel for image in images for channel in image.channels)
    record: dict[str, Any] = (
        {"channels": [dict(image.record) for image in images]} if any(image.record for image in images) else {}
    )
    return first.replace(samples=samples, axes="c" + first.axes, channels=channels, record=record, name="")


def _described(image: Image, source: Source, several: bool) -> Image:
    """With a channel that keeps the layer's colour, and its name where there are several."""
    if "c" in image.axes:
        return image
    known = image.channels[0] if image.channels else Channel()
    name = image.name if several else known.name
    return image.replace(channels=(replace(known, name=name, colour=_colour(source.colormap) or known.colour),))


def _colour(colormap: Any) -> str | None:
    """The colour of a map that runs from black to one colour; None for grey and all others."""
    colors = np.asarray(getattr(colormap, "colors", colormap["colors"] if isinstance(colormap, dict) else ()))
    if len(colors) != 2 or colors[0][:3].any() or np.ptp(colors[1][:3]) == 0:
        return None
    return "#" + "".join(f"{round(255 * float(part)):02x}" for part in colors[1][:3])
