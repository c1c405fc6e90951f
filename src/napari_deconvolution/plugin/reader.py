"""Open images in napari with voxel size, units, axes, channels and the record, whatever their format."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..images.image import Channel, Image
from .layers.layer_data import LayerData, layer_data
from .layers.layer_source import ACQUISITION, USUAL

PAIR = ("magenta", "green")
CYCLE = ("cyan", "yellow", "magenta", "red", "green", "blue")
"""Colours for channels whose file names none, as napari takes them."""

MOST_IMAGES = 8
"""Of a file with more images, only the first is opened."""

IN_MEMORY = 1 << 30
"""Bytes; larger images stay in their file, and planes are read as they are shown."""


def get_reader(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list[LayerData]] | None:
    """The function that reads this path, or None if no format has its suffix; a list is a stack in several files."""
    from ..images.files import looks_readable

    paths = [path] if isinstance(path, str) else list(path)
    return read_layers if paths and all(looks_readable(each) for each in paths) else None


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """The channels of the images in a file, or of the one image in several files, a layer each.

    A file that does not say what its axes are is opened all the same, with unlabelled axes in front of y and x.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is damaged, or a colour photograph.
    """
    from ..images.files import contents, read

    paths = path if isinstance(path, str) or len(path) > 1 else path[0]
    own = [number for number, each in enumerate(contents(paths)) if each.own]
    if len(own) in (0, 1) or len(own) > MOST_IMAGES:
        try:
            return _layers(read(paths))
        except ValueError as error:
            return [_unlabelled(paths, error)]
    layers = []
    for number in own:
        layers += _layers(read(paths, series=number), number == own[0])
    return layers


def _layers(image: Image, numbered: bool = True) -> list[LayerData]:
    """The channels of an image, a layer each, numbered if they are to be taken together."""
    if image.samples.nbytes <= IN_MEMORY:
        image = image.replace(samples=np.asarray(image.samples))
    if "c" not in image.axes:
        return [_channel_layer(image, image.name, image.channels[0].colour if image.channels else None)]
    count = image.channel_count
    colours = PAIR if count == 2 else CYCLE
    layers = []
    for at in range(count):
        one = image.select(c=at)
        channel = one.channels[0] if one.channels else Channel()
        name = f"{image.name} {channel.name or at}".strip()
        samples, attributes, kind = _channel_layer(
            one, name, channel.colour or (colours[at % len(colours)] if count > 1 else None)
        )
        if count > 1:
            if numbered:
                attributes["metadata"].setdefault(ACQUISITION, {})["number"] = at
            attributes["blending"] = "additive"
        layers.append((samples, attributes, kind))
    return layers


def _channel_layer(image: Image, name: str, colour: str | None) -> LayerData:
    samples, attributes, kind = layer_data(image.replace(name=name))
    return samples, attributes | ({"colormap": colour} if colour else {}), kind


def _unlabelled(path: str | Sequence[str], error: ValueError) -> LayerData:
    """The samples of a file without axes; any other fault of the file is raised."""
    from ..images.files import read

    for axes in USUAL.values():
        try:
            image = read(path, axes)
        except ValueError:
            continue
        samples, attributes, kind = layer_data(image)
        hidden = len(axes) - 2
        attributes["axis_labels"] = (*(f"-{at}" for at in range(len(axes), 2, -1)), "y", "x")
        attributes["units"] = ("pixel",) * hidden + attributes["units"][hidden:]
        return samples, attributes, kind
    raise error


def calibration(path: Path, axes: str) -> Image:
    """What a file tells of an image that another reader opened from it without its voxel size.

    Parameters
    ----------
    path
        The file.
    axes
        A letter per dimension, for a file without axes.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, or has no voxel size.
    """
    from ..images.files import read

    try:
        image = read(path)
    except ValueError:
        image = read(path, axes)
    if image.voxel is None:
        raise ValueError(f"{path.name} has no voxel size: type it, {' '.join(image.spatial)} in µm.")
    return image
