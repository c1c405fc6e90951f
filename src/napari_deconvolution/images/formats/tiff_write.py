"""Write OME-TIFF with axes, voxel size, channels, optics and record, a volume at a time."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from .. import ome_xml
from ..image import AXES, Image
from ..lazy import changed, in_parts


def write(image: Image, path: Path, dtype: str | None) -> None:
    """Write an image, in a type of samples or as they are."""
    stored = stored_as(image, dtype)
    order = [stored.axes.index(axis) for axis in AXES if axis in stored.axes]
    samples = stored.samples.transpose(order)
    sizes = dict(zip((stored.axes[at] for at in order), samples.shape, strict=True))
    resolution = {axis: 1e4 / stored.spacing[axis] if axis in stored.spacing else 0.0 for axis in "xy"}
    tags: dict[str, Any] = {"resolution": (resolution["x"], resolution["y"]), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(
        path,
        (plane for part in in_parts(samples) for plane in part.reshape(-1, *part.shape[-2:])),
        shape=tuple(sizes.get(axis, 1) for axis in AXES),
        dtype=samples.dtype,
        ome=False,
        metadata=None,
        description=ome_xml.compose(stored, samples.dtype),
        photometric="minisblack",
        software=ome_xml.NAMESPACE,
        **(tags if all(resolution.values()) else {}),
    )


def stored_as(image: Image, dtype: str | None) -> Image:
    """The image in a type that OME knows."""
    samples = image.samples
    if dtype == "uint16":
        return _whole_numbers(image)
    if dtype == "float32" or samples.dtype == np.float16:
        return image.replace(samples=changed(samples, np.float32, lambda part: part))
    if dtype is not None:
        raise ValueError(f"dtype = {dtype!r}: files are written as float32 or uint16, or as the samples are (None).")
    if samples.dtype == bool:
        return image.replace(samples=changed(samples, np.uint8, lambda part: part))
    if samples.dtype.name not in ome_xml.TYPES:
        raise ValueError(
            f"samples of type {samples.dtype} have no place in OME files: write them as float32 or uint16 (dtype)."
        )
    return image


def _whole_numbers(image: Image) -> Image:
    samples = image.samples
    clipped, top = 0, -np.inf
    for part in in_parts(samples):
        if not np.isfinite(part).all():
            raise ValueError(
                "the image holds values that are not finite; they cannot be written as uint16: write it as float32."
            )
        clipped, top = clipped + int(np.count_nonzero(part < 0)), max(top, float(part.max()))
    limit = float(np.iinfo(np.uint16).max)
    fits = top <= limit and (samples.dtype.kind in "bui" or top >= 4096)
    factor = 1.0 if fits or top <= 0 else limit / top
    record = {**image.record, "stored": {"dtype": "uint16", "factor": factor, "clipped": clipped}}
    scaled = changed(samples, np.uint16, lambda part: np.rint(np.clip(part.astype(np.float64) * factor, 0.0, limit)))
    return image.replace(samples=scaled, record=record)
