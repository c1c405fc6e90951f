"""The background that an image itself shows: the level of its darkest region, of which a part may be the camera's, and
a part haze.
"""

from typing import NamedTuple

from ..forward.formation import ImageFormation
from .noise import Noise


class Background(NamedTuple):
    """The counts of the darkest region, above the offset that is known."""

    offset: float
    """More of it: counts that carry no shot noise."""
    background: float
    """Light that does not come from the specimen."""
    haze: float
    """Light that is left in the image, for it is likely to be the specimen's own."""


def background_of(level: float, formation: ImageFormation, offset: float, noise: Noise | None) -> Background:
    """What the level of the darkest region consists of.

    What carries no shot noise is the camera's offset, if none was given and the noise shows it. The rest is light: the
    background. But in a widefield stack each plane holds the light of all others, so that even the darkest region may
    be filled with haze. The deconvolution can put it back where it came from, but not if it was taken away: there it is
    left in, where the offset is known.

    Parameters
    ----------
    level
        Of the darkest region, in the units of the image.
    formation
        How the image was formed.
    offset
        What is known of the camera's offset, counts.
    noise
        What the noise of the image says, with respect to that offset; None if it says nothing.

    >>> import numpy as np
    >>> from napari_deconvolution.algorithms.forward.formation import StationaryPsf
    >>> background_of(105.0, StationaryPsf(np.ones((1, 1), np.float32)), 0.0, Noise(0.5, 0.0, 103.0))
    Background(offset=103.0, background=2.0, haze=0.0)
    """
    above = max(level - offset, 0.0)
    dark = min(noise.dark, above) if noise is not None and offset == 0 else 0.0
    if all(one.sections for one in formation.of_views) or (noise is None and offset == 0):
        return Background(dark, above - dark, 0.0)
    return Background(dark, 0.0, above - dark)
