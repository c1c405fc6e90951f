"""The background that an image itself shows: the level of its darkest region, of which a part may be the camera's, and
a part haze.
"""

from typing import NamedTuple

import numpy as np

from ..forward.formation import ImageFormation
from .noise import Noise, darkest

SURE = 0.1
"""Error of what the noise tells of the camera's offset, over the level of the darkest region, up to which it is
believed.
"""


class Background(NamedTuple):
    """The counts of the darkest region, above the offset that is known."""

    offset: float
    """More of it: counts that carry no shot noise."""
    background: float
    """Light that does not come from the specimen."""
    haze: float
    """Light that is left in the image, for it is likely to be the specimen's own."""


def background_of(image: np.ndarray, formation: ImageFormation, offset: float, noise: Noise | None) -> Background:
    """What the level of the darkest region consists of.

    What carries no shot noise is the camera's offset, if none was given and the noise tells it to a tenth of the level.
    The rest is light: the background. But in a widefield stack each plane holds the light of all others, so that even
    the darkest region may be filled with haze. The deconvolution can put it back where it came from, but not if it was
    taken away: there it is left in, where the offset is known. Where an image is the same everywhere, nothing is taken
    for background.

    Parameters
    ----------
    image
        What the camera gave.
    formation
        How it was formed.
    offset
        What is known of the camera's offset, counts.
    noise
        What the noise of the image says; None if it says nothing.

    >>> flat = np.full((16, 16), 5.0)
    >>> from napari_deconvolution.algorithms.forward.formation import StationaryPsf
    >>> background_of(flat, StationaryPsf(np.ones((1, 1), np.float32)), 0.0, None)
    Background(offset=0.0, background=0.0, haze=0.0)
    """
    level = max(min(map(darkest, formation.views(image))) - offset, 0.0)
    if level + offset >= float(image.max()):
        return Background(0.0, 0.0, 0.0)
    sure = noise is not None and noise.dark_error < SURE * level
    dark = min(noise.dark, level) if noise is not None and sure and offset == 0 else 0.0
    if all(one.sections for one in formation.of_views) or not (sure or offset):
        return Background(dark, level - dark, 0.0)
    return Background(dark, 0.0, level - dark)
