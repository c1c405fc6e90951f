"""Deconvolve many files with one recipe."""

import warnings
from collections.abc import Sequence

from ..parameters import Parameters
from ..recipes.batch import Outcome, run_files
from ..recipes.recipe_file import read_recipe
from .ending import Incomplete
from .options import CommandLine
from .progress import follow, write_line


def run(argv: Sequence[str]) -> None:
    """Deconvolve files and folders; results go next to them, or to a folder."""
    about = f"{__doc__} A file that fails stops no other. Finished files are skipped."
    line = CommandLine("run", "RECIPE.json FILES... [options]", about)
    source = "a recipe, saved by deconvolve --save-recipe or the plugin, or a result, whose file holds its recipe"
    line.add_argument("recipe", metavar="RECIPE.json", help=source)
    line.add_argument("files", metavar="FILES", nargs="+", help="TIFF files, or folders of such")
    about = "folder for the results (default: next to their images)"
    line.add_argument("-o", "--output", default=None, metavar="FOLDER", help=about)
    line.add_argument("--overwrite", action="store_true", default=False, help="replace results of the same name")
    options = line.read(argv, Parameters())[2]
    if options.output is not None and options.output.lower().endswith((".tif", ".tiff")):
        raise ValueError(f"--output {options.output}: name a folder; results are named after their images.")
    recipe = read_recipe(options.recipe)
    outcomes: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        outcomes.append(outcome)
        write_line(str(outcome))
        for warning in outcome.warnings:
            warnings.warn(f"{outcome.source}: {warning}", stacklevel=2)

    try:
        follow(run_files(recipe, options.files, options.output, options.overwrite, tell))
    except KeyboardInterrupt as stop:
        done = sum(outcome.state in ("done", "incomplete", "skipped") for outcome in outcomes)
        kept = f"{done} files are finished; run it again to go on." if done else ""
        raise type(stop)(f"{kept} {stop}".strip()) from stop
    failed = [outcome for outcome in outcomes if outcome.state in ("failed", "incomplete")]
    if failed:
        names = ", ".join(str(outcome.source) for outcome in failed)
        rest = "; the others are finished" if len(failed) < len(outcomes) else ""
        raise Incomplete(f"{len(failed)} of {len(outcomes)} files failed ({names}), for the reasons above{rest}.")
