"""Measure the point spread function with a stack of beads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..images.image import Image
from ..images.output_path import check_free
from ..optics.beads.measure import psf_from_beads
from ..optics.beads.settings import BeadSettings
from ..optics.psf import MODELS
from ..parameters import param
from ..recipes.bead_psf import bead_psf
from ..recipes.inputs import SMALLEST, with_spacing
from . import files, optics
from .options import CommandLine


@dataclass(frozen=True)
class BeadRun(BeadSettings):
    """A measurement of an image in a file.

    >>> BeadRun().assign(bead=0.1, na=1.3).diameter()
    0.1
    """

    axes: str | None = param(
        None, "One letter per dimension out of tczyx, for instance zyx; none: as stated by the image", label="Axes"
    )
    spacing: tuple[float, ...] = param(
        (),
        "Distance between voxels along z y x; none: as stated by the image",
        label="Voxel size",
        low=SMALLEST,
        unit="µm",
    )
    channel: int | None = param(None, "Which of several channels to take, counted from 0", label="Channel", low=0)


def run(argv: Sequence[str]) -> None:
    """Write the PSF that beads show, and tell which were used."""
    line = CommandLine(
        "beads", "FIELD.tif -o PSF.ome.tif --bead 200nm [options]", f"{__doc__} It is for --psf of deconvolve."
    )
    files.add_input(line)
    files.add_output(line, dtype=False)
    line.add_argument(
        "--table", default=None, metavar="FILE.csv", help="write a table of all beads, with the reasons of refusal"
    )
    line.add_argument("--picture", default=None, metavar="FILE.png", help="draw the beads and the PSF, as PNG")
    profile = files.microscope(line, argv)
    settings, values, options = line.read(argv, BeadRun(), {"bead": "needed"})
    path = files.output(options, options.input)
    table = None if options.table is None else check_free(options.table, ".csv", options.overwrite)
    picture = None if options.picture is None else check_free(options.picture, ".png", options.overwrite)
    profile.pop("model", None)
    image = _one_stack(options.input, settings.assign(**values))
    known = {name: value for name, value in _optics(image).items() if value is not None}
    settings = settings.assign(**{**known, **profile, **values})
    source = (
        dict.fromkeys(known, "file") | dict.fromkeys(profile, str(options.microscope)) | dict.fromkeys(values, "option")
    )
    print(optics.stated(MODELS["richards-wolf"], settings.microscope, source, without=("model",)))
    if image.voxel is None:
        raise ValueError(f"{options.input} does not state its voxel size: give --spacing Z Y X in µm.")
    measured = psf_from_beads(image.samples, image.voxel, settings)
    if picture is not None:
        from ..plots.beads import field_and_psf

        figure = field_and_psf(image.samples, measured)
    files.write(bead_psf(measured, image), path, options, "beads", argv)
    print(measured.summary())
    if table is not None:
        table.write_text(measured.found.csv(), encoding="utf-8")
        print(f"{table}: {len(measured.found.beads)} beads")
    if picture is not None:
        figure.savefig(picture, format="png", dpi=150)
        print(f"{picture}: beads and PSF")
    shape = " ".join(f"{axis}={n}" for axis, n in zip("zyx", measured.psf.shape, strict=True))
    print(f"{path}: {shape}, voxel {' '.join(f'{step:g}' for step in measured.spacing)} µm")


def _one_stack(path: str | Path, settings: BeadRun) -> Image:
    """The stack in a file: one channel, one time point."""
    from ..images.files import read

    image = with_spacing(read(path, settings.axes, settings.spacing or None), settings.spacing)
    if "c" in image.axes and (settings.channel is not None or image.channel_count == 1):
        image = image.select(c=settings.channel or 0)
    if "c" in image.axes:
        raise ValueError(f"{path} has {image.channel_count} channels: choose one with --channel, counted from 0.")
    if "t" in image.axes:
        if image.samples.shape[image.axes.index("t")] > 1:
            raise ValueError(f"{path} is a time series; a PSF is measured in one stack: crop it to one time point.")
        image = image.select(t=0)
    if image.spatial != "zyx":
        raise ValueError(f"{path} is a plane: a PSF is measured in a stack through focus; take one.")
    return image


def _optics(image: Image) -> Mapping[str, Any]:
    """What the file tells of the microscope."""
    names = [parameter.name for parameter in BeadSettings().microscope.parameters()]
    found = {name: image.optics.get(name) for name in names}
    return {**found, "wavelength": image.channels[0].emission if len(image.channels) == 1 else None}
