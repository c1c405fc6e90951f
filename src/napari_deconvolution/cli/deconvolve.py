"""Deconvolve an image with a PSF, from a file or computed from the optics."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from ..images.image import Image
from ..optics.microscope import Microscope
from ..scale.recipe import Recipe
from ..scale.series import Progress, deconvolve_image
from ..walk import finished
from . import files
from .options import CommandLine, as_text, options_of
from .psf import stated

TOLD = {"na": "1.4", "wavelength": "525nm", "n_immersion": "1.515"}
"""What no default can stand for, with how it is typed: it is for the user or the file to tell."""


def run(argv: Sequence[str]) -> None:
    """Deconvolve every time point of one channel."""
    about = f"{__doc__} What the file of the image says of the optics holds unless an option or --microscope says otherwise."
    line = CommandLine("deconvolve", "IN.tif -o OUT.ome.tif [options]", about)
    files.add_input(line)
    files.add_psf(line, required=False)
    files.add_output(line, dtype=True)
    otherwise = dict.fromkeys(TOLD, "default: what the file tells; needed where it does not and there is no --psf")
    profile = files.microscope(line, argv)
    otherwise = {name: about for name, about in otherwise.items() if name not in profile}
    recipe, values, options = line.read(argv, Recipe().assign(**profile), otherwise)
    if options.psf is None:
        _refuse(recipe, values, ("measured",), "is for a PSF from a file, and there is no --psf")
    else:
        why = "is for a PSF that is computed, and --psf names a file"
        _refuse(recipe, values, ("model", "microscope"), why)
        if options.microscope is not None:
            raise ValueError(f"--microscope {options.microscope} {why}: leave out one of the two.")
    path, image, psf = files.output(options), files.image(options), None
    voxel = "unknown" if image.voxel is None else f"{' '.join(f'{step:g}' for step in image.voxel)} µm"
    print(f"image: {options.input}, {image.describe()}, voxel {voxel}")
    if options.psf is None:
        found = {name: value for name, value in told(image).items() if name not in profile}
        _check_told({**found, **profile, **values}, options.input)
        recipe = recipe.assign(**{**found, **values})
        source = dict.fromkeys(found, "file") | dict.fromkeys(profile, str(options.microscope)) | dict.fromkeys(values, "option")
        print(stated(recipe.model, recipe.microscope, source))
    else:
        recipe = recipe.assign(**values)
        psf = files.psf(options, image)
        print(f"PSF: {options.psf}, {psf.describe()}")
    result = follow(deconvolve_image(image, recipe, psf))
    files.write(result, path, options, "deconvolve", argv)
    reasons = dict.fromkeys(run["reason"] for run in result.record["runs"])
    print(f"{path}: {result.describe()}, {recipe.algorithm.name}, {'; '.join(reasons)}")


def told(image: Image) -> dict[str, float]:
    """What an image of one channel knows of its optics, by the names of `Microscope`."""
    names = {parameter.name for parameter in Microscope.parameters()}
    found = {name: value for name, value in image.optics.items() if name in names}
    emission = image.channels[0].emission if len(image.channels) == 1 else None
    return found if emission is None else {**found, "wavelength": emission}


def _check_told(values: Mapping[str, Any], path: str) -> None:
    missing = [name for name in TOLD if name not in values]
    if missing:
        remedy = " ".join(f"--{name.replace('_', '-')} {TOLD[name]}" for name in missing)
        raise ValueError(
            f"{path} does not tell {', '.join(missing)}, and no PSF is given: add what your microscope has, for instance {remedy}, or "
            "the file of a PSF with --psf."
        )


def _refuse(recipe: Recipe, values: Mapping[str, Any], groups: tuple[str, ...], why: str) -> None:
    for option in options_of(recipe):
        if option.name in values and option.home is not None and option.home.name in groups:
            typed = as_text(option.parameter, values[option.name]) if option.parameter.group is None else values[option.name]
            raise ValueError(f"{option.strings[0]} {typed} {why}: leave out one of the two.")


def follow(walk: Generator[Progress, None, Image]) -> Image:
    """Run to the end, with a progress bar where there is a terminal."""
    from tqdm import tqdm

    with tqdm(disable=None, unit=" updates", leave=False) as bar:

        def show(progress: Progress) -> None:
            bar.total = progress.total
            bar.update(progress.done - bar.n)

        return finished(walk, show)
