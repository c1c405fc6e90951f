"""Zeiss CZI: scenes, mosaics, channels, optics."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from ..image import Channel
from ..lazy import by_planes
from ..modality import modality
from ..objective import objective_optics
from .base import Format, Found
from .czi_blocks import TYPES, Block, read_block, read_directory
from .gaps import whole_times

OUTER = "TCZ"


class Czi(Format):
    """Scenes are images of their own, and so are the elements of a detector array (H), views and blocks."""

    name = "Zeiss CZI"
    suffixes = (".czi",)
    starts = (b"ZISRAWFILE",)
    extra = "formats"
    tells = "voxel size, time step, channels, aperture, immersion, pinhole, modality"

    def images(self, path: Path) -> list[Found]:
        """One image for each scene; tiles of a mosaic are put together."""
        blocks, xml = read_directory(path)
        root = ElementTree.fromstring(xml) if xml else Element("None")
        groups: dict[tuple[tuple[str, int], ...], list[Block]] = {}
        for block in blocks:
            others = {name: at for name, at in block.start.items() if name not in (*OUTER, "M", "X", "Y")}
            groups.setdefault(tuple(sorted(others.items())), []).append(block)
        varying = {name for key in groups for name, at in key if {dict(other).get(name) for other in groups} != {at}}
        return [
            _image(path, root, group, ", ".join(f"{name}={at}" for name, at in key if name in varying))
            for key, group in sorted(groups.items())
        ]


def _image(path: Path, root: Element, blocks: Sequence[Block], name: str) -> Found:
    if strange := {block.pixel for block in blocks if block.pixel not in TYPES}:
        raise ValueError(
            f"{path} holds colours or complex numbers (pixel type {min(strange)}), not a set of channels: save each "
            "channel as grey values."
        )
    first, dtype = blocks[0], np.result_type(*(np.dtype(TYPES[block.pixel]) for block in blocks))
    axes = [axis for axis in OUTER if axis in first.start]
    values = [sorted({block.start[axis] for block in blocks}) for axis in axes]
    outer = tuple(len(each) for each in values)
    low = {axis: min(block.start[axis] for block in blocks) for axis in "YX"}
    high = {axis: max(block.start[axis] + block.size[axis] for block in blocks) for axis in "YX"}
    shape = (high["Y"] - low["Y"], high["X"] - low["X"])
    pieces: dict[int, list[Block]] = {}
    for block in sorted(blocks, key=lambda block: block.start.get("M", 0)):
        place = tuple(each.index(block.start[axis]) for axis, each in zip(axes, values, strict=True))
        pieces.setdefault(int(np.ravel_multi_index(place, outer)) if outer else 0, []).append(block)

    @contextmanager
    def session() -> Iterator[Callable[[int], Any]]:
        with path.open("rb") as file:

            def plane(number: int) -> Any:
                whole = np.zeros(shape, dtype)
                for block in pieces[number]:
                    y, x = block.start["Y"] - low["Y"], block.start["X"] - low["X"]
                    whole[y : y + block.size["Y"], x : x + block.size["X"]] = read_block(file, block, path)
                return whole

            yield plane

    letters = "".join(axes).lower() + "yx"
    there = np.array([number in pieces for number in range(int(np.prod(outer)))], bool).reshape(outer)
    samples = whole_times(by_planes(outer, shape, dtype, session), letters, there, path)
    channels = values[axes.index("C")] if "C" in axes else [0]
    every = [_channel(element) for element in root.findall("./Metadata/Information/Image/Dimensions/Channels/Channel")]
    known = tuple(every[at] for at in channels if at < len(every))
    known = tuple(every) if len(every) == len(channels) else known
    return Found(samples, letters, _spacing(root), known, _optics(root), name=name)


def _spacing(root: Element) -> Mapping[str, float]:
    steps = {
        distance.get("Id", "").lower(): 1e6 * _number(distance, "Value")
        for distance in root.findall("./Metadata/Scaling/Items/Distance")
    }
    steps["t"] = _number(root, "./Metadata/Information/Image/Dimensions/T/Positions/Interval/Increment")
    return {axis: float(f"{step:.12g}") for axis, step in steps.items() if axis in "tzyx" and step > 0}


def _optics(root: Element) -> dict[str, float]:
    settings = root.find("./Metadata/Information/Image/ObjectiveSettings")
    if settings is None:
        return {}
    reference = settings.find("ObjectiveRef")
    objectives = root.findall("./Metadata/Information/Instrument/Objectives/Objective")
    named = [each for each in objectives if reference is not None and each.get("Id") == reference.get("Id")]
    objective = next(iter(named or objectives), Element("None"))
    medium = settings.findtext("Medium") or objective.findtext("Immersion")
    return objective_optics(_number(objective, "LensNA"), _number(settings, "RefractiveIndex"), medium)


def _channel(element: Element) -> Channel:
    colour = element.findtext("Color") or ""
    airyscan = "airyscan" in (element.findtext("ChannelType") or "").lower()
    nanometres = {word: _number(element, f"{word}Wavelength") for word in ("Emission", "Excitation")}
    return Channel(
        name=element.get("Name", ""),
        emission=_micrometres(nanometres["Emission"]),
        excitation=_micrometres(nanometres["Excitation"]),
        colour=f"#{colour[-6:].lower()}" if len(colour) == 9 else None,
        pinhole=float(f"{_number(element, 'PinholeSizeAiry'):.6g}") or None,
        modality="image-scanning" if airyscan else modality(element.findtext("AcquisitionMode")),
    )


def _micrometres(nanometres: float) -> float | None:
    return float(f"{nanometres / 1e3:.6g}") or None


def _number(element: Element, path: str) -> float:
    """A positive number; 0 if there is none."""
    try:
        value = float(element.findtext(path) or 0)
    except ValueError:
        return 0.0
    return value if isfinite(value) and value > 0 else 0.0
