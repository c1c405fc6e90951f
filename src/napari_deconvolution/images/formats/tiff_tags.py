"""Voxel sizes that TIFF tags and ImageJ tell."""

import tifffile

from ...parameters import LENGTHS

COARSEST_PIXEL = 50.0
"""µm; a coarser resolution tag was meant for a printer (300 dpi is 85 µm)."""


def imagej_spacing(tiff: tifffile.TiffFile) -> dict[str, float]:
    """Micrometres and seconds of an ImageJ file: resolution tags in its `unit`, `spacing` for z, `finterval` for time."""
    said = tiff.imagej_metadata or {}
    units = {"x": str(said.get("unit", ""))}
    units |= {axis: str(said.get(f"{axis}unit", units["x"])) for axis in "yz"}
    steps = {"x": _pixel(tiff, "XResolution"), "y": _pixel(tiff, "YResolution"), "z": said.get("spacing", 0.0)}
    found = {axis: abs(float(steps[axis])) * _micrometres(units[axis]) for axis in "zyx"}
    found["t"] = float(said.get("finterval", 0.0))
    return {axis: float(f"{step:.12g}") for axis, step in found.items() if step > 0}


def _micrometres(unit: str) -> float:
    """Length of an ImageJ unit; 0 if it is none (a pixel, an inch)."""
    unit = unit.encode("ascii", "backslashreplace").decode("unicode_escape").strip().rstrip(".")
    return LENGTHS.get(unit, LENGTHS.get(unit.lower().rstrip("s"), 0.0))


def tag_spacing(tiff: tifffile.TiffFile) -> dict[str, float]:
    """Micrometres from the resolution tags alone, where they are plausible for a microscope."""
    unit = tiff.pages.first.tags.valueof("ResolutionUnit", 1)
    factor = {3: LENGTHS["cm"], 4: LENGTHS["mm"], 5: LENGTHS["µm"]}.get(int(unit), 0.0)
    found = {axis: _pixel(tiff, f"{axis.upper()}Resolution") * factor for axis in "yx"}
    return {axis: float(f"{step:.12g}") for axis, step in found.items() if 0 < step < COARSEST_PIXEL}


def _pixel(tiff: tifffile.TiffFile, tag: str) -> float:
    """Size of a pixel in the unit of the resolution, 0 if it is not told."""
    pixels, units = tiff.pages.first.tags.valueof(tag, (0, 1))
    return units / pixels if pixels and (pixels, units) != (1, 1) else 0.0
