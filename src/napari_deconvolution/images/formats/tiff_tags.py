"""What a TIFF without OME-XML tells: each program in its own way (ImageJ, tifffile, LSM, STK, Micro-Manager)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import tifffile

from ..image import Channel
from ..units import micrometres, seconds

COARSEST_PIXEL = 50.0
"""µm; a coarser resolution tag was meant for a printer (300 dpi is 85 µm)."""

STRAIGHT_LINE = 0
"""ImageJ's number of the calibration function c0 + c1 · stored."""


@dataclass(frozen=True)
class Told:
    """Voxel size (µm, s) and what else is told of the images of a file."""

    spacing: Mapping[str, float] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    calibration: tuple[float, float] | None = None
    """c0 and c1 of ImageJ's calibration function, where values are c0 + c1 · stored."""
    channels: tuple[Channel, ...] = ()
    optics: Mapping[str, float] = field(default_factory=dict)


def told_by_tags(tiff: tifffile.TiffFile) -> Told:
    """Ask each program that may have written the file in turn."""
    if tiff.is_imagej:
        return _imagej(tiff)
    if tiff.is_lsm:
        return _lsm(tiff.lsm_metadata or {})
    if tiff.is_stk:
        return _stk(tiff.stk_metadata or {})
    if tiff.is_micromanager:
        told = _micromanager((tiff.micromanager_metadata or {}).get("Summary", {}))
        if told.spacing:
            return told
    if tiff.is_shaped:
        return _shaped(tiff, next(iter(tiff.shaped_metadata or ()), {}))
    return _kept(_resolution(tiff), "resolution tags")


def _imagej(tiff: tifffile.TiffFile) -> Told:
    """Resolution tags in ImageJ's `unit`, `spacing` for z, `finterval` for time, and its calibration of intensities."""
    said = tiff.imagej_metadata or {}
    told = _kept(_in_units(tiff, said) | {"t": _number(said.get("finterval"))}, "ImageJ")
    c0, c1 = _number(said.get("c0")), _number(said.get("c1"))
    straight = said.get("cf") == STRAIGHT_LINE and c1 > 0 and (c0, c1) != (0.0, 1.0)
    return Told(told.spacing, told.origins, (c0, c1) if straight else None)


def _shaped(tiff: tifffile.TiffFile, said: Mapping[str, Any]) -> Told:
    """What tifffile was told by whoever wrote the file, else the tags."""
    if micrometres(str(said.get("unit", ""))):
        return _kept(_in_units(tiff, said) | {"t": _number(said.get("finterval"))}, "description by tifffile")
    return _kept(_resolution(tiff), "resolution tags")


def _in_units(tiff: tifffile.TiffFile, said: Mapping[str, Any]) -> dict[str, float]:
    """The resolution tags and the distance of planes in units that are told next to them."""
    units = {"x": str(said.get("unit", ""))}
    units |= {axis: str(said.get(f"{axis}unit", units["x"])) for axis in "yz"}
    steps = {"x": _pixel(tiff, "XResolution"), "y": _pixel(tiff, "YResolution"), "z": _number(said.get("spacing"))}
    return {axis: abs(steps[axis]) * micrometres(units[axis]) for axis in "zyx"}


def _lsm(said: Mapping[str, Any]) -> Told:
    """Zeiss LSM: metres and seconds, from a laser scanning confocal microscope."""
    steps = {axis: 1e6 * _number(said.get(f"VoxelSize{axis.upper()}")) for axis in "zyx"}
    told = _kept(steps | {"t": _number(said.get("TimeIntervall"))}, "LSM header")
    names = (said.get("ChannelColors") or {}).get("ColorNames") or []
    channels = tuple(Channel(str(name), modality="confocal") for name in names)
    return Told(told.spacing, told.origins, None, channels)


def _stk(said: Mapping[str, Any]) -> Told:
    """MetaMorph STK."""
    factor = micrometres(str(said.get("CalibrationUnits", "")))
    steps = {axis: factor * _number(said.get(f"{axis.upper()}Calibration")) for axis in "yx"}
    distances = said.get("ZDistance")
    steps["z"] = factor * abs(_number(distances[0])) if distances is not None and len(distances) else 0.0
    return _kept(steps, "STK header")


def _micromanager(said: Mapping[str, Any]) -> Told:
    """Micro-Manager's summary."""
    pixel = _number(said.get("PixelSize_um"))
    steps = {"x": pixel, "y": pixel, "z": abs(_number(said.get("z-step_um")))}
    told = _kept(steps | {"t": seconds("ms") * _number(said.get("Interval_ms"))}, "Micro-Manager summary")
    return Told(told.spacing, told.origins, None, tuple(Channel(str(name)) for name in said.get("ChNames") or ()))


def _resolution(tiff: tifffile.TiffFile) -> dict[str, float]:
    """Micrometres from the resolution tags alone, where they are plausible for a microscope."""
    unit = int(tiff.pages.first.tags.valueof("ResolutionUnit", 1))
    factor = {3: micrometres("cm"), 4: micrometres("mm"), 5: 1.0}.get(unit, 0.0)
    steps = {axis: _pixel(tiff, f"{axis.upper()}Resolution") * factor for axis in "yx"}
    return {axis: step for axis, step in steps.items() if step < COARSEST_PIXEL}


def _kept(steps: Mapping[str, float], origin: str) -> Told:
    known = {axis: float(f"{step:.12g}") for axis, step in steps.items() if 0 < step < float("inf")}
    return Told(known, dict.fromkeys(known, origin))


def _pixel(tiff: tifffile.TiffFile, tag: str) -> float:
    """Size of a pixel in the unit of the resolution, 0 if it is not told."""
    pixels, units = tiff.pages.first.tags.valueof(tag, (0, 1))
    return units / pixels if pixels and (pixels, units) != (1, 1) else 0.0


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
