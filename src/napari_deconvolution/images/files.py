"""Read and write images: the one door, whatever their format."""

import uuid
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from .formats.axes import settled
from .formats.base import Format, Found, reading
from .formats.registry import FORMATS, format_of, looks_readable, stem
from .formats.sets import Paths, joined, members
from .image import Image
from .lazy import LazySamples
from .output_path import check_free, check_free_store, put_in_place, remove

LARGEST_RATIO = 20_000
"""Bytes of samples per byte of a file; no compression reaches it but that of blank planes."""

__all__ = [
    "check_version",
    "check_writable",
    "contents",
    "files_of",
    "format_of",
    "looks_readable",
    "read",
    "stem",
    "write",
    "writer_of",
]


def read(
    path: Paths,
    axes: str | None = None,
    spacing: Sequence[float] | None = None,
    series: int | str | None = None,
    sizes: Sequence[int] | None = None,
) -> Image:
    """Read an image: TIFF and its relatives, OME-Zarr, and the files of microscopes.

    Axes, voxel size, channels and optics are kept as far as the file tells them, and the record of how the image was
    made if this package wrote it. Samples are read when they are needed, a volume at a time.

    Parameters
    ----------
    path
        A file, an OME-Zarr folder, or one image in several files, each a part of it along one axis: a list of files, a
        pattern ("img_z*.tif"), a folder of planes. A file that is one of a set tells where the others are.
    axes
        A letter per dimension out of `tczyx`, where the file does not tell or is wrong; dimensions of size 1 may be
        left out.
    spacing
        Distance between samples along (z) y x, in µm, instead of what the file says.
    series
        Which of several images in a file: its number, from 0, or its name, as of a position; by default the first.
    sizes
        Lengths of the axes, where planes that follow each other are to be laid out along several axes.

    Returns
    -------
    Image
        Samples in the type of the file, axes in the order t c z y x.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is damaged or truncated, of a format that is not read, a colour photograph, or does not tell its axes.
    ImportError
        If its format needs a package that is not installed.
    """
    found, source = _chosen(path, series)
    samples, letters = settled(found, axes, sizes, source)
    if isinstance(samples, LazySamples):
        samples = samples.within(partial(reading, source))
    known = {axis: step for axis, step in found.spacing.items() if axis in letters}
    if spacing is not None:
        spatial = [axis for axis in letters if axis in "zyx"]
        if len(spacing) != len(spatial):
            raise ValueError(
                f"spacing = {tuple(spacing)!r}: {source} needs {len(spatial)} numbers, for {', '.join(spatial)}."
            )
        known |= dict(zip(spatial, map(float, spacing), strict=True))
    count = samples.shape[letters.index("c")] if "c" in letters else 1
    channels = found.channels if len(found.channels) == count else ()
    with reading(source):
        return Image(samples, letters, known, channels, found.optics, found.record, source, found.name or stem(source))


def contents(path: Paths) -> list[Found]:
    """Every image in a file, its samples unread.

    Raises
    ------
    OSError, ValueError, ImportError
        As `read` raises them.
    """
    files = members(path)
    if files != [path] and files != [Path(str(path))]:
        return [joined(files, [contents(file) for file in files])]
    (file,) = files
    with reading(file):
        found = format_of(file).images(file)
        if not found:
            raise ValueError(f"{file} holds no image.")
        for each in found:
            _check_plausible(each, file)
        return found


def files_of(path: Paths) -> list[Path]:
    """The files, or folders, that an image is read from; the others of a set among them.

    Raises
    ------
    OSError, ValueError, ImportError
        As `read` raises them.
    """
    files = members(path)
    if len(files) > 1:
        return files
    own = next((each for each in contents(files[0]) if each.own), None)
    return list(own.files) if own is not None and own.files else files


def _check_plausible(found: Found, file: Path) -> None:
    """That a file is not of more samples than it can hold, before room is made for them."""
    size = sum(each.stat().st_size for each in found.files or (file,) if each.is_file())
    if file.is_file() and found.samples.nbytes > LARGEST_RATIO * (size + 1):
        told = f"{size} bytes cannot hold the {found.samples.nbytes} bytes of samples that it tells of"
        raise ValueError(f"{file} is damaged: {told}. Copy it again from where it came.")


def _chosen(path: Paths, series: int | str | None) -> tuple[Found, Path]:
    """One image of a file, and the file that it is named after."""
    found, source = contents(path), Path(path) if isinstance(path, (str, Path)) else Path(next(iter(path)))
    if isinstance(series, str):
        named = [number for number, each in enumerate(found) if each.name.lower() == series.strip().lower()]
        if len(named) != 1:
            many = "no image" if not named else f"{len(named)} images"
            raise ValueError(f"position = {series!r}: {source} has {many} of that name; it holds {_listed(found)}.")
        series = named[0]
    if series is not None:
        if not 0 <= series < len(found):
            raise ValueError(
                f"series = {series}: {source} holds {_listed(found)}; choose one from 0 to {len(found) - 1}."
            )
        return found[series], source
    own = [each for each in found if each.own] or found
    if len(own) > 1:
        remedy = "choose another with series or position (--series, --position)"
        warnings.warn(f"{source} holds {_listed(found)}; the first is read: {remedy}.", stacklevel=3)
    return own[0], source


def _listed(found: Sequence[Found]) -> str:
    """A few of the images of a file, in words."""
    shown = ", ".join(f"{at} {each.name} ({each.describe()})".replace("  ", " ") for at, each in enumerate(found[:6]))
    return f"{len(found)} image{'s' if len(found) > 1 else ''}: {shown}{' and so on' if len(found) > 6 else ''}"


def check_writable(path: str | Path, overwrite: bool = False) -> Path:
    """Return the path if `write` could write it, else raise: ask before a long computation, not after it.

    Raises
    ------
    ValueError
        If no format is written under its suffix.
    OSError
        If the folder is missing or not writable, or the file exists and is not to be overwritten.
    """
    path = Path(path)
    if writer_of(path).folders:
        return check_free_store(path, overwrite)
    return check_free(path, overwrite=overwrite)


def writer_of(path: Path) -> Format:
    """The format that is written under the suffix of a path.

    Raises
    ------
    ValueError
        If none is.
    """
    found = [each for each in FORMATS if each.writes and path.name.lower().endswith(each.writes)]
    if not found:
        raise ValueError(
            f"{path}: results are written as TIFF or OME-Zarr; end the name in .ome.tif, .tif, .tiff or .ome.zarr."
        )
    return found[0]


def check_version(writer: Format, version: str) -> None:
    """That a format is written in a version, or a ValueError."""
    if version not in writer.versions:
        raise ValueError(
            f"version = {version!r}: {writer.name} is written as "
            f"{' or '.join(writer.versions) or 'it is, without versions to choose from'}."
        )


def write(
    image: Image,
    path: str | Path,
    overwrite: bool = False,
    dtype: Literal["float32", "uint16"] | None = None,
    version: str | None = None,
) -> Path:
    """Write an OME-TIFF or OME-Zarr with voxel size, axes, channels, optics and the record of how the image was made.

    The file appears whole or not at all. An OME-Zarr has a pyramid of levels, each half as wide and high as the one
    before, in compressed chunks; lazy samples are written volume by volume.

    Samples are stored as they are, unless a type is asked for. As `uint16`, negative values become 0 and all others are
    multiplied by one factor and rounded. The factor is 1, so that intensities keep their unit, for whole numbers that
    fit and for a maximum of 4096 to 65535 (rounding is then finer than a 12-bit camera); otherwise the maximum becomes
    65535. `stored` in the record tells the factor and how many samples were clipped.

    Parameters
    ----------
    image
        What to write.
    path
        A name that ends in .ome.tif, .tif or .tiff, or in .ome.zarr or .zarr.
    overwrite
        Replace a file of that name.
    dtype
        "float32" or "uint16"; None keeps the type of the samples.
    version
        Of the format: "0.5" (the usual one) or "0.4" for OME-Zarr.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the suffix, the type or the version cannot be written, or samples that are not finite are to become `uint16`.
    OSError
        If the folder is missing or not writable, or the file exists and is not to be overwritten.
    ImportError
        If OME-Zarr is written and the package zarr is not installed.
    """
    path = check_writable(path, overwrite)
    writer = writer_of(path)
    if version is not None:
        check_version(writer, version)
    partial_file = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        chosen = {} if version is None else {"version": version}
        writer.write(image, partial_file, dtype, **chosen)
        put_in_place(partial_file, path)
    finally:
        remove(partial_file)
    return path
