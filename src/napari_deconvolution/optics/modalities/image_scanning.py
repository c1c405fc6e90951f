"""Image scanning microscopy: a detector array with pixel reassignment."""

import math
from dataclasses import dataclass

import numpy as np
import scipy

from ...parameters import param
from ..diffraction.disks import airy, disk_nodes
from ..microscope import Microscope
from ..models.base import MODELS, Array, Points
from .base import AIRY_RADIUS, Scanned


@MODELS.register("image-scanning")
@dataclass(frozen=True)
class ImageScanning(Scanned):
    """A confocal microscope with a detector array instead of a pinhole, and pixel reassignment.

        I(r) = ∫_array h_ex(r − a d) h_em(r + (1 − a) d) d²d / c

    a is the reassignment, ½ if the wavelengths are alike; the array is a disk with its diameter in Airy units. c makes
    1 of the focus of two Airy disks. A small array gives h_ex · h_em; a large one, with a = ½, (h_ex ⊗ h_em)(2 r).
    Source: Sheppard 1988 (Optik 80:53); Müller & Enderlein 2010, doi:10.1103/PhysRevLett.104.198101; Sheppard, Mehta &
    Heintzmann 2013, doi:10.1364/OL.38.002889.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_deconvolution import Grid, Microscope
    >>> from napari_deconvolution.optics.psf import Confocal
    >>> narrow, plane = ImageScanning(detector=0.01), Grid(shape=(5, 5), spacing=(0.05, 0.05))
    >>> pinhole = Confocal(pinhole=0).intensity(Microscope(), plane)
    >>> np.allclose(narrow.intensity(Microscope(), plane), pinhole, atol=1e-3)
    True
    """

    detector: float = param(
        1.25, "Diameter of the detector array", label="Detector diameter", unit="AU", low=0.001, high=10
    )
    reassignment: float = param(
        0.5,
        "Fraction of its distance from the axis by which the image of a detector element is shifted",
        label="Pixel reassignment factor",
        importance="advanced",
        low=0,
        high=1,
    )

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The mean of products over the array."""
        light, a = self.lights(microscope)[0], self.reassignment
        size = self.detector * AIRY_RADIUS * microscope.wavelength / (2 * math.pi * microscope.na)
        excited, detected = (self.through_objective(lit, z, radius + size) for lit in (light, microscope))
        spread = a * self.detection.band(light) + (1 - a) * self.detection.band(microscope)
        down, along, shares = disk_nodes(size, spread)
        nodes, weights = scipy.special.roots_legendre(math.ceil(size * spread / 2 + 16))
        r, share = size * (nodes + 1) / 2, weights * (nodes + 1) / 2
        numbers = (2 * math.pi * microscope.na / lit.wavelength for lit in (light, microscope))
        height = float(
            share @ np.prod([airy(k * part * r) for k, part in zip(numbers, (a, 1 - a), strict=True)], axis=0)
        )

        def mean(y: Array, x: Array) -> Array:
            total = np.zeros((len(y), len(x), len(z)))
            for dy, dx, share in zip(down, along, shares, strict=True):
                total += share * excited(y - a * dy, x - a * dx) * detected(y + (1 - a) * dy, x + (1 - a) * dx)
            return total / height

        return mean
