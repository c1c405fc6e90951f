"""Stimulated emission depletion."""

import math
from dataclasses import dataclass

import numpy as np

from ...parameters import param
from ..microscope import Microscope, wavelength_in_vacuum
from ..models.base import MODELS, Array, Model, Points
from ..models.engineered import Vortex
from .confocal import Confocal


@MODELS.register("sted", "STED")
@dataclass(frozen=True)
class Sted(Confocal):
    """A confocal microscope whose excited spot is quenched at its rim by a depletion beam with a dark centre.

        I = h_confocal · 2^(−saturation · h_dep / peak)

    h_dep is the depletion beam, `vortex` by default, and peak its highest intensity about the best focus, so that
    `saturation` is the peak intensity of the ring in units of that which quenches half of the molecules. Depletion by
    pulses shorter than the lifetime of the fluorescence is exponential. Without saturation this is the confocal
    microscope; with much of it the width falls as 1 / √saturation. Source: Hell & Wichmann 1994,
    doi:10.1364/OL.19.000780; Harke et al. 2008, doi:10.1364/OE.16.004154.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> oil, line = Microscope(wavelength=0.67), Grid(shape=(1, 9), spacing=(0.03, 0.03))
    >>> sharp, blurred = (Sted(excitation=0.64, saturation=amount).intensity(oil, line)[0] for amount in (20, 0))
    >>> bool(sharp[6] < 0.7 * blurred[6])
    True
    """

    depletion: Model = param(
        Vortex(), "PSF model of the depletion beam", label="PSF model of depletion", importance="advanced"
    )
    depletion_wavelength: float = wavelength_in_vacuum(0.775, "Depletion")
    saturation: float = param(
        10.0,
        "Peak intensity of the depletion beam over the intensity that quenches half of the molecules",
        label="Saturation factor",
        low=0,
        high=1e4,
    )

    @property
    def symmetric(self) -> bool:
        """Whether objective and depletion beam are."""
        ring = isinstance(self.depletion, Vortex) or getattr(self.depletion, "symmetric", False)
        return super().symmetric and ring

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The confocal intensity, quenched."""
        confocal = super().points(microscope, z, radius)
        light = microscope.replace(wavelength=self.depletion_wavelength)
        beam = self.depletion.replace(accuracy=max(self.accuracy / (4 + 4 * self.saturation), 1e-6))
        quenching = beam.points(light, z, radius)
        across = np.linspace(0, light.wavelength / light.na, 201)
        ring = beam.points(light, np.array([self.detection.best_focus(light)]), float(across[-1]))
        rate = self.saturation / max(float(ring(np.zeros(1), side * across).max()) for side in (-1, 1))
        return lambda y, x: confocal(y, x) * np.exp2(-rate * quenching(y, x))

    def band(self, microscope: Microscope) -> float:
        """That of the confocal microscope plus that of the quenched spot, whose transform has fallen to 1e-7 there."""
        return (
            super().band(microscope)
            + 6 * math.sqrt(self.saturation) * 2 * math.pi * microscope.na / self.depletion_wavelength
        )

    def nyquist(self, microscope: Microscope) -> tuple[float, float]:
        """Along z that of the confocal microscope; laterally finer by √(1 + saturation)."""
        axial, lateral = super().nyquist(microscope)
        return axial, lateral / math.sqrt(1 + self.saturation)
