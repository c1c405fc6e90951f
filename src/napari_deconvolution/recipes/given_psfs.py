"""Which of the PSFs that are given belongs to which channel."""

from collections.abc import Iterable, Mapping, Sequence

from ..images.image import Image
from .recipe import Recipe

Psfs = Image | Sequence[Image] | None
"""One PSF for each channel, as images of one volume or along an axis c; None, or no image, to compute them."""


def psfs_by_channel(psf: Psfs, count: int, channels: Iterable[int]) -> dict[int, Image | None]:
    """The PSF for each of some channels of an image; None where it is to be computed.

    Parameters
    ----------
    psf
        What is given.
    count
        How many channels the image has.
    channels
        The numbers of those that are deconvolved.

    Raises
    ------
    ValueError
        If there are neither as many PSFs as channels of the image, nor as many as are deconvolved.
    """
    parts = [] if psf is None else [psf] if isinstance(psf, Image) else list(psf)
    single = [part.select(c=at) if "c" in part.axes else part for part in parts for at in range(part.channel_count)]
    chosen = list(channels)
    if not single:
        return dict.fromkeys(chosen)
    if len(single) == len(chosen):
        return dict(zip(chosen, single, strict=True))
    if len(single) == count:
        return {number: single[number] for number in chosen}
    raise ValueError(
        f"psf: there are {len(single)} for an image of {count} channels; give one for each, in their order, "
        "or choose one channel."
        if count > 1
        else f"psf: there are {len(single)} for an image of one channel; give one."
    )


def psf_at(psf: Psfs, recipe: Recipe, image: Image, at: Mapping[str, int]) -> Image | None:
    """The PSF that is given for one volume of an image; None if it is to be computed."""
    count = image.channel_count
    if recipe.channel is not None:
        return psfs_by_channel(psf, count, [recipe.channel])[recipe.channel]
    return psfs_by_channel(psf, count, range(count))[at.get("c", 0)]
