"""Read and write TIFF, OME-TIFF and ImageJ TIFF with their axes, voxel size, channels and record."""

import os
import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tifffile
from numpy.typing import NDArray

from .. import ome_xml
from ..image import AXES, Channel, Image, check_axes
from ..output_path import check_free
from .tiff_pages import check_chain, truncated
from .tiff_tags import imagej_spacing, tag_spacing

SUFFIXES = (".tif", ".tiff")
OTHERS = {
    ".czi": "napari-czitools",
    ".nd2": "napari-nikon-nd2",
    ".lif": "napari-bioio-reader with bioio-lif",
    ".oib": "napari-oiffile",
    ".oif": "napari-oiffile",
    ".ims": "napari-imaris-loader",
    ".zarr": "napari-ome-zarr",
    ".dv": "napari-bioio-reader with bioio-dv",
    ".vsi": "napari-bioio-reader with bioio-vsi",
    ".lsm": "napari-bioio-reader with bioio-bioformats",
}
"""What opens the files of other microscopes in napari."""


def looks_readable(path: str | Path) -> bool:
    """Whether `read` would try this path, judged by its suffix alone.

    >>> looks_readable("cell.ome.tif"), looks_readable("cell.czi")
    (True, False)
    """
    return Path(path).suffix.lower() in SUFFIXES


def read(path: str | Path, axes: str | None = None, spacing: tuple[float, ...] | None = None) -> Image:
    """Read a TIFF, OME-TIFF or ImageJ TIFF.

    Voxel size, axes, channels (names, wavelengths), numerical aperture and immersion are kept, and the record of how
    the image was made if this package wrote it. A resolution in inches is a printer's, and taken for unknown.

    Parameters
    ----------
    path
        The file.
    axes
        A letter per dimension out of `tczyx`, where the file does not tell or is wrong; dimensions of size 1 may be left out.
    spacing
        Distance between samples along (z) y x, in µm, instead of what the file says.

    Returns
    -------
    Image
        Samples in the type of the file, axes in the order t c z y x.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If there is no such file.
    ValueError
        If it is no TIFF, is truncated, is a colour photograph, or does not tell its axes.
    """
    path = Path(path)
    _check_readable(path)
    try:
        with tifffile.TiffFile(path) as tiff:
            found = _examine(tiff, path)
            samples, letters = _name_axes(found, axes, path)
    except tifffile.TiffFileError as error:
        raise ValueError(f"{path} is not a TIFF file, or a damaged one ({error}).") from error
    order = [letters.index(axis) for axis in AXES if axis in letters]
    samples, letters = samples.transpose(order), "".join(letters[at] for at in order)
    known = {axis: step for axis, step in found.spacing.items() if axis in letters}
    if spacing is not None:
        spatial = [axis for axis in letters if axis in "zyx"]
        if len(spacing) != len(spatial):
            raise ValueError(f"spacing = {spacing!r}: {path} needs {len(spatial)} numbers, for {', '.join(spatial)}.")
        known |= dict(zip(spatial, map(float, spacing), strict=True))
    count = samples.shape[letters.index("c")] if "c" in letters else 1
    channels = found.channels if len(found.channels) == count else ()
    name = found.name or path.name.removesuffix(path.suffix).removesuffix(".ome")
    return Image(samples, letters, known, channels, found.optics, found.record, path, name)


@dataclass(frozen=True)
class _Found:
    """What a file holds, before its axes are settled."""

    samples: NDArray[Any]
    axes: str
    """One capital letter per dimension, as tifffile says it."""
    spacing: Mapping[str, float]
    channels: tuple[Channel, ...] = ()
    optics: Mapping[str, float] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    kept: str = ""
    """Axes that are there although their size is 1."""


def _check_readable(path: Path) -> None:
    if path.suffix.lower() in OTHERS:
        plugin = OTHERS[path.suffix.lower()]
        raise ValueError(f"{path} is not a TIFF: open it in napari (with {plugin}) or in Fiji and save it as OME-TIFF.")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a TIFF file in it.")
    check_chain(path)


def _examine(tiff: tifffile.TiffFile, path: Path) -> _Found:
    series = tiff.series[0]
    _check_complete(tiff, series, path)
    if len(tiff.series) > 1:
        warnings.warn(f"{path} holds {len(tiff.series)} images; only the first is read.", stacklevel=3)
    axes = series.get_axes(squeeze=False)
    composite = bool(tiff.is_imagej and (tiff.imagej_metadata or {}).get("mode") == "composite")
    if "S" in series.axes and series.dtype == np.uint8 and not composite:
        raise ValueError(f"{path} is a colour photograph (RGB, 8 bit), not a set of channels: save each channel as grey values.")
    try:
        samples = series.asarray(squeeze=False)
    except (ValueError, RuntimeError, OSError) as error:
        remedy = "install it: pip install imagecodecs" if "imagecodecs" in str(error) else "the file may be damaged"
        raise ValueError(f"the samples of {path} cannot be read: {error}; {remedy}.") from error
    if tiff.is_ome and tiff.ome_metadata:
        try:
            said = ome_xml.parse(tiff.ome_metadata)
        except ValueError as error:
            warnings.warn(f"{path}: {error} Voxel size and channels are unknown.", stacklevel=3)
            return _Found(samples, axes, {})
        name = said.name if said.axes else ""  # other programs call their images Image0, or by the path they once had
        return _Found(samples, axes, said.spacing, said.channels, said.optics, said.record, name, said.axes)
    if tiff.is_imagej:
        return _Found(samples, axes, imagej_spacing(tiff))
    return _Found(samples, axes, tag_spacing(tiff))


def _check_complete(tiff: tifffile.TiffFile, series: tifffile.TiffPageSeries, path: Path) -> None:
    """A stack without its last planes would be read as zeros, or as a shorter stack."""
    pages = [page for page in series.pages if page is not None]
    if missing := len(series.pages) - len(pages):
        raise ValueError(f"{path} is incomplete: {missing} of its {len(series.pages)} planes are in no file found beside it.")
    short = series.dataoffset is not None and series.dataoffset + series.nbytes > tiff.filehandle.size
    for page in pages:
        ends = (offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False))
        short = short or max(ends, default=0) > page.parent.filehandle.size
    if short:
        raise truncated(path)


def _name_axes(found: _Found, axes: str | None, path: Path) -> tuple[NDArray[Any], str]:
    """The samples and their axes: as asked for, else as the file tells."""
    letters, samples = found.axes.lower(), found.samples
    singles = [at for at, size in enumerate(samples.shape) if size == 1]
    if axes is not None:
        excess = max(samples.ndim - len(axes), 0)
        samples = samples.squeeze(tuple(sorted(singles, key=lambda at: letters[at] in axes)[:excess]))
        check_axes(axes, samples.shape)
        return samples, axes
    dropped = [at for at in singles if letters[at] not in "yx" + found.kept]
    samples = samples.squeeze(tuple(dropped))
    letters = "".join(letter for at, letter in enumerate(letters) if at not in dropped)
    letters = letters if "c" in letters else letters.replace("s", "c")
    if not set(letters) <= set(AXES) or len(set(letters)) != len(letters):
        shape = "x".join(map(str, samples.shape))
        remedy = 'give axes="zyx" (--axes zyx) for a stack, "tyx" for a time series, "cyx" for channels'
        if samples.ndim != 3:
            remedy = f'give axes="{AXES[-samples.ndim :]}" (--axes {AXES[-samples.ndim :]}) or the like, a letter per dimension'
        raise ValueError(f"{path} has the shape {shape} and does not say what its axes are: {remedy}.")
    return samples, letters


def check_writable(path: str | Path, overwrite: bool = False) -> Path:
    """Return the path if `write` could write it, else raise: ask before a long computation, not after it.

    Raises
    ------
    ValueError
        If the suffix is none of .tif, .tiff, .ome.tif.
    OSError
        If the folder is missing or not writable, or the file exists and is not to be overwritten.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: results are written as TIFF; end the name in .ome.tif, .tif or .tiff.")
    return check_free(path, overwrite=overwrite)


def write(image: Image, path: str | Path, overwrite: bool = False, dtype: Literal["float32", "uint16"] | None = None) -> Path:
    """Write an OME-TIFF with voxel size, axes, channels, optics and the record of how the image was made.

    The file appears whole or not at all. Samples are stored as they are, unless a type is asked for. As `uint16`, negative
    values become 0 and all others are multiplied by one factor and rounded. The factor is 1, so that intensities keep
    their unit, for whole numbers that fit and for a maximum of 4096 to 65535 (rounding is then finer than a 12-bit camera);
    otherwise the maximum becomes 65535. `stored` in the record tells the factor and how many samples were clipped.

    Parameters
    ----------
    image
        What to write.
    path
        A name that ends in .ome.tif, .tif or .tiff.
    overwrite
        Replace a file of that name.
    dtype
        "float32" or "uint16"; None keeps the type of the samples.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the suffix or the type cannot be written, or samples that are not finite are to become `uint16`.
    OSError
        If the folder is missing or not writable, or the file exists and is not to be overwritten.
    """
    path = check_writable(path, overwrite)
    stored = _convert(image, dtype)
    order = [stored.axes.index(axis) for axis in AXES if axis in stored.axes]
    samples = np.expand_dims(stored.samples.transpose(order), [at for at, axis in enumerate(AXES) if axis not in stored.axes])
    resolution = {axis: 1e4 / stored.spacing[axis] if axis in stored.spacing else 0.0 for axis in "xy"}
    tags: dict[str, Any] = {"resolution": (resolution["x"], resolution["y"]), "resolutionunit": "CENTIMETER"}
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        tifffile.imwrite(
            partial,
            np.ascontiguousarray(samples),
            ome=False,
            metadata=None,
            description=ome_xml.compose(stored, samples.dtype),
            photometric="minisblack",
            software=ome_xml.NAMESPACE,
            **(tags if all(resolution.values()) else {}),
        )
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _convert(image: Image, dtype: str | None) -> Image:
    """The image in a type that OME-TIFF knows."""
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
        raise ValueError(f"samples of type {samples.dtype} have no place in OME-TIFF: write them as float32 or uint16 (dtype).")
    return image


def _whole_numbers(image: Image) -> Image:
    samples = image.samples
    top = float(samples.max())
    if not np.isfinite(samples).all():
        raise ValueError("the image holds values that are not finite; they cannot be written as uint16: write it as float32.")
    limit = float(np.iinfo(np.uint16).max)
    fits = top <= limit and (samples.dtype.kind in "bui" or top >= 4096)
    factor = 1.0 if fits or top <= 0 else limit / top
    clipped = int(np.count_nonzero(samples < 0))
    scaled = np.rint(np.clip(samples.astype(np.float64) * factor, 0.0, limit)).astype(np.uint16)
    record = {**image.record, "stored": {"dtype": "uint16", "factor": factor, "clipped": clipped}}
    return image.replace(samples=scaled, record=record)
