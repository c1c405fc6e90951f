"""Microscope files: the optics and the model of their PSF, for the plugin, Python and the command line."""

from pathlib import Path
from typing import Any

from ..optics.microscope import Microscope
from ..optics.psf import MODELS, Model
from .json_file import read_json, write_json
from .known_optics import NEEDED


def write_microscope(path: str | Path, model: Model, microscope: Microscope, overwrite: bool = False) -> Path:
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
    ...     path = write_microscope(f"{folder}/water.json", MODELS["born-wolf"], Microscope(na=1.2, n_immersion=1.333))
    ...     read_microscope(path)["na"]
    1.2
    """
    return write_json(path, {"microscope": microscope.to_dict(), "model": model.to_dict()}, overwrite)


def read_microscope(path: str | Path) -> dict[str, Any]:
    """Read a microscope and the model of its PSF.

    Parameters
    ----------
    path
        Of a file that `write_microscope` made, or of one that was typed like it. Values that are not in it are left
        out.

    Returns
    -------
    dict
        The values of `Microscope` by name, and `model`, if there is one: fit for `PsfRecipe.assign` and
        `Recipe.assign`.

    Raises
    ------
    ValueError
        If it is no such file, lacks the aperture, the wavelength or the immersion, or a value is out of its range.
    OSError
        If there is no such file.
    """
    found = read_json(path, "microscope")
    if "recipe" in found:
        raise ValueError(f"{path} is a recipe, not a microscope: name it with napari-deconvolution run.")
    if not isinstance(found.get("microscope"), dict) or not set(found) <= {"microscope", "model"}:
        raise ValueError(
            f'{path} is no microscope file: it has to hold {{"microscope": {{...}}, "model": {{...}}}}, nothing else.'
        )
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
