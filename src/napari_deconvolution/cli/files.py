"""The files of a command: checked before anything is computed, read, and written whole or not at all."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..images.image import Image
from ..optics.microscope import Grid
from ..scale.profile import read_profile
from .options import PROGRAM, CommandLine, from_text

SPACING = Grid().flat()["spacing"][0]


def add_input(line: CommandLine) -> None:
    """Arguments that say which image is read, and how."""
    line.add_argument("input", metavar="IN.tif", help="TIFF, OME-TIFF or ImageJ TIFF")
    axes = "a letter for each dimension out of tczyx, for instance zyx (default: what the file tells)"
    spacing = "distance of voxels along (z) y x [µm]; write it after IN.tif (default: what the file tells)"
    line.add_argument("--axes", default=None, help=axes)
    line.add_argument("--spacing", default=None, nargs="+", metavar="X", help=spacing)
    line.add_argument("--channel", default=None, type=int, metavar="N", help="which of several channels to take, from 0")


def add_psf(line: CommandLine, required: bool) -> None:
    """Arguments that say which PSF is read, and how."""
    otherwise = "" if required else "; without it, the PSF is computed from the optics"
    line.add_argument("--psf", default=None, required=required, metavar="PSF.tif", help=f"file of a PSF{otherwise}")
    axes = "its axes (default: what the file tells, else those of the image)"
    line.add_argument("--psf-axes", default=None, metavar="AXES", help=axes)
    spacing = "distance of its voxels along (z) y x [µm] (default: what the file tells)"
    line.add_argument("--psf-spacing", default=None, nargs="+", metavar="X", help=spacing)


def add_output(line: CommandLine, dtype: bool) -> None:
    """Arguments that say what is written."""
    line.add_argument("-o", "--output", required=True, metavar="OUT.ome.tif", help="what to write: an OME-TIFF")
    line.add_argument("--overwrite", default=False, action="store_true", help="replace a file of that name")
    if dtype:
        about = "type of numbers; as uint16, values below 0 become 0 and the record tells the factor (default: float32)"
        line.add_argument("--dtype", default=None, choices=["float32", "uint16"], help=about)


def microscope(line: CommandLine, argv: Sequence[str]) -> dict[str, Any]:
    """Add the option for the file of a microscope, and return what the file holds: its model decides which other options there are."""
    about = "file of a microscope and its PSF model, as psf --save-microscope and the plugin write it; options count before it"
    line.add_argument("--microscope", default=None, metavar="FILE.json", help=about)
    reader = argparse.ArgumentParser(prog=line.prog, add_help=False, allow_abbrev=False)
    reader.add_argument("--microscope", nargs="?")
    path = reader.parse_known_args(argv)[0].microscope
    return {} if path is None else read_profile(path)


def output(options: argparse.Namespace) -> Path:
    """The path to write to, if that is possible: asked before a long computation, not after it."""
    from ..images.files import check_writable

    path = check_writable(options.output, options.overwrite)
    for source in (vars(options).get("input"), vars(options).get("psf")):
        if source is not None and path.exists() and Path(source).exists() and path.samefile(source):
            raise ValueError(f"{path} is read and written: choose another name for the output.")
    return path


def image(options: argparse.Namespace) -> Image:
    """The image, one channel of it."""
    from ..images.files import read

    found = read(options.input, options.axes, _spacing(options.spacing))
    if options.channel is not None:
        return found.select(c=options.channel)
    count = found.samples.shape[found.axes.index("c")] if "c" in found.axes else 1
    if count > 1:
        names = "; ".join(f"{at} {channel.name}".strip() for at, channel in enumerate(found.channels)) or f"0 to {count - 1}"
        raise ValueError(f"{options.input} has {count} channels ({names}), each with a PSF of its own: choose one with --channel.")
    return found


def psf(options: argparse.Namespace, image: Image) -> Image:
    """The PSF of a file."""
    from ..images.files import read

    spacing = _spacing(options.psf_spacing)
    try:
        return read(options.psf, options.psf_axes, spacing)
    except ValueError:
        # A stack that does not tell its axes can have no others than the volumes that it blurs.
        return read(options.psf, options.psf_axes or image.spatial, spacing)


def write(image: Image, path: Path, options: argparse.Namespace, command: str, argv: Sequence[str]) -> None:
    """Write an image with the command line in its record."""
    from ..images import files

    record = {**image.record, "command": shlex.join([PROGRAM, command, *argv])}
    files.write(image.replace(record=record), path, options.overwrite, vars(options).get("dtype"))


def _spacing(typed: Sequence[str] | None) -> tuple[float, ...] | None:
    return None if typed is None else SPACING.check(from_text(SPACING, typed))
