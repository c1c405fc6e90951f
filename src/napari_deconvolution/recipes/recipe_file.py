"""Recipes as files, which the plugin, Python and the command line save and run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .json_file import SUFFIX, read_json, write_json
from .recipe import Recipe
from .record import Record, software


def write_recipe(path: str | Path, recipe: Recipe, overwrite: bool = False) -> Path:
    """Save a recipe as JSON, lengths in µm.

    Parameters
    ----------
    path
        Of the file; its name ends in .json.
    recipe
        What is saved, with the software that it was made with.
    overwrite
        Whether a file of that name may be replaced.

    Raises
    ------
    ValueError
        If the name does not end in .json.
    OSError
        If the file cannot be written, or exists and is not to be overwritten.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_recipe(f"{folder}/sharp.json", Recipe(iterations=30))
    ...     read_recipe(path).iterations
    30
    """
    return write_json(path, Record(recipe=recipe.to_dict(), software=software()).to_dict(), overwrite)


def read_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a file that `write_recipe` made, or from a result, whose file holds it.

    Parameters
    ----------
    path
        A JSON file, or an OME-TIFF that this package wrote. Files of PSFs that are not found are looked for next to it.

    Raises
    ------
    ValueError
        If it holds no recipe, or one with a value out of its range.
    OSError
        If there is no such file.
    """
    path = Path(path)
    form = _form(path)
    if "microscope" in form and "recipe" not in form:
        raise ValueError(f"{path} is a microscope, not a recipe: name it with --microscope, or load it as one.")
    if not form.get("recipe"):
        raise ValueError(f'{path} holds no recipe: a recipe file has the form {{"recipe": {{...}}}}.')
    try:
        record = Record.of(form)
        recipe: Recipe = Recipe.of(record.settings)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if not recipe.psf and any(psf.given is not None for psf in record.psf):
        raise ValueError(
            f"{path} was made with a PSF that came from no file: save that PSF, and name it in a recipe (psf)."
        )
    found = (name if Path(name).exists() else str(path.parent / name) for name in recipe.psf)
    return recipe.replace(psf=tuple(found))


def _form(path: Path) -> Mapping[str, Any]:
    """The record in a file, in the form in which it stands there."""
    if path.suffix.lower() == SUFFIX:
        return read_json(path, "recipe")
    from ..images.files import read

    return read(path).record
