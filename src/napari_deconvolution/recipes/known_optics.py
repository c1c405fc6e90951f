"""What an image tells of its optics, filled in where nothing else is said."""

from collections.abc import Mapping
from typing import Any

from ..images.image import Channel
from ..optics.models.base import Model
from .recipe import Recipe

NEEDED = {"na": "1.4", "wavelength": "525nm", "n_immersion": "1.515"}
"""What no default can stand for, with how it is typed: it is for the user or the file to tell."""


def known_optics(optics: Mapping[str, float], channel: Channel | None) -> dict[str, float]:
    """What is known of a microscope, by the names of `Microscope`: the wavelength is the emission of the only channel.

    >>> known_optics({"na": 1.2}, Channel("DAPI", emission=0.461))
    {'na': 1.2, 'wavelength': 0.461}
    """
    emission = None if channel is None else channel.emission
    return dict(optics) if emission is None else {**optics, "wavelength": emission}


def with_optics(recipe: Recipe, known: Mapping[str, float], channel: Channel | None, said: Mapping[str, Any]) -> Recipe:
    """The recipe with what is said, and for the rest with what an image tells of its optics.

    Parameters
    ----------
    recipe
        What is completed.
    known
        What the image tells, as `known_optics` gives it.
    channel
        Its only channel, if it has one: its excitation and pinhole, if the model has such.
    said
        Values for `Recipe.assign`, which count before those of the image. A microscope or a model that is given whole
        counts whole.

    >>> DAPI = Channel(emission=0.461, excitation=0.405)
    >>> found = with_optics(Recipe(), {"na": 1.2}, DAPI, {"model": "confocal", "na": 1.3})
    >>> found.microscope.na, found.model.excitation
    (1.3, 0.405)
    """
    filled = recipe.assign(**{**({} if "microscope" in said else known), **said})
    whole = "excitation" in said or isinstance(said.get("model"), Model)
    return filled if channel is None or whole else filled.excited(channel)
