"""Confocal laser scanning microscopy."""

import math
from dataclasses import dataclass
from functools import partial

from ...parameters import param
from ..diffraction.disks import airy_through, through_hole
from ..diffraction.radial_table import at_points
from ..microscope import Microscope
from ..models.base import MODELS, Array, Points
from .base import AIRY_RADIUS, Scanned, on_axis_x


@MODELS.register("confocal")
@dataclass(frozen=True)
class Confocal(Scanned):
    """A scanned focus, detected through a pinhole: I = h_ex · (h_em ⊗ disk) / c.

    The pinhole's diameter is in Airy units of 1.22 λ_em / NA, as seen in the sample. h_ex and h_em are the model of the
    objective at the two wavelengths; h_em is computed on a field wider by the pinhole. c is the mean of the Airy disk
    over the pinhole, so that 1 is the focus of a scalar model without aberration. A closed pinhole gives h_ex · h_em,
    an open one h_ex. Source: Wilson & Sheppard 1984, Theory and Practice of Scanning Optical Microscopy; Wilson 2011,
    doi:10.1111/j.1365-2818.2011.03549.x.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope, psf
    >>> grid = Grid(shape=(5, 9, 9), spacing=(0.15, 0.05, 0.05))
    >>> psf(Confocal(pinhole=0.5), Microscope(na=1.2), grid).argmax() == 5 * 9 * 9 // 2
    np.True_
    """

    pinhole: float = param(
        1.0, "Diameter of the pinhole; 0: a point", label="Pinhole diameter", unit="AU", low=0, high=100
    )

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The product."""
        light, hole = (
            self.lights(microscope)[0],
            self.pinhole * AIRY_RADIUS * microscope.wavelength / (2 * math.pi * microscope.na),
        )
        band = self.detection.band(microscope)
        excited = self.through_objective(light, z, radius)
        detected = self.through_objective(microscope, z, radius + 2 * hole + 100 / band)
        if hole:
            detected = through_hole(detected, band, hole, self.accuracy / 10)
            if self.symmetric:
                detected = at_points(partial(on_axis_x, detected, planes=len(z)), band, radius, self.accuracy / 10)
        height = airy_through(self.pinhole * AIRY_RADIUS)
        return lambda y, x: excited(y, x) * detected(y, x) / height
