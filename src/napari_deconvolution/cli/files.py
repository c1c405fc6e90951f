"""The files of a command: checked before anything is computed, read, and written whole or not at all."""

import argparse
import shlex
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from ..algorithms.presets import PRESETS
from ..images.image import Image
from ..options import PROGRAM
from ..recipes.microscope_file import read_microscope
from ..recipes.record import Record
from .options import CommandLine


def add_input(line: CommandLine) -> None:
    """The argument that says which image is read."""
    about = (
        "an image: TIFF, OME-Zarr, ND2, LIF or CZI; a folder or a pattern of its planes (see napari-deconvolution info)"
    )
    line.add_argument("input", metavar="IN.tif", help=about)


def add_output(line: CommandLine, dtype: bool) -> None:
    """Arguments that say what is written."""
    about = "what to write: an OME-TIFF, or an OME-Zarr (OUT.ome.zarr)"
    line.add_argument("-o", "--output", required=True, metavar="OUT.ome.tif", help=about)
    line.add_argument("--overwrite", default=False, action="store_true", help="replace a file of that name")
    if dtype:
        about = "data type; as uint16, values below 0 become 0, and the record holds the factor (default: float32)"
        line.add_argument("--dtype", default=None, choices=["float32", "uint16"], help=about)


def microscope(line: CommandLine, argv: Sequence[str]) -> dict[str, Any]:
    """Add the option for a microscope file, and return its content: the model decides which other options there are."""
    about = (
        "file of a microscope and its PSF model, written by psf --save-microscope or the plugin; options override it"
    )
    line.add_argument("--microscope", default=None, metavar="FILE.json", help=about)
    path = _early("--microscope", line, argv)
    return {} if path is None else read_microscope(path)


def preset(line: CommandLine, argv: Sequence[str]) -> dict[str, Any]:
    """Add the option for a preset, and return its values: its method decides which other options there are."""
    about = (
        f"settings for a purpose, one of {', '.join(PRESETS)} (see napari-deconvolution list); options override them"
    )
    line.add_argument("--preset", default=None, metavar="NAME", help=about)
    name = _early("--preset", line, argv)
    if name is not None and name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}; there are {', '.join(PRESETS)}.")
    return {} if name is None else dict(PRESETS[name].values)


def _early(option: str, line: CommandLine, argv: Sequence[str]) -> str | None:
    """What is given for an option that is needed before all others can be read."""
    reader = argparse.ArgumentParser(prog=line.prog, add_help=False, allow_abbrev=False)
    reader.add_argument(option, dest="given", nargs="?")
    given: str | None = reader.parse_known_args(argv)[0].given
    return given


def output(options: argparse.Namespace, *sources: str) -> Path:
    """The path to write to, which is none of the sources; checked before a long computation, not after it."""
    from ..images.files import check_writable

    path = check_writable(options.output, options.overwrite)
    check_other([path], sources)
    return path


def check_other(paths: Iterable[Path], sources: Sequence[str]) -> None:
    """That nothing that is read would be written over."""
    for path, source in product(paths, sources):
        if path.exists() and Path(source).exists() and path.samefile(source):
            raise ValueError(f"{path} is read and written: choose another name for the output.")


def typed(command: str, argv: Sequence[str]) -> str:
    """The command line, for a record."""
    return shlex.join([PROGRAM, command, *argv])


def write(
    image: Image, path: Path, options: argparse.Namespace, command: str, argv: Sequence[str], dtype: Any = None
) -> None:
    """Write an image, in a data type or as it is, with the command line in its record."""
    from ..images import files

    record = Record.of(image.record).replace(command=typed(command, argv))
    version = getattr(options, "zarr_version", None)
    files.write(image.replace(record=record.to_dict()), path, options.overwrite, dtype, version)
