"""A part of an image, deconvolved as it would be in the whole."""

from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import partial

from ..images.image import Channel, Image
from ..runs import relayed
from .channels import Channels
from .given_psfs import Psfs, psf_at
from .progress import Progress
from .recipe import Recipe
from .volumes import Deconvolved, run_image


def preview(
    image: Image, recipe: Recipe, at: Mapping[str, int], region: Mapping[str, slice], psf: Psfs = None
) -> Generator[Progress, None, Deconvolved]:
    """Deconvolve a part of one volume, with a margin as wide as the PSF reaches, so that it comes out as in the whole.

    At the same number of iterations the part differs from that of the whole by less than 0.5 % of its peak; what a
    method estimates from the image (stop, weight, noise), it estimates from the part.

    Parameters
    ----------
    image, recipe, psf
        As in `run_image`.
    at
        Which volume, by its index along time and, unless the recipe chooses one, channel.
    region
        The part, in voxels along some of z, y, x; along the others it is the whole.

    Returns
    -------
    Deconvolved
        Of the part alone, without its margin.

    Raises
    ------
    ValueError
        As in `run_image`, and if there is no such volume or part.
    """
    volume, single = one_volume(image, recipe, at)
    formation, _ = single.formation(volume, psf_at(psf, recipe, image, at))
    sizes = dict(zip(volume.axes, volume.samples.shape, strict=True))
    asked = []
    for axis in volume.spatial:
        start, stop, _ = region.get(axis, slice(None)).indices(sizes[axis])
        if stop <= start:
            raise ValueError(f"the part is empty along {axis}: it goes from {start} to {stop} of {sizes[axis]}.")
        asked.append(slice(start, stop))
    outer, within = formation.around(tuple(asked), tuple(sizes[axis] for axis in volume.spatial))
    part, inside = ([each[volume.spatial.index(axis)] for axis in volume.axes] for each in (outer, within))
    cut, settled = volume.replace(samples=volume.samples[tuple(part)]), single.replace(spacing=())
    run = run_image(cut, settled, formation.part(outer))
    result = yield from relayed(run, partial(_without_margin, within))
    maps = {name: other for name, other in result.others.items() if name != "kept"}
    others = {name: other.replace(samples=other.samples[tuple(inside)]) for name, other in maps.items()}
    return Deconvolved(result.image.replace(samples=result.image.samples[tuple(inside)]), others)


def _without_margin(within: tuple[slice, ...], progress: Progress) -> Progress:
    step = progress.step
    if step is None or step.phase:
        return progress
    inside = tuple(
        slice(data.start + part.start, data.start + part.stop) for data, part in zip(step.inside, within, strict=True)
    )
    return replace(progress, step=replace(step, inside=inside))


def one_volume(image: Image, recipe: Recipe, at: Mapping[str, int]) -> tuple[Image, Recipe]:
    """One volume of an image, and the recipe for it."""
    count = image.channel_count
    number = at.get("c", 0) if recipe.channel is None else recipe.channel
    told = (image.channels[number] if image.channels else Channel()) if count > 1 and recipe.channel is None else None
    single = recipe.for_channel(number if count > 1 else 0, count, told).replace(channel=None, channels=Channels())
    whole = image.select(
        **{axis: index for axis, index in {**at, "c": number}.items() if axis in image.axes and axis not in "zyx"}
    )
    if "t" in whole.axes:
        whole = whole.select(t=0)
    return single.taken(whole), single
