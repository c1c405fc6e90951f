"""One deconvolution of a layer: what the commands and the widget have in common."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from ..images.image import Image
from ..scale.recipe import Recipe, with_spacing
from ..scale.series import Progress, deconvolve_image
from .layers import LayerData, Source, layer_data


@dataclass(frozen=True, eq=False)
class Job:
    """An image and a PSF as layers, and what the layers do not tell."""

    source: Source
    axes: str | None = None
    """A letter per dimension of the source."""
    channel: int | None = None
    """Where the image has an axis c."""
    spacing: Sequence[float] | None = None
    """Of the image, (z) y x in µm."""
    psf: Source | None = None
    """None: made from the optics."""
    psf_spacing: Sequence[float] | None = None

    def image(self) -> Image:
        """The image to deconvolve; lazy samples are computed here.

        Raises
        ------
        ValueError
            If the axes are not known or do not fit, there is no such channel, or the spacing does not fit.
        """
        image = self.source.image(self.axes)
        image = image if self.channel is None else image.select(c=self.channel)
        return with_spacing(image, None if self.spacing is None else tuple(map(float, self.spacing)))

    def kernel(self) -> Image | None:
        """The PSF; its axes follow from its dimensions, for it has neither time nor channels."""
        if self.psf is None:
            return None
        kernel = self.psf.image(self.psf.axes or "zyx"[-self.psf.data.ndim :])
        return with_spacing(kernel, None if self.psf_spacing is None else tuple(map(float, self.psf_spacing)))

    def run(self, recipe: Recipe) -> Generator[Progress, None, LayerData]:
        """Deconvolve, yielding after every update; closing the generator cancels. It returns a layer at the place of the source."""
        image = self.image()
        result = yield from deconvolve_image(image, recipe, self.kernel())
        return layer_data(result, self.source, self.axes or self.source.axes or "")
