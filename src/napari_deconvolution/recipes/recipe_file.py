"""Recipes as files: saved by one door, run by another."""

import json
from pathlib import Path
from typing import Any

from ..images.output_path import check_free
from .microscope_file import SUFFIX
from .psf_recipe import made_by
from .recipe import Recipe


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
    path = check_free(path, SUFFIX, overwrite)
    path.write_text(json.dumps({"recipe": recipe.to_dict(), **made_by()}, indent=2) + "\n", encoding="utf-8")
    return path


def read_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a file that `write_recipe` made, or from a result, whose file tells how it was made.

    Parameters
    ----------
    path
        A JSON file, or an OME-TIFF that this package wrote. Files of PSFs that are not found are looked for beside it.

    Raises
    ------
    ValueError
        If it holds no recipe, or one with a value out of its range.
    OSError
        If there is no such file.
    """
    path = Path(path)
    try:
        record = _record(path)
        recipe = Recipe.of(record["recipe"])
    except KeyError as error:
        raise ValueError(f'{path} holds no recipe: a recipe file has the form {{"recipe": {{...}}}}.') from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    psfs = record.get("psf") or []
    if not recipe.psf and any("given" in psf for psf in (psfs if isinstance(psfs, list) else [psfs])):
        raise ValueError(f"{path} was made with a PSF that came from no file: save that PSF, and name it in a recipe (psf).")
    found = (name if Path(name).exists() else str(path.parent / name) for name in recipe.psf)
    return recipe.replace(psf=tuple(found))


def _record(path: Path) -> Any:
    if path.suffix.lower() != SUFFIX:
        from ..images.formats.tiff import read

        return read(path).record
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is no recipe, for it is not JSON ({error}).") from error
    return found if isinstance(found, dict) else {}
