"""OME-Zarr, versions 0.1 to 0.5, on a disk: images, wells of plates, what bioformats2raw writes; images are written.

Source: https://ngff.openmicroscopy.org/specifications.
"""

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import ome_xml
from ..image import Channel, Image
from ..lazy import LazySamples
from ..output_path import HIERARCHY
from ..units import micrometres, seconds
from .base import Format, Found

OWN = "napari-deconvolution"
"""The attribute that holds what NGFF has no words for: record, optics, all that is known of the channels."""

USUAL = "tczyx"
"""Axes of versions that did not tell them."""


class OmeZarr(Format):
    """Folders of chunks; the finest level of a pyramid is read."""

    name = "OME-Zarr"
    suffixes = (".zarr",)
    writes = (".zarr",)
    versions = ("0.5", "0.4")
    folders = True
    extra = "zarr"
    tells = "voxel size, time step, names and colours of channels; all that OME-XML tells, where there is one"

    def recognises(self, path: Path, start: bytes) -> bool:
        """By the files in the folder."""
        return any((path / mark).is_file() for mark in HIERARCHY)

    def images(self, path: Path) -> list[Found]:
        """Every image in a hierarchy."""
        zarr = self.needed("zarr")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of zarr, about codecs and version 3
            root = zarr.open(str(path), mode="r")
            if not hasattr(root, "attrs") or hasattr(root, "dtype"):
                raise ValueError(f"{path} is one array of a Zarr hierarchy: name the folder above it, {path.parent}.")
            groups = list(_groups(root))
            if not groups:
                raise ValueError(f"{path} is a Zarr hierarchy without an image: its attributes name no multiscales.")
            described = path / "OME" / "METADATA.ome.xml"
            xml = described.read_text("utf-8") if described.is_file() else None
            return [_image(group, name, xml, number) for number, (name, group) in enumerate(groups)]

    def write(self, image: Image, path: Path, dtype: str | None, version: str = "0.5") -> None:
        """Version 0.5, or 0.4 for programs that know no later one."""
        self.needed("zarr")
        from .ome_zarr_write import create, fill, finish, in_order
        from .tiff_write import stored_as

        stored = in_order(stored_as(image, dtype))
        root = create(path, stored, version)
        fill(root, stored)
        finish(root, stored, version)


def _attributes(group: Any) -> Mapping[str, Any]:
    """Those of OME, where version 0.5 and those before it keep them."""
    attributes = dict(group.attrs)
    return {**attributes, **attributes.get("ome", {})}


def _groups(root: Any) -> Iterator[tuple[str, Any]]:
    """The groups that are images, with their names."""
    said = _attributes(root)
    if "multiscales" in said:
        yield str(said["multiscales"][0].get("name") or ""), root
    elif "plate" in said:
        for well in said["plate"]["wells"]:
            for field in _attributes(root[well["path"]])["well"]["images"]:
                path = f"{well['path']}/{field['path']}"
                yield path, root[path]
    else:
        names = sorted((name for name in root.group_keys() if name.isdigit()), key=int)
        yield from ((f"image {name}", root[name]) for name in names if "multiscales" in _attributes(root[name]))


def _image(group: Any, name: str, xml: str | None, number: int) -> Found:
    said = _attributes(group)
    levels = said["multiscales"][0]
    finest = levels["datasets"][0]
    array = group[finest["path"]]
    axes = [axis if isinstance(axis, dict) else {"name": axis} for axis in levels.get("axes", USUAL[-array.ndim :])]
    letters = "".join(str(axis["name"]).lower()[:1] for axis in axes)
    scale = [1.0] * len(axes)
    for step in (*finest.get("coordinateTransformations", ()), *levels.get("coordinateTransformations", ())):
        if step.get("type") == "scale" and "scale" in step:
            scale = [one * float(factor) for one, factor in zip(scale, step["scale"], strict=True)]
    spacing, origins = _spacing(axes, letters, scale)
    own = group.attrs.get(OWN, {})
    channels = tuple(_channel(each) for each in said.get("omero", {}).get("channels", ()))
    if "channels" in own:
        channels = tuple(Channel(**each) for each in own["channels"])
    samples = LazySamples(array.shape, array.dtype, lambda index: array[index])
    about = {"optics": own.get("optics", {}), "record": own.get("record", {}), "kept": letters if own else ""}
    found = Found(samples, letters, spacing, channels, name=name, origins=origins, **about)
    if xml is None:
        return found
    told = ome_xml.parse(xml, number)
    return found.replace(
        spacing={**told.spacing, **spacing}, channels=told.channels or channels, optics=told.optics,
        name=told.name or name,
    )  # fmt: skip


def _spacing(axes: list[dict[str, Any]], letters: str, scale: list[float]) -> tuple[dict[str, float], dict[str, str]]:
    """Lengths in µm and times in s; a scale without a unit is taken as µm if it is not 1."""
    found, origins = {}, {}
    for axis, letter, step in zip(axes, letters, scale, strict=True):
        unit, time = str(axis.get("unit") or ""), letter == "t"
        if letter == "c" or (not unit and step == 1.0):
            continue
        factor = seconds(unit) if time else micrometres(unit or "µm")
        if factor and step > 0:
            found[letter] = float(f"{step * factor:.12g}")
            if not unit:
                origins[letter] = f"scale without a unit, taken as {'s' if time else 'µm'}"
    return found, origins


def _channel(said: Mapping[str, Any]) -> Channel:
    colour = str(said.get("color", ""))
    return Channel(str(said.get("label", "")), colour=f"#{colour.lower()}" if len(colour) == 6 else None)
