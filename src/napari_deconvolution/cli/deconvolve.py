"""Deconvolve an image with a PSF, from a file or computed from the optics."""

import argparse
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..images.image import Image
from ..images.output_path import check_free
from ..options import as_text, options_of
from ..recipes.checks import Finding, concerns, memory_needed
from ..recipes.inputs import Reading
from ..recipes.json_file import SUFFIX
from ..recipes.known_optics import NEEDED
from ..recipes.outcome import failures
from ..recipes.partial_result import partial_result
from ..recipes.recipe import Recipe
from ..recipes.recipe_file import write_recipe
from ..recipes.record import Record
from ..recipes.volumes import run_image
from ..recipes.written import content_of, other_paths, with_known, write_result
from ..runs import begun
from . import files, optics, tiles
from .ending import Incomplete
from .options import CommandLine
from .progress import follow


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
    saved = None if options.save_recipe is None else check_free(options.save_recipe, SUFFIX, options.overwrite)
    files.check_other([saved] if saved else [], (*sources, *filter(None, [options.microscope])))
    if tiles.wanted(options, path, image, recipe, psfs):
        whole = tiles.run(options, path, recipe, psfs, argv)
        if whole is not None:
            _tell_tiles(whole, path)
            _save(saved, recipe, options)
        return
    content = content_of(options.input, recipe)
    with partial_result(path, {"recipe": recipe.to_dict(), "content": content}, options.overwrite) as store:
        overwrite = options.overwrite or store.resumed
        others = other_paths(path, recipe, overwrite)
        files.check_other(others.values(), sources)
        print(memory_needed(image, recipe, psfs or None))
        if store.done:
            print(f"{store.done} volumes are finished already.")
        steps = run_image(image, recipe, psfs, recipe.read_truth(image), store)
        result = follow(begun(steps, lambda: _warn(image, recipe, psfs)))
        lost = failures(Record.of(result.image.record))
        dtype = None if lost else options.dtype
        if dtype != options.dtype:
            warnings.warn("volumes that failed may be NaN, which uint16 has not: float32 is written.", stacklevel=2)
        result = with_known(result, command=files.typed("deconvolve", argv), content=content)
        write_result(result, path, others, overwrite, dtype, options.zarr_version)
    for name in others.keys() & result.others.keys():
        print(f"{others[name]}: {name}, {result.others[name].describe()}")
    record = Record.of(result.image.record)
    _tell_runs(record)
    _save(saved, recipe, options)
    reasons = dict.fromkeys(each.reason for each in record.runs)
    print(f"{path}: {result.image.describe()}, {recipe.algorithm.name}, {'; '.join(reasons)}")
    if lost:
        left = "are not a number" if recipe.unusable == "nan" else "are as they were"
        raise Incomplete(f"volumes of {options.input} could not be deconvolved, and {left} in {path}. {lost}")


def _read(argv: Sequence[str]) -> tuple[Recipe, dict[str, Any], dict[str, Any], argparse.Namespace]:
    """The recipe with the alternatives that were asked for, what was typed, the microscope file, and other options."""
    about = f"{__doc__} The optics in the file of the image are used unless an option or --microscope says otherwise."
    line = CommandLine("deconvolve", "IN.tif -o OUT.ome.tif [options]", about)
    files.add_input(line)
    files.add_output(line, dtype=True)
    about = "save the recipe, with all options and the optics of the file, for napari-deconvolution run"
    line.add_argument("--save-recipe", default=None, metavar="FILE.json", help=about)
    tiles.add_options(line)
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


def _warn(image: Image, recipe: Recipe, psfs: list[Image]) -> None:
    """Warn of what may go wrong."""
    with suppress(ValueError, OSError):  # of a first volume that cannot be used: the run says so
        for concern in concerns(image, recipe, psfs):
            warnings.warn(_with_option(concern, recipe), stacklevel=2)


def _save(path: Path | None, recipe: Recipe, options: argparse.Namespace) -> None:
    if path is not None:
        print(f"{write_recipe(path, recipe, options.overwrite)}: the recipe")


def _tell_tiles(result: Image, path: Path) -> None:
    """Print what came of a run in tiles."""
    record = Record.of(result.record)
    _tell_runs(record)
    seams = " and ".join(f"{seam:.2g}" for seam in record.further["tiles"]["seam"])
    print(f"largest difference from an untiled result, at a seam through the brightest place: {seams} of the peak")
    print(f"{path}: {result.describe()}, {'; '.join(dict.fromkeys(each.reason for each in record.runs))}")


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
