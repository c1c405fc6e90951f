"""Compute the point spread function of a microscope."""

from collections.abc import Sequence

from ..images.output_path import check_free
from ..optics.psf_report import psf_report
from ..recipes.json_file import SUFFIX
from ..recipes.microscope_file import write_microscope
from ..recipes.psf_recipe import PsfRecipe
from ..recipes.record import Record
from . import files, optics
from .options import CommandLine


def run(argv: Sequence[str]) -> None:
    """Write a PSF: sum 1, origin at n // 2."""
    line = CommandLine("psf", "-o OUT.ome.tif [options]", f"{__doc__} It sums to 1 and has its origin at n // 2.")
    files.add_output(line, dtype=False)
    line.add_argument("--report", action="store_true", default=False, help="print a report of the PSF")
    about = "draw sections of the PSF and its transfer functions, as PNG"
    line.add_argument("--picture", default=None, metavar="FILE.png", help=about)
    about = "save microscope and model for --microscope and for the plugin"
    line.add_argument("--save-microscope", default=None, metavar="FILE.json", help=about)
    microscope = files.microscope(line, argv)
    recipe, values, options = line.read(argv, PsfRecipe().assign(**microscope))
    path = files.output(options)
    picture = None if options.picture is None else check_free(options.picture, ".png", options.overwrite)
    saved = options.save_microscope
    if saved is not None:
        check_free(saved, SUFFIX, options.overwrite)
    recipe = recipe.assign(**values)
    source = optics.origins(microscope, options.microscope, values)
    print(optics.stated(recipe.model, recipe.microscope, source))
    image = recipe.make()
    focus = Record.of(image.record).psf[0].best_focus or 0.0
    print(f"best focus: stage {round(focus, 3) + 0.0:g} µm from focus on the coverslip")
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
        written = write_microscope(saved, recipe.model, recipe.microscope, options.overwrite)
        print(f"{written}: microscope and model")
    print(f"{path}: {image.describe()}, voxel {' '.join(f'{step:g}' for step in recipe.grid.spacing)} µm")
