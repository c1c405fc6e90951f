"""A part of an image, deconvolved as it would be in the whole."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from ..images.image import Channel, Image
from .recipe import Recipe
from .volumes import Deconvolved, Progress, chosen_psf, deconvolve_image


def preview(
    image: Image, recipe: Recipe, at: Mapping[str, int], region: Mapping[str, slice], psf: Image | Sequence[Image] | None = None
) -> Generator[Progress, None, Deconvolved]:
    """Deconvolve a part of one volume, with a margin of half the PSF, so that it comes out as in the whole.

    At the same number of updates the part differs from that of the whole by less than 0.5 % of its peak; what a method measures in the
    image (stop, weight, noise), it measures in the part.

    Parameters
    ----------
    image, recipe, psf
        As in `deconvolve_image`.
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
        As in `deconvolve_image`, and if there is no such volume or part.
    """
    volume, single = one_volume(image, recipe, at)
    kernel, _ = single.kernel(volume, chosen_psf(psf, recipe, image, at))
    sizes = dict(zip(volume.axes, volume.samples.shape, strict=True))
    half = {axis: n // 2 for axis, n in zip(volume.spatial, kernel.shape, strict=True)}
    part, inside = [], []
    for axis in volume.axes:
        start, stop, _ = region.get(axis, slice(None)).indices(sizes[axis])
        if stop <= start:
            raise ValueError(f"the part holds nothing along {axis}: it goes from {start} to {stop} of {sizes[axis]}.")
        begin, end = max(start - half[axis], 0), min(stop + half[axis], sizes[axis])
        part.append(slice(begin, end))
        inside.append(slice(start - begin, stop - begin))
    given = Image(kernel, volume.spatial, {axis: volume.spacing[axis] for axis in volume.spatial if axis in volume.spacing})
    settled = single.replace(spacing=(), measured=type(single.measured)())
    within = tuple(inside[volume.axes.index(axis)] for axis in volume.spatial)
    walk = deconvolve_image(volume.replace(samples=volume.samples[tuple(part)]), settled, given)
    try:
        while True:
            yield _without_margin(next(walk), within)
    except StopIteration as end:
        result: Deconvolved = end.value
    finally:
        walk.close()
    cut = {name: other.replace(samples=other.samples[tuple(inside)]) for name, other in result.beside.items() if name != "kept"}
    return Deconvolved(result.image.replace(samples=result.image.samples[tuple(inside)]), cut)


def _without_margin(progress: Progress, within: tuple[slice, ...]) -> Progress:
    step = progress.step
    if step is None or step.phase:
        return progress
    inside = tuple(slice(data.start + part.start, data.start + part.stop) for data, part in zip(step.inside, within, strict=True))
    return replace(progress, step=replace(step, inside=inside))


def one_volume(image: Image, recipe: Recipe, at: Mapping[str, int]) -> tuple[Image, Recipe]:
    """One volume of an image, and the recipe for it."""
    count = image.channel_count
    number = at.get("c", 0) if recipe.channel is None else recipe.channel
    told = (image.channels[number] if image.channels else Channel()) if count > 1 and recipe.channel is None else None
    single = recipe.for_channel(number if count > 1 else 0, count, told).replace(channel=None, channels=type(recipe.channels)())
    whole = image.select(**{axis: index for axis, index in {**at, "c": number}.items() if axis in image.axes and axis not in "zyx"})
    if "t" in whole.axes:
        whole = whole.select(t=0)
    return single.taken(whole), single
