"""Deconvolve an image with a PSF, from a file or computed from the optics."""

import argparse
import warnings
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..images.image import Image
from ..images.output_path import check_free
from ..options import as_text, options_of
from ..recipes.batch import other_paths
from ..recipes.checks import Finding, concerns, memory_needed
from ..recipes.inputs import Reading
from ..recipes.json_file import SUFFIX
from ..recipes.known_optics import NEEDED
from ..recipes.progress import Progress
from ..recipes.recipe import Recipe
from ..recipes.recipe_file import write_recipe
from ..recipes.record import Record
from ..recipes.volumes import Deconvolved, run_image
from . import files, optics
from .options import CommandLine
from .progress import follow

R = TypeVar("R")


def run(argv: Sequence[str]) -> None:
    """Deconvolve every channel and every time point."""
    recipe, values, microscope, options = _read(argv)
    sources = (options.input, *values.get("psf", ()), *filter(None, [values.get("truth")]))
    path = files.output(options, *sources)
    reading = {parameter.name for parameter in Reading.parameters()}
    recipe = recipe.assign(**{name: value for name, value in values.items() if name in reading})
    image = recipe.read_image(options.input)
    taken = recipe.taken(image)
    print(f"image: {options.input}, {taken.describe()}, voxel {_voxel(taken)}")
    psfs = recipe.read_psfs(taken)
    if psfs:
        recipe = recipe.assign(**values)
        for name, psf in zip(recipe.psf, psfs, strict=True):
            print(f"PSF: {name}, {psf.describe()}, voxel {_voxel(psf)}")
    else:
        recipe = optics.complete(recipe, taken, options.input, microscope, values, options.microscope)
    others = other_paths(path, recipe, options.overwrite)
    files.check_other(others.values(), sources)
    saved = None if options.save_recipe is None else check_free(options.save_recipe, SUFFIX, options.overwrite)
    print(memory_needed(image, recipe, psfs or None))
    steps = run_image(image, recipe, psfs, recipe.read_truth(image))
    result = follow(_warned(steps, [_with_option(each, recipe) for each in concerns(image, recipe, psfs)]))
    _write(result, path, others, options, argv)
    _tell_runs(Record.of(result.image.record))
    if saved is not None:
        print(f"{write_recipe(saved, recipe, options.overwrite)}: the recipe")
    reasons = dict.fromkeys(each.reason for each in Record.of(result.image.record).runs)
    print(f"{path}: {result.image.describe()}, {recipe.algorithm.name}, {'; '.join(reasons)}")


def _read(argv: Sequence[str]) -> tuple[Recipe, dict[str, Any], dict[str, Any], argparse.Namespace]:
    """The recipe with the alternatives that were asked for, what was typed, the microscope file, and other options."""
    about = f"{__doc__} The optics in the file of the image are used unless an option or --microscope says otherwise."
    line = CommandLine("deconvolve", "IN.tif -o OUT.ome.tif [options]", about)
    files.add_input(line)
    files.add_output(line, dtype=True)
    about = "save the recipe, with all options and the optics of the file, for napari-deconvolution run"
    line.add_argument("--save-recipe", default=None, metavar="FILE.json", help=about)
    microscope = files.microscope(line, argv)
    from_file = "default: that of the file; needed where the file has none and there is no --psf"
    otherwise = {name: from_file for name in NEEDED if name not in microscope}
    settings = Recipe().assign(**files.preset(line, argv), **microscope)
    recipe, values, options = line.read(argv, settings, otherwise)
    if not values.get("psf"):
        why = "is for a PSF from a file, and there is no --psf"
        _refuse(recipe, values, ("measured", "psf_axes", "psf_spacing"), why)
    else:
        why = "is for a PSF that is computed, and --psf names a file"
        _refuse(recipe, values, ("model", "microscope", "depth_varying"), why)
        if options.microscope is not None:
            raise ValueError(f"--microscope {options.microscope} {why}: leave out one of the two.")
    return recipe, values, microscope, options


def _refuse(recipe: Recipe, values: Mapping[str, Any], groups: tuple[str, ...], why: str) -> None:
    for option in options_of(recipe):
        home = option.name if option.home is None else option.home.name
        if option.name in values and home in groups:
            value = values[option.name]
            typed = as_text(option.parameter, value) if option.parameter.group is None else value
            raise ValueError(f"{option.strings[0]} {typed} {why}: leave out one of the two.")


def _with_option(concern: Finding, recipe: Recipe) -> str:
    """What may go wrong, with the options that fix it."""
    if "psf" in concern.changes:
        return f"{concern.sentence} {concern.remedy}: leave out --psf."
    known = {option.name: option for option in options_of(recipe)}
    options = " ".join(
        f"{known[name].strings[0]} {as_text(known[name].parameter, value)}" for name, value in concern.changes.items()
    )
    return f"{concern.sentence} {concern.remedy}: {options}." if options else concern.sentence


def _warned(steps: Generator[Progress, None, R], concerns: Sequence[str]) -> Generator[Progress, None, R]:
    """A run that begins with warnings of what may go wrong, unless it cannot begin at all."""
    first = next(steps)
    for concern in concerns:
        warnings.warn(concern, stacklevel=2)
    yield first
    return (yield from steps)


def _write(
    result: Deconvolved, path: Path, others: Mapping[str, Path], options: argparse.Namespace, argv: Sequence[str]
) -> None:
    """Write the result and what was asked for next to it."""
    files.write(result.image, path, options, "deconvolve", argv, options.dtype)
    for name in others.keys() & result.others.keys():
        files.write(result.others[name], others[name], options, "deconvolve", argv)
        print(f"{others[name]}: {name}, {result.others[name].describe()}")


def _tell_runs(record: Record) -> None:
    """Print what came of each volume."""
    for number, each in enumerate(record.runs):
        if each.against_truth is not None:
            numbers = "NRMSE {nrmse:.4g}, SNR {snr:.3g} dB, PSNR {psnr:.3g} dB, SSIM {ssim:.4g}"
            print(f"against the truth: {numbers.format(**each.against_truth)}")
        if found := [f"{name} {value:.4g}" for name, value in each.estimated_from_image.items()]:
            print(f"estimated from the image: {', '.join(found)}")
        if each.haze:
            print(each.haze)
        if each.exposure:
            least, most = min(each.exposure), max(each.exposure)
            print(f"flicker: the planes have {least:.3g} to {most:.3g} times the mean brightness")
        if each.processed:
            print(each.processed)
        if lost := [f"{count} {kind}" for kind, count in each.left_out.items() if count]:
            print(f"left out of the likelihood: {', '.join(lost)} voxels{f' of volume {number}' if number else ''}")


def _voxel(image: Image) -> str:
    return "unknown" if image.voxel is None else f"{' '.join(f'{step:g}' for step in image.voxel)} µm"
