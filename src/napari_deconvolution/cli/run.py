"""Deconvolve many files with one recipe."""

from collections.abc import Sequence

from ..parameters import Parameters
from ..recipes.batch import deconvolve_files
from ..recipes.recipe_file import read_recipe
from .deconvolve import follow
from .options import CommandLine


def run(argv: Sequence[str]) -> None:
    """Deconvolve files and folders; results go beside them, or to a folder."""
    about = f"{__doc__} A file that fails stops no other; those that this recipe has done are not done again."
    line = CommandLine("run", "RECIPE.json FILES... [options]", about)
    source = "a recipe, as deconvolve --save-recipe and the plugin save it, or a result, whose file tells how it was made"
    line.add_argument("recipe", metavar="RECIPE.json", help=source)
    line.add_argument("files", metavar="FILES", nargs="+", help="TIFF files, or folders of such")
    line.add_argument("-o", "--output", default=None, metavar="FOLDER", help="where results go (default: beside their images)")
    line.add_argument("--overwrite", action="store_true", default=False, help="replace results of that name")
    options = line.read(argv, Parameters())[2]
    if options.output is not None and options.output.lower().endswith((".tif", ".tiff")):
        raise ValueError(f"--output {options.output}: name a folder; results are named after their images.")
    outcomes = follow(deconvolve_files(read_recipe(options.recipe), options.files, options.output, options.overwrite))
    for outcome in outcomes:
        print(outcome)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    if failed:
        names = ", ".join(str(outcome.source) for outcome in failed)
        rest = "; the others are done" if len(failed) < len(outcomes) else ""
        raise ValueError(f"{len(failed)} of {len(outcomes)} files failed ({names}), for the reasons above{rest}.")
