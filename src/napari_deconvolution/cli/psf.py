"""Compute the point spread function of a microscope."""

from collections.abc import Mapping, Sequence

from ..images.output_path import check_free
from ..optics.microscope import Microscope
from ..optics.psf import Model
from ..optics.psf_report import psf_report
from ..options import as_text
from ..recipes.microscope_file import SUFFIX, write_profile
from ..recipes.psf_recipe import PsfRecipe
from . import files
from .options import CommandLine


def run(argv: Sequence[str]) -> None:
    """Write a PSF: sum 1, origin at n // 2."""
    line = CommandLine("psf", "-o OUT.ome.tif [options]", f"{__doc__} It sums to 1 and has its origin at n // 2.")
    files.add_output(line, dtype=False)
    line.add_argument("--report", action="store_true", default=False, help="print what the PSF is like")
    about = "draw sections of the PSF and its transfer of detail, as PNG"
    line.add_argument("--picture", default=None, metavar="FILE.png", help=about)
    about = "save microscope and model for --microscope and for the plugin"
    line.add_argument("--save-microscope", default=None, metavar="FILE.json", help=about)
    profile = files.microscope(line, argv)
    recipe, values, options = line.read(argv, PsfRecipe().assign(**profile))
    path = files.output(options)
    picture = None if options.picture is None else check_free(options.picture, ".png", options.overwrite)
    saved = None if options.save_microscope is None else check_free(options.save_microscope, SUFFIX, options.overwrite)
    recipe = recipe.assign(**values)
    source = dict.fromkeys(profile, str(options.microscope)) | dict.fromkeys(values, "option")
    print(stated(recipe.model, recipe.microscope, source))
    image = recipe.make()
    print(f"best focus: stage {round(image.record['best focus'], 3) + 0.0:g} µm from focus on the coverslip")
    figure = None
    if picture is not None:
        from ..plots.psf import sections

        figure = sections(image.samples, recipe.grid.spacing, recipe.model.nyquist(recipe.microscope))
    files.write(image, path, options, "psf", argv)
    if options.report:
        print(psf_report(image.samples, recipe.grid.spacing, recipe.model, recipe.microscope))
    if figure is not None:
        figure.savefig(picture, format="png", dpi=150)
        print(f"{picture}: sections and transfer functions")
    if saved is not None:
        print(f"{write_profile(saved, recipe.model, recipe.microscope, options.overwrite)}: microscope and model")
    print(f"{path}: {image.describe()}, voxel {' '.join(f'{step:g}' for step in recipe.grid.spacing)} µm")


def stated(model: Model, microscope: Microscope, source: Mapping[str, str], without: tuple[str, ...] = ()) -> str:
    """The optics in one line, each value with where it comes from."""
    values = {"model": model.name, **{name: as_text(parameter, value) for name, (parameter, value) in microscope.flat().items()}}
    told = {name: value for name, value in values.items() if name not in without}
    return "optics: " + ", ".join(f"{name} {value} ({source.get(name, 'default')})" for name, value in told.items())
