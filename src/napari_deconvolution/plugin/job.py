"""One deconvolution of a layer: what the commands and the widget have in common."""

from collections.abc import Generator
from dataclasses import dataclass

from ..images.image import Image
from ..scale.reading import with_spacing
from ..scale.recipe import Recipe
from ..scale.series import Progress, deconvolve_image
from .layers import LayerData, Source, layers_of


@dataclass(frozen=True, eq=False)
class Job:
    """A recipe for layers."""

    source: Source
    recipe: Recipe
    psfs: tuple[Source, ...] = ()
    """One, or one for each channel; none: made from the optics."""

    def kernels(self) -> list[Image]:
        """The PSFs; where a layer does not tell its axes, they follow from its dimensions."""
        found = [psf.image(psf.axes or "zyx"[-psf.data.ndim :]) for psf in self.psfs]
        return [with_spacing(kernel, self.recipe.psf_spacing) for kernel in found]

    def run(self) -> Generator[Progress, None, list[LayerData]]:
        """Deconvolve, yielding after every update; closing the generator cancels. It returns layers at the place of the source."""
        image, recipe = self.source.image(self.recipe.axes), self.recipe
        if self.source.number is not None:  # for whoever repeats it with the file, which has more axes
            recipe = recipe.replace(channel=self.source.number, axes=None)
        files = [psf.path for psf in self.psfs]
        if files and None not in files:
            recipe = recipe.replace(psf=tuple(map(str, files)))
        result = yield from deconvolve_image(image, recipe, self.kernels())
        return layers_of(result, self.source, image.axes)
