"""How a PSF is made: model, microscope and grid."""

from dataclasses import dataclass
from typing import Self

from ..images.image import Channel, Image
from ..optics.microscope import Grid, Microscope
from ..optics.psf import MODELS, Model, best_focus, psf
from ..parameters import Parameters, param
from .record import PsfOrigin, Record, software


@dataclass(frozen=True)
class PsfRecipe(Parameters):
    """How to make a PSF.

    >>> PsfRecipe().assign(model="born-wolf", na=1.2, shape=(5, 9, 9), spacing=(0.3, 0.1, 0.1)).make().describe()
    'z=5 y=9 x=9'
    """

    model: Model = param(MODELS["gibson-lanni"], "Model of the point spread function", label="PSF model")
    microscope: Microscope = param(Microscope(), "Optics of the microscope", label="Microscope")
    grid: Grid = param(Grid(), "Sampling of the PSF", label="Sampling")

    def for_channel(self, channel: Channel) -> Self:
        """The same with the known wavelengths of a channel, and with its pinhole if the model has the default one.

        >>> PsfRecipe().for_channel(Channel("DAPI", emission=0.461)).microscope.wavelength
        0.461
        """
        recipe = self if channel.emission is None else self.assign(wavelength=channel.emission)
        usual = {parameter.name: parameter.default for parameter in self.model.parameters()}
        known = {"excitation": channel.excitation} if "excitation" in usual else {}
        if "pinhole" in usual and getattr(self.model, "pinhole", None) == usual["pinhole"]:
            known["pinhole"] = channel.pinhole
        return recipe.replace(
            model=self.model.replace(**{name: value for name, value in known.items() if value is not None})
        )

    def make(self) -> Image:
        """The PSF as an image: sum 1, origin at n // 2, with its voxel size and this recipe."""
        axes = "zyx"[-len(self.grid.shape) :]
        origin = PsfOrigin(computed=self.to_dict(), best_focus=best_focus(self.model, self.microscope))
        samples = psf(self.model, self.microscope, self.grid)
        spacing = dict(zip(axes, self.grid.spacing, strict=True))
        record = Record(software=software(), psf=(origin,)).to_dict()
        return Image(samples, axes, spacing, record=record, name=f"PSF {self.model.name}")
