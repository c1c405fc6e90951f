"""The formats that are read and written, and those that other programs have to open."""

from importlib.util import find_spec
from pathlib import Path

from ..output_path import is_remote
from .base import Format
from .bioio import BioIo
from .companion import Companion
from .czi import Czi
from .lif import Lif
from .nd2 import Nd2
from .ome_zarr import OmeZarr
from .tiff import Tiff

INSTALLED: list[Format] = [BioIo()] if find_spec("bioio") else []

FORMATS: list[Format] = [Tiff(), OmeZarr(), Companion(), Nd2(), Lif(), Czi(), *INSTALLED]
"""In the order in which they are asked; the first one is the format of results."""

OTHERS = {
    ".oib": ("an Olympus file", "napari-oiffile"),
    ".oif": ("an Olympus file", "napari-oiffile"),
    ".ims": ("an Imaris file", "napari-imaris-loader"),
    ".dv": ("a DeltaVision file", "bioio and bioio-dv (pip install bioio bioio-dv)"),
    ".r3d": ("a DeltaVision file", "bioio and bioio-dv (pip install bioio bioio-dv)"),
    ".vsi": ("an Olympus slide", "bioio and bioio-bioformats"),
    ".sld": ("a SlideBook file", "bioio and bioio-sldy"),
    ".h5": ("an HDF5 file", "the program that wrote it"),
    ".hdf5": ("an HDF5 file", "the program that wrote it"),
    ".mrc": ("an MRC file", "the package mrcfile"),
    ".npy": ("an array of numpy", "numpy.load, which gives an array for deconvolve()"),
    ".png": ("a picture, whose intensities were changed for viewing", "napari"),
    ".jpg": ("a picture, whose intensities were changed for viewing", "napari"),
    ".jpeg": ("a picture, whose intensities were changed for viewing", "napari"),
    ".zip": ("an archive", "an archive manager: read the files in it"),
}
"""What files of other formats are, and what opens them."""

START = 64
"""Bytes of a file by which formats recognise it."""


def format_of(path: Path) -> Format:
    """The format of a file or a folder, by its content, or else by its suffix.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If no format knows it; the message says what it is, and what opens it.
    """
    if is_remote(path):
        raise FileNotFoundError(f"{path} is not on a disk of this computer: mount it, or copy it here.")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}.")
    if not path.is_dir() and not path.is_file():
        raise ValueError(f"{path} is a pipe or a device, not a file: copy what comes out of it to a file.")
    start = b""
    if path.is_file():
        with path.open("rb") as file:
            start = file.read(START)
    candidates = [each for each in FORMATS if each.folders == path.is_dir()]
    if recognised := [each for each in candidates if each.recognises(path, start)]:
        return recognised[0]
    if path.suffix.lower() in OTHERS:
        what, opener = OTHERS[path.suffix.lower()]
        raise ValueError(f"{path} is {what}: open it with {opener}, or in Fiji, and save it as OME-TIFF.")
    for each in candidates:
        if path.name.lower().endswith(each.suffixes):
            begins = f"it begins with {start[:4]!r}" if start else "it is empty"
            raise ValueError(f"{path} is not a {each.name} file, whatever its name: {begins}.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, and no image that is one: name a file in it.")
    known = ", ".join(each.name for each in FORMATS)
    raise ValueError(f"{path} is of no format that is read here ({known}): open it in Fiji and save it as OME-TIFF.")


def looks_readable(path: str | Path) -> bool:
    """Whether a format has this suffix; the file is not looked at.

    >>> looks_readable("cell.ome.tif"), looks_readable("cell.CZI"), looks_readable("notes.txt")
    (True, True, False)
    """
    return str(path).lower().rstrip("/\\").endswith(suffixes())


def suffixes() -> tuple[str, ...]:
    """Of all formats that are read."""
    return tuple(suffix for each in FORMATS for suffix in each.suffixes)


def stem(path: str | Path) -> str:
    """The name of a file without the suffix of its format.

    >>> stem("folder/cell.ome.tif"), stem("cell.1.lif"), stem("notes.of.today")
    ('cell', 'cell.1', 'notes.of')
    """
    name = Path(path).name
    known = [suffix for suffix in suffixes() if name.lower().endswith(suffix)]
    name = name[: -len(max(known, key=len))] if known else Path(name).stem
    return name[:-4] if name.lower().endswith(".ome") else name
