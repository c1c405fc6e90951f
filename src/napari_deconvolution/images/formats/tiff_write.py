"""Write OME-TIFF with axes, voxel size, channels, optics and record."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from .. import ome_xml
from ..image import AXES, Image


def write(image: Image, path: Path, dtype: str | None) -> None:
    """Write an image, in a type of samples or as they are."""
    stored = converted(image, dtype)
    order = [stored.axes.index(axis) for axis in AXES if axis in stored.axes]
    samples = np.asarray(stored.samples.transpose(order))
    samples = np.expand_dims(samples, [at for at, axis in enumerate(AXES) if axis not in stored.axes])
    resolution = {axis: 1e4 / stored.spacing[axis] if axis in stored.spacing else 0.0 for axis in "xy"}
    tags: dict[str, Any] = {"resolution": (resolution["x"], resolution["y"]), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(
        path,
        np.ascontiguousarray(samples),
        ome=False,
        metadata=None,
        description=ome_xml.compose(stored, samples.dtype),
        photometric="minisblack",
        software=ome_xml.NAMESPACE,
        **(tags if all(resolution.values()) else {}),
    )


def converted(image: Image, dtype: str | None) -> Image:
    """The image in a type that OME knows."""
    samples = image.samples
    if dtype == "uint16":
        return _whole_numbers(image)
    if dtype == "float32" or samples.dtype == np.float16:
        return image.replace(samples=samples.astype(np.float32))
    if dtype is not None:
        raise ValueError(f"dtype = {dtype!r}: files are written as float32 or uint16, or as the samples are (None).")
    if samples.dtype == bool:
        return image.replace(samples=samples.astype(np.uint8))
    if samples.dtype.name not in ome_xml.TYPES:
        raise ValueError(
            f"samples of type {samples.dtype} have no place in OME files: write them as float32 or uint16 (dtype)."
        )
    return image


def _whole_numbers(image: Image) -> Image:
    samples = image.samples
    top = float(samples.max())
    if not np.isfinite(samples).all():
        raise ValueError(
            "the image holds values that are not finite; they cannot be written as uint16: write it as float32."
        )
    limit = float(np.iinfo(np.uint16).max)
    fits = top <= limit and (samples.dtype.kind in "bui" or top >= 4096)
    factor = 1.0 if fits or top <= 0 else limit / top
    clipped = int(np.count_nonzero(samples < 0))
    scaled = np.rint(np.clip(samples.astype(np.float64) * factor, 0.0, limit)).astype(np.uint16)
    record = {**image.record, "stored": {"dtype": "uint16", "factor": factor, "clipped": clipped}}
    return image.replace(samples=scaled, record=record)
