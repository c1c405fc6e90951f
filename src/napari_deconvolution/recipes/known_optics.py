"""What is known of the optics of an image, filled in where nothing else is given."""

from collections.abc import Mapping
from typing import Any

from ..images.image import Channel, Image
from ..optics.modalities.base import Modality
from ..optics.psf import MODELS, Model
from .recipe import Recipe

NEEDED = {"na": "1.4", "wavelength": "525nm", "n_immersion": "1.515"}
"""What no default can stand for, with how it is typed: the user or the file has to give it."""


def known_optics(optics: Mapping[str, float], channel: Channel | None) -> dict[str, float]:
    """What is known of a microscope, by the names of `Microscope`: the wavelength is the emission of the only channel.

    >>> known_optics({"na": 1.2}, Channel("DAPI", emission=0.461))
    {'na': 1.2, 'wavelength': 0.461}
    """
    emission = None if channel is None else channel.emission
    return dict(optics) if emission is None else {**optics, "wavelength": emission}


def model_of(modality: str | None) -> str | None:
    """The model that a modality needs in place of those for widefield; None if it needs none.

    >>> model_of("spinning-disk"), model_of("widefield"), model_of(None)
    ('spinning-disk', None, None)
    """
    if modality is None or modality == "widefield" or modality not in MODELS:
        return None
    return modality if isinstance(MODELS[modality], Modality) else None


def with_optics(
    recipe: Recipe,
    known: Mapping[str, float],
    channel: Channel | None,
    given: Mapping[str, Any],
    modality: str | None = None,
) -> Recipe:
    """The recipe with what is given, and otherwise with the optics of an image.

    Parameters
    ----------
    recipe
        What is completed.
    known
        The optics of the image, as `known_optics` returns them.
    channel
        Its only channel, if it has one: its excitation and pinhole, if the model has such.
    given
        Values for `Recipe.assign`, which override those of the image; a microscope or a model that is given whole
        overrides it wholly.
    modality
        How the image was taken; its model is used if none is given, unless that is for widefield as the default is.

    >>> DAPI = Channel(emission=0.461, excitation=0.405)
    >>> found = with_optics(Recipe(), {"na": 1.2}, DAPI, {"model": "confocal", "na": 1.3})
    >>> found.microscope.na, found.model.excitation
    (1.3, 0.405)
    >>> with_optics(Recipe(), {}, DAPI, {}, "confocal").model.name
    'confocal'
    """
    if model_of(modality) and "model" not in given:
        given = {**given, "model": modality}
    filled = recipe.assign(**{**({} if "microscope" in given else known), **given})
    whole = "excitation" in given or isinstance(given.get("model"), Model)
    return filled if channel is None or whole else filled.excited(channel)


def fitted(recipe: Recipe, image: Image) -> tuple[Recipe, list[str]]:
    """A recipe for one of many images, with the model for the way in which that was taken, and what to say about it.

    The usual model, for widefield, gives way to the one that the file of the image asks for; any other was chosen by
    whoever made the recipe, and stays.

    >>> import numpy as np
    >>> confocal = Image(np.zeros((4, 4)), "yx", channels=(Channel(pinhole=1.2, modality="confocal"),))
    >>> fitted(Recipe(), confocal)[0].model.name, fitted(Recipe().assign(model="born-wolf"), confocal)[0].model.name
    ('confocal', 'born-wolf')
    """
    name = modality_of(image)
    if recipe.psf or recipe.model != Recipe().model or model_of(name) is None:
        return recipe, []
    channel = image.channels[0] if len(image.channels) == 1 else None
    told = f"According to its file, the image was taken with a {name} microscope: the model {name} is used."
    return recipe.assign(model=name).excited(channel), [told]


def modality_of(image: Image) -> str | None:
    """How an image was taken: what its file says, or its pinhole shows; None where neither does."""
    pinhole = image.channels[0].pinhole if image.channels else None
    return image.modality or ("confocal" if pinhole else None)
