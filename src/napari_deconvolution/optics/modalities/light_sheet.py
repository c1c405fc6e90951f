"""The light sheet microscope: detection from above, light from the side."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from ...parameters import param
from ..microscope import Microscope, nyquist, wavelength_in_vacuum
from ..models.base import MODELS, Array, Points
from .base import Modality

BESSEL = 2.2527
"""J₀² has fallen to half at half of this."""
LATTICE, ENVELOPE = 1.51364, 1.5
"""Standard deviation of the lattice's Gaussian envelope, in widths, so that cos² under it is ½ at half the width."""


@MODELS.register("light-sheet")
@dataclass(frozen=True)
class LightSheet(Modality):
    """A sheet of light from the side, in or near the focal plane of detection: I = h_em · S(z − sheet_offset).

    S depends on z alone, is 1 in the middle, and its full width at half maximum is W, with u = z / W:

        gaussian S = 2^(−4u²),   bessel S = J₀²(2.253 u),   lattice S = cos²(1.514 u) exp(−u² / 2·1.5²)

    A Gaussian sheet spreads along the beam: at the distance x from its waist W(x) = W √(1 + (x / x_R)²) with the
    Rayleigh length x_R = π n w² / λ_ex and w = W / √(2 ln 2). The Bessel profile has the rings of the beam, the lattice
    profile two side lobes on either side under an envelope. The sheet's z is in µm of stage travel, as all z here; z =
    0 is the best focus of the detection. Source: Olarte, Andilla, Gualda & Loza-Alvarez 2018,
    doi:10.1364/AOP.10.000111; Gaussian beam: Kogelnik & Li 1966, doi:10.1364/AO.5.001550; lattice: Chen et al. 2014,
    doi:10.1126/science.1257998.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> water = Microscope(na=1.0, n_immersion=1.333, n_sample=1.333)
    >>> axis = LightSheet(width=1.0).intensity(water, Grid(shape=(11, 1, 1), spacing=(0.5, 0.1, 0.1)))[:, 0, 0]
    >>> float((axis[6] / axis[5]).round(2))
    0.26
    """

    profile: Literal["gaussian", "bessel", "lattice"] = param(
        "gaussian", "Intensity profile across the light sheet", label="Sheet profile"
    )
    width: float = param(
        2.0,
        "Full width at half maximum of the sheet at its waist",
        label="Sheet thickness",
        low=0.05,
        high=1e3,
        unit="µm",
    )
    excitation: float = wavelength_in_vacuum(0.488, "Excitation")
    from_waist: float = param(
        0.0,
        "Distance along the beam from the waist of a Gaussian sheet",
        label="Distance from waist",
        importance="advanced",
        low=-1e4,
        high=1e4,
        unit="µm",
    )
    sheet_offset: float = param(
        0.0,
        "Distance of the sheet from the focal plane of detection",
        label="Sheet offset",
        importance="advanced",
        low=-1e3,
        high=1e3,
        unit="µm",
    )

    def sheet(self, microscope: Microscope, z: Array) -> Array:
        """S at distances z from the middle of the sheet, µm."""
        u = z / self.width
        if self.profile == "bessel":
            return np.asarray(scipy.special.j0(BESSEL * u) ** 2)
        if self.profile == "lattice":
            return np.asarray(np.cos(LATTICE * u) ** 2 * np.exp(-(u**2) / (2 * ENVELOPE**2)))
        radius = self.width / math.sqrt(2 * math.log(2))
        rayleigh = math.pi * microscope.n_sample * radius**2 / self.excitation
        return np.asarray(2.0 ** (-4 * u**2 / (1 + (self.from_waist / rayleigh) ** 2)))

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The detection, plane by plane times the sheet."""
        detected = self.through_objective(microscope, z, radius)
        lit = self.sheet(microscope, z - self.detection.best_focus(microscope) - self.sheet_offset)
        return lambda y, x: detected(y, x) * lit

    def nyquist(self, microscope: Microscope) -> tuple[float, float]:
        """Laterally of the detection; along z the frequencies of the sheet, up to 1 / width, are added."""
        axial, lateral = nyquist(microscope)
        return 1 / (1 / axial + 2 / self.width), lateral

    def best_focus(self, microscope: Microscope) -> float:
        """That of the detection: there the image is sharp."""
        return self.detection.best_focus(microscope)
