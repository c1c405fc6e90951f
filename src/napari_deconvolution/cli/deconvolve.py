"""Deconvolve an image with a PSF, from a file or computed from the optics."""

import warnings
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar

from ..images.image import Image
from ..images.output_path import check_free
from ..optics.microscope import Microscope
from ..options import as_text, options_of
from ..recipes.batch import FileProgress, paths_beside
from ..recipes.checks import Finding, concerns, room
from ..recipes.inputs import Reading
from ..recipes.microscope_file import SUFFIX
from ..recipes.recipe import Recipe
from ..recipes.recipe_file import write_recipe
from ..recipes.volumes import Progress, deconvolve_image
from ..runs import finished
from . import files
from .options import CommandLine
from .psf import stated

R = TypeVar("R")

TOLD = {"na": "1.4", "wavelength": "525nm", "n_immersion": "1.515"}
"""What no default can stand for, with how it is typed: it is for the user or the file to tell."""


def run(argv: Sequence[str]) -> None:
    """Deconvolve every channel and every time point."""
    about = f"{__doc__} What the file of the image says of the optics holds unless an option or --microscope says otherwise."
    line = CommandLine("deconvolve", "IN.tif -o OUT.ome.tif [options]", about)
    files.add_input(line)
    files.add_output(line, dtype=True)
    about = "save the recipe, with all that is said here and told by the file, for napari-deconvolution run"
    line.add_argument("--save-recipe", default=None, metavar="FILE.json", help=about)
    otherwise = dict.fromkeys(TOLD, "default: what the file tells; needed where it does not and there is no --psf")
    profile = files.microscope(line, argv)
    otherwise = {name: about for name, about in otherwise.items() if name not in profile}
    recipe, values, options = line.read(argv, Recipe().assign(**files.preset(line, argv), **profile), otherwise)
    if not values.get("psf"):
        _refuse(recipe, values, ("measured", "psf_axes", "psf_spacing"), "is for a PSF from a file, and there is no --psf")
    else:
        why = "is for a PSF that is computed, and --psf names a file"
        _refuse(recipe, values, ("model", "microscope"), why)
        if options.microscope is not None:
            raise ValueError(f"--microscope {options.microscope} {why}: leave out one of the two.")
    sources = (options.input, *values.get("psf", ()), *filter(None, [values.get("truth")]))
    path = files.output(options, *sources)
    reading = {parameter.name for parameter in Reading.parameters()}
    recipe = recipe.assign(**{name: value for name, value in values.items() if name in reading})
    whole = recipe.read_image(options.input)
    image = recipe.taken(whole)
    print(f"image: {options.input}, {image.describe()}, voxel {_voxel(image)}")
    psfs = recipe.read_psfs(image)
    if psfs:
        recipe = recipe.assign(**values)
        for name, psf in zip(recipe.psf, psfs, strict=True):
            print(f"PSF: {name}, {psf.describe()}, voxel {_voxel(psf)}")
    else:
        recipe = _with_optics(recipe, image, profile, values, options)
    beside = paths_beside(path, recipe, options.overwrite)
    files.check_other(beside.values(), sources)
    saved = None if options.save_recipe is None else check_free(options.save_recipe, SUFFIX, options.overwrite)
    print(room(whole, recipe, psfs or None))
    walk = deconvolve_image(whole, recipe, psfs, recipe.read_truth(whole))
    result = follow(_warned(walk, [_with_option(concern, recipe) for concern in concerns(whole, recipe, psfs)]))
    files.write(result.image, path, options, "deconvolve", argv, options.dtype)
    for name in beside.keys() & result.beside.keys():
        files.write(result.beside[name], beside[name], options, "deconvolve", argv)
        print(f"{beside[name]}: {name}, {result.beside[name].describe()}")
    for number, run in enumerate(result.image.record["runs"]):
        if near := run.get("against the truth"):
            print("against the truth: NRMSE {nrmse:.4g}, SNR {snr:.3g} dB, PSNR {psnr:.3g} dB, SSIM {ssim:.4g}".format(**near))
        if told := [f"{name} {value:.4g}" for name, value in run.get("told by the image", {}).items()]:
            print(f"measured on the image: {', '.join(told)}")
        if haze := run.get("haze"):
            print(haze)
        if lost := [f"{count} {kind}" for kind, count in run.get("left out", {}).items() if count]:
            print(f"left out of the likelihood: {', '.join(lost)} voxels{f' of volume {number}' if number else ''}")
    if saved is not None:
        print(f"{write_recipe(saved, recipe, options.overwrite)}: the recipe")
    reasons = dict.fromkeys(run["reason"] for run in result.image.record["runs"])
    print(f"{path}: {result.image.describe()}, {recipe.algorithm.name}, {'; '.join(reasons)}")


def _voxel(image: Image) -> str:
    return "unknown" if image.voxel is None else f"{' '.join(f'{step:g}' for step in image.voxel)} µm"


def _with_option(concern: Finding, recipe: Recipe) -> str:
    """What may go wrong, with the options that would mend it."""
    if "psf" in concern.changes:
        return f"{concern.sentence} {concern.remedy}: leave out --psf."
    known = {option.name: option for option in options_of(recipe)}
    options = " ".join(f"{known[name].strings[0]} {as_text(known[name].parameter, value)}" for name, value in concern.changes.items())
    return f"{concern.sentence} {concern.remedy}: {options}." if options else concern.sentence


def _warned(walk: Generator[Progress, None, R], concerns: Sequence[str]) -> Generator[Progress, None, R]:
    """A run that begins by telling what may go wrong, unless it cannot begin at all."""
    first = next(walk)
    for concern in concerns:
        warnings.warn(concern, stacklevel=2)
    yield first
    return (yield from walk)


def _with_optics(recipe: Recipe, image: Image, profile: Mapping[str, Any], values: Mapping[str, Any], options: Any) -> Recipe:
    """The recipe with what the image tells of its optics, where neither options nor a profile say otherwise; printed."""
    several = "c" in image.axes
    if several and "wavelength" in values:
        raise ValueError("--wavelength is for one channel: say --emissions, one for each, or choose one with --channel.")
    found = {name: value for name, value in told(image).items() if name not in profile}
    each = {"wavelength": None} if several else {}  # told, or asked for, channel by channel
    _check_told({**found, **profile, **values, **each}, options.input)
    recipe = recipe.assign(**{**found, **values})
    if len(image.channels) == 1 and "model" not in profile and "excitation" not in values:
        recipe = recipe.excited(image.channels[0])
    source = dict.fromkeys(found, "file") | dict.fromkeys(profile, str(options.microscope)) | dict.fromkeys(values, "option")
    print(stated(recipe.model, recipe.microscope, source, without=tuple(each)))
    return recipe


def told(image: Image) -> dict[str, float]:
    """What an image knows of its optics, by the names of `Microscope`; the wavelength where it has one channel."""
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
        home = option.name if option.home is None else option.home.name
        if option.name in values and home in groups:
            typed = as_text(option.parameter, values[option.name]) if option.parameter.group is None else values[option.name]
            raise ValueError(f"{option.strings[0]} {typed} {why}: leave out one of the two.")


def follow(walk: Generator[Progress | FileProgress, None, R]) -> R:
    """Run to the end, with a progress bar where there is a terminal."""
    from tqdm import tqdm

    with tqdm(total=1.0, disable=None, leave=False, bar_format="{percentage:3.0f}%|{bar}| {elapsed}<{remaining}, {desc}") as bar:

        def show(progress: Progress | FileProgress) -> None:
            bar.set_description_str(progress.words, refresh=False)
            bar.update(progress.share - bar.n)

        return finished(walk, show)
