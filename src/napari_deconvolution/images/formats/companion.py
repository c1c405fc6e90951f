"""OME sets with a companion file: the OME-XML in a file of its own, the planes in TIFFs next to it.

Source: https://docs.openmicroscopy.org/ome-model/latest/ome-tiff/specification.html, "Companion files".
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from math import prod
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from .. import ome_xml
from ..lazy import by_planes
from .base import Format, Found
from .gaps import whole_times

MOST = 10_000_000
"""Planes of an image; more are damage."""


class Companion(Format):
    """Sets whose TIFFs tell only in which file their OME-XML is."""

    name = "OME companion"
    suffixes = (".companion.ome",)
    tells = "all that OME-XML tells, see TIFF"

    def recognises(self, path: Path, start: bytes) -> bool:
        """By its name: any XML begins alike."""
        return path.name.lower().endswith(self.suffixes)

    def images(self, path: Path) -> list[Found]:
        """Every image of the set."""
        xml = path.read_text("utf-8")
        found = []
        for number, pixels in enumerate(ome_xml.pixels(xml)):
            told = ome_xml.parse(xml, number)
            samples, axes, files = _samples(pixels, path)
            origins = dict.fromkeys((*told.spacing, *told.optics, "channels"), "OME-XML") | told.origins
            found.append(
                Found(
                    samples, axes, told.spacing, told.channels, told.optics, told.record, told.name, told.axes, origins,
                    (path.resolve(), *files),
                )
            )  # fmt: skip
        return found


def companion_of(xml: str, path: Path) -> Path | None:
    """The companion file of a TIFF, if its own OME-XML says that it has one."""
    name = ome_xml.metadata_file(xml)
    return None if name is None else path.with_name(Path(name).name)


def _samples(pixels: Element, path: Path) -> tuple[Any, str, list[Path]]:
    """The planes of an image, their axes, and the files that they are in."""
    order = pixels.get("DimensionOrder", "XYZCT")[2:]
    sizes = {axis: int(pixels.get(f"Size{axis}", "1")) for axis in "XYZCT"}
    outer = tuple(sizes[axis] for axis in reversed(order))
    if sorted(order) != ["C", "T", "Z"] or min(sizes.values()) < 1 or prod(outer) > MOST:
        raise ValueError(f"{path} is damaged: it tells of {prod(outer)} planes in the order {order}.")
    places = _places(pixels, sizes, order, path)
    dtype = np.dtype({"float": "f4", "double": "f8", "bit": "u1"}.get(kind := pixels.get("Type", "uint16"), kind))

    @contextmanager
    def session() -> Iterator[Callable[[int], Any]]:
        import tifffile

        with ExitStack() as stack:
            opened: dict[Path, Any] = {}

            def plane(number: int) -> Any:
                file, page = places[number]
                if file not in opened:
                    opened[file] = stack.enter_context(tifffile.TiffFile(file))
                return opened[file].pages[page].asarray(maxworkers=1)

            yield plane

    axes = "".join(reversed(order)).lower() + "yx"
    there = np.zeros(prod(outer), bool)
    there[list(places)] = True
    samples = by_planes(outer, (sizes["Y"], sizes["X"]), dtype, session)
    whole = whole_times(samples, axes, there.reshape(outer), path)
    return whole, axes, sorted({file.resolve() for file, _ in places.values()})


def _places(pixels: Element, sizes: dict[str, int], order: str, path: Path) -> dict[int, tuple[Path, int]]:
    """File and page of every plane whose file is there, by its number."""
    found: dict[int, tuple[Path, int]] = {}
    count = prod(sizes[axis] for axis in order)
    for data in (each for each in pixels.iter() if each.tag.endswith("}TiffData") or each.tag == "TiffData"):
        name = next((each.get("FileName") for each in data if each.tag.endswith("UUID")), None)
        file = path.with_name(Path(name).name) if name else path
        first, number = 1, 0
        for axis in order:
            number, first = number + first * int(data.get(f"First{axis}", "0")), first * sizes[axis]
        planes = int(data.get("PlaneCount", "1" if data.get("IFD") else str(count)))
        if not 0 <= number < count or not 0 < planes <= count - number:
            raise ValueError(f"{path} is damaged: it tells of a plane {number + planes - 1}, and has {count}.")
        if file != path and file.is_file():
            start = int(data.get("IFD", "0"))
            found |= {number + at: (file, start + at) for at in range(planes)}
    return found
