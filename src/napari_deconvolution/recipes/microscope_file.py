"""Microscope profiles: the optics and the model of their PSF as a file that every door reads."""

import json
from pathlib import Path
from typing import Any

from ..images.output_path import check_free
from ..optics.microscope import Microscope
from ..optics.psf import MODELS, Model

SUFFIX = ".json"

NEEDED = ("na", "wavelength", "n_immersion")
"""What no default can stand for."""


def write_profile(path: str | Path, model: Model, microscope: Microscope, overwrite: bool = False) -> Path:
    """Save a microscope and the model of its PSF as JSON, lengths in µm.

    Parameters
    ----------
    path
        Of the file; its name ends in .json.
    model, microscope
        What is saved.
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
    ...     path = write_profile(f"{folder}/water.json", MODELS["born-wolf"], Microscope(na=1.2, n_immersion=1.333))
    ...     read_profile(path)["na"]
    1.2
    """
    path = check_free(path, SUFFIX, overwrite)
    text = json.dumps({"microscope": microscope.to_dict(), "model": model.to_dict()}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read_profile(path: str | Path) -> dict[str, Any]:
    """Read a profile.

    Parameters
    ----------
    path
        Of a file that `write_profile` made, or of one that was typed like it. Values that it does not tell are left out.

    Returns
    -------
    dict
        The values of `Microscope` by name, and `model`, if it tells one: fit for `PsfRecipe.assign` and `Recipe.assign`.

    Raises
    ------
    ValueError
        If it is no profile, lacks the aperture, the wavelength or the immersion, or a value is out of its range.
    OSError
        If there is no such file.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no microscope profile: it is not JSON ({error}).") from error
    if not isinstance(found, dict) or not isinstance(found.get("microscope"), dict) or not set(found) <= {"microscope", "model"}:
        raise ValueError(f'{path} is no microscope profile: it has to hold {{"microscope": {{...}}, "model": {{...}}}} and nothing else.')
    missing = [name for name in NEEDED if name not in found["microscope"]]
    if missing:
        raise ValueError(f"{path}: the microscope lacks {', '.join(missing)}; add what it has, lengths in µm.")
    if isinstance(found.get("model"), dict) and "name" not in found["model"]:
        raise ValueError(f"{path}: the model has no name; it is one of {', '.join(MODELS)}.")
    try:
        microscope = Microscope.of(found["microscope"])
        values = {name: getattr(microscope, name) for name in found["microscope"]}
        return {**values, "model": Model.of(found["model"])} if "model" in found else values
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
