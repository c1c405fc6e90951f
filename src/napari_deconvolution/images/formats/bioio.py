"""What bioio opens, where it is installed: formats that are not read here, through its plugins.

Source: https://bioio-devs.github.io/bioio.
"""

from pathlib import Path
from typing import Any

from ..image import Channel
from ..lazy import LazySamples
from .base import Format, Found


class BioIo(Format):
    """Files of other microscopes. It is listed only where bioio is installed."""

    name = "other (bioio)"
    suffixes = (".oib", ".oif", ".ims", ".dv", ".r3d", ".vsi", ".sld")
    tells = "voxel size and names of channels, as far as the plugin of bioio tells them"

    def images(self, path: Path) -> list[Found]:
        """Every scene of a file."""
        opened = self.needed("bioio").BioImage(path)
        return [_scene(self.needed("bioio").BioImage(path), number) for number in range(len(opened.scenes))]


def _scene(opened: Any, number: int) -> Found:
    opened.set_scene(number)
    data = opened.dask_data
    sizes = {axis.lower(): size for axis, size in opened.physical_pixel_sizes._asdict().items()}
    spacing = {axis: abs(float(size)) for axis, size in sizes.items() if axis in "zyx" and size}
    channels = tuple(Channel(str(name)) for name in opened.channel_names or ())
    samples = LazySamples(data.shape, data.dtype, lambda index: data[index].compute())
    return Found(samples, str(opened.dims.order).lower(), spacing, channels, name=str(opened.current_scene))
