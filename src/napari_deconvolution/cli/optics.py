"""The optics of a command: those of the image, of a microscope file and of options, each with its origin."""

from collections.abc import Mapping
from typing import Any

from ..images.image import Image
from ..optics.microscope import Microscope
from ..optics.psf import Model
from ..options import as_text
from ..recipes.known_optics import NEEDED, known_optics, model_of, with_optics
from ..recipes.recipe import Recipe


def stated(model: Model, microscope: Microscope, source: Mapping[str, str], without: tuple[str, ...] = ()) -> str:
    """The optics in one line, each value with where it comes from."""
    lengths = {name: as_text(parameter, value) for name, (parameter, value) in microscope.flat().items()}
    values = {"model": model.name, **lengths}
    shown = {name: value for name, value in values.items() if name not in without}
    return "optics: " + ", ".join(f"{name} {value} ({source.get(name, 'default')})" for name, value in shown.items())


def origins(microscope_file: Mapping[str, Any], path: str | None, options: Mapping[str, Any]) -> dict[str, str]:
    """Where each value from a microscope file or an option comes from."""
    return dict.fromkeys(microscope_file, str(path)) | dict.fromkeys(options, "option")


def complete(
    recipe: Recipe,
    image: Image,
    path: str,
    microscope_file: Mapping[str, Any],
    options: Mapping[str, Any],
    file: str | None,
) -> Recipe:
    """The recipe with the optics of the image, unless options or a microscope file override them; printed.

    Parameters
    ----------
    recipe
        With the alternatives that were asked for.
    image, path
        The channels that are deconvolved, and their file.
    microscope_file, file
        Its values, and its path.
    options
        What was typed.

    Raises
    ------
    ValueError
        If none of them gives a value that is needed.
    """
    several = "c" in image.axes
    if several and "wavelength" in options:
        raise ValueError(
            "--wavelength is for one channel: give --emissions, one for each, or choose one with --channel."
        )
    channel = image.channels[0] if len(image.channels) == 1 else None
    names = {parameter.name for parameter in Microscope.parameters()}
    known = known_optics({name: value for name, value in image.optics.items() if name in names}, channel)
    # The wavelengths of several channels are known, or asked for, channel by channel.
    _check_complete({**known, **microscope_file, **options, **({"wavelength": None} if several else {})}, path)
    recipe = with_optics(recipe, known, channel, {**microscope_file, **options}, image.modality)
    told = {**known, **({"model": image.modality} if model_of(image.modality) else {})}
    source = dict.fromkeys(told, "file") | origins(microscope_file, file, options)
    print(stated(recipe.model, recipe.microscope, source, without=("wavelength",) if several else ()))
    return recipe


def _check_complete(values: Mapping[str, Any], path: str) -> None:
    missing = [name for name in NEEDED if name not in values]
    if missing:
        remedy = " ".join(f"--{name.replace('_', '-')} {NEEDED[name]}" for name in missing)
        raise ValueError(
            f"{path} does not contain {', '.join(missing)}, and no PSF is given: add the values of your microscope, "
            f"for instance {remedy}, or the file of a PSF with --psf."
        )
