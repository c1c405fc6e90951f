"""Deconvolutions of layers: what the commands and the widget have in common."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...images.image import Image
from ...recipes.checks import Finding, findings, memory_needed
from ...recipes.inputs import with_spacing
from ...recipes.preview import preview
from ...recipes.progress import Progress
from ...recipes.recipe import Recipe
from ...recipes.volumes import Deconvolved, run_image
from ...runs import relayed
from ..field_error import FieldError
from ..layers.layer_data import LayerData, layers_of
from ..layers.layer_source import Source


@dataclass(frozen=True, eq=False)
class Job:
    """A recipe for a layer."""

    source: Source
    recipe: Recipe
    psfs: tuple[Source, ...] = ()
    """One, or one for each channel; none: computed from the optics."""

    @property
    def image(self) -> Image:
        """The image in the layer; lazy samples stay lazy."""
        return self.source.image(self.recipe.axes)

    @property
    def kernels(self) -> list[Image]:
        """The PSFs; where a layer has no axis labels, its axes follow from its dimensions."""
        found = [psf.image(psf.axes or "zyx"[-psf.data.ndim :]) for psf in self.psfs]
        return [with_spacing(kernel, self.recipe.psf_spacing) for kernel in found]

    @property
    def repeatable(self) -> Recipe:
        """The recipe that repeats it with the files of the layers."""
        recipe, files = self.recipe, [psf.path for psf in self.psfs]
        if self.source.number is not None:  # a channel of a file that has more axes
            recipe = recipe.replace(channel=self.source.number, axes=None)
        return recipe.replace(psf=tuple(map(str, files))) if files and None not in files else recipe

    def run(self) -> Generator[Progress, None, list[LayerData]]:
        """Deconvolve, yielding after every iteration; it returns layers at the place of the source."""
        image = self.image
        result = yield from run_image(image, self.repeatable, self.kernels)
        return layers_of(result, self.source, image.axes)

    def preview(self, at: Mapping[str, int], region: Mapping[str, slice]) -> Generator[Progress, None, Deconvolved]:
        """Deconvolve a part of one volume."""
        return (yield from preview(self.image, self.recipe, at, region, self.kernels))

    def findings(self, at: Mapping[str, int]) -> list[Finding]:
        """Problems found before it runs."""
        return findings(self.image, self.recipe, at, self.kernels)

    @property
    def room(self) -> str:
        """How much memory it takes, in a sentence."""
        return memory_needed(self.image, self.recipe, self.kernels)


def jobs_for(sources: Sequence[Source], recipe: Recipe, psfs: tuple[Source, ...]) -> list[Job]:
    """A job for each of the layers, which are the channels of one image.

    Raises
    ------
    ValueError
        If voxel sizes, wavelengths or PSFs are missing, or contradict each other.
    """
    if sources[0].is_psf:
        sentence = f"The layer {sources[0].name!r} is a PSF: choose it as the PSF, and an image as the image."
        raise FieldError(sentence, "image")
    if not psfs and not recipe.spacing:
        sentence = f"The voxel size of {sources[0].name!r} is not known: take it from the file, or type it in µm."
        raise FieldError(sentence, "spacing")
    if len({tuple(psf.spacing("zyx").values()) for psf in psfs}) > 1:
        raise FieldError(
            "The PSF layers have voxels of different sizes: resample them to one, or compute them from the optics.",
            "psf",
        )
    if len(sources) == 1:
        return [Job(sources[0], recipe, psfs)]
    unknown = [source.name for source in sources if source.channel is None or source.channel.emission is None]
    if unknown and not psfs and not recipe.channels.emissions:
        raise FieldError(
            f"The emission wavelength of {', '.join(unknown)} is not known: type one for each channel under Channels, "
            "or choose a PSF for each.",
            "emissions",
        )
    if psfs and len(psfs) != len(sources):
        sentence = f"There are {len(sources)} channels and {len(psfs)} PSF layers: choose one for each."
        raise FieldError(sentence, "psf")
    found = []
    for number, source in enumerate(sources):
        own = recipe.for_channel(number, len(sources), source.channel).replace(channels=Recipe().channels)
        found.append(Job(source, own, psfs[number : number + 1]))
    return found


def run_all(jobs: list[Job]) -> Generator[Progress, None, list[LayerData]]:
    """One job after the other, with one account of the progress."""
    layers = []

    def placed(number: int, progress: Progress) -> Progress:
        volumes = progress.volumes
        index = {**progress.index, "layer": number} if len(jobs) > 1 else progress.index
        return replace(progress, volume=number * volumes + progress.volume, volumes=len(jobs) * volumes, index=index)

    for number, job in enumerate(jobs):
        layers += yield from relayed(job.run(), partial(placed, number))
    return layers
