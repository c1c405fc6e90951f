"""Deconvolutions of layers: what the commands and the widget have in common."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

from ...images.image import Image
from ...recipes.checks import Finding, findings, room
from ...recipes.inputs import with_spacing
from ...recipes.preview import preview
from ...recipes.recipe import Recipe
from ...recipes.volumes import Deconvolved, Progress, deconvolve_image
from ..layers.layer_data import LayerData, layers_of
from ..layers.layer_source import Source


@dataclass(frozen=True, eq=False)
class Job:
    """A recipe for a layer."""

    source: Source
    recipe: Recipe
    psfs: tuple[Source, ...] = ()
    """One, or one for each channel; none: made from the optics."""

    @property
    def image(self) -> Image:
        """The image in the layer; lazy samples stay so."""
        return self.source.image(self.recipe.axes)

    @property
    def kernels(self) -> list[Image]:
        """The PSFs; where a layer does not tell its axes, they follow from its dimensions."""
        found = [psf.image(psf.axes or "zyx"[-psf.data.ndim :]) for psf in self.psfs]
        return [with_spacing(kernel, self.recipe.psf_spacing) for kernel in found]

    @property
    def repeatable(self) -> Recipe:
        """The recipe for whoever repeats it with the files of the layers."""
        recipe, files = self.recipe, [psf.path for psf in self.psfs]
        if self.source.number is not None:  # a channel of a file that has more axes
            recipe = recipe.replace(channel=self.source.number, axes=None)
        return recipe.replace(psf=tuple(map(str, files))) if files and None not in files else recipe

    def run(self) -> Generator[Progress, None, list[LayerData]]:
        """Deconvolve, yielding after every update; closing the generator cancels. It returns layers at the place of the source."""
        image = self.image
        result = yield from deconvolve_image(image, self.repeatable, self.kernels)
        return layers_of(result, self.source, image.axes)

    def preview(self, at: Mapping[str, int], region: Mapping[str, slice]) -> Generator[Progress, None, Deconvolved]:
        """Deconvolve a part of one volume."""
        return (yield from preview(self.image, self.recipe, at, region, self.kernels))

    def findings(self, at: Mapping[str, int]) -> list[Finding]:
        """What to think of before it runs."""
        return findings(self.image, self.recipe, at, self.kernels)

    @property
    def room(self) -> str:
        """How much memory it takes, in a sentence."""
        return room(self.image, self.recipe, self.kernels)


def run_all(jobs: list[Job]) -> Generator[Progress, None, list[LayerData]]:
    """One job after the other, with one account of the progress."""
    layers = []
    for number, job in enumerate(jobs):
        walk = job.run()
        try:
            while True:
                progress = next(walk)
                volumes = progress.volumes
                index = {**progress.index, "layer": number} if len(jobs) > 1 else progress.index
                yield replace(progress, volume=number * volumes + progress.volume, volumes=len(jobs) * volumes, index=index)
        except StopIteration as end:
            layers += end.value
        finally:
            walk.close()
    return layers
