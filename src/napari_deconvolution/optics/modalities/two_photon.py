"""Two-photon microscopy."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..microscope import Microscope, wavelength_in_vacuum
from ..models.base import MODELS, Array, Points
from .base import Modality


@MODELS.register("two-photon", "Two-photon")
@dataclass(frozen=True)
class TwoPhoton(Modality):
    """Two-photon excitation by a scanned focus; all of the fluorescence is collected: I = h_ex².

    The microscope's wavelength, that of the emission, does not matter. h_ex is the model of the objective at the
    excitation wavelength. Source: Denk, Strickler & Webb 1990, doi:10.1126/science.2321027; Sheppard & Gu 1990.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_deconvolution import Grid, Microscope
    >>> from napari_deconvolution.optics.psf import GibsonLanni
    >>> water, plane = Microscope(na=1.0, n_immersion=1.333, n_sample=1.333), Grid(shape=(5, 5), spacing=(0.2, 0.2))
    >>> once = GibsonLanni(sampling="centre").intensity(water.replace(wavelength=0.9), plane)
    >>> np.allclose(TwoPhoton(sampling="centre").intensity(water, plane), once**2, atol=1e-4)
    True
    """

    excitation: float = wavelength_in_vacuum(0.9, "Excitation")

    def lights(self, microscope: Microscope) -> Sequence[Microscope]:
        """Excitation, twice."""
        return [microscope.replace(wavelength=self.excitation)] * 2

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The square of the excitation."""
        excited = self.through_objective(self.lights(microscope)[0], z, radius)
        return lambda y, x: excited(y, x) ** 2
