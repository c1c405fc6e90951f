"""What is known of the beads and of the microscope, and what a bead should look like."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...parameters import Parameters, param
from ..microscope import Grid, Microscope, nyquist, resolution
from ..psf import MODELS
from .sphere import Sphere

Array = NDArray[np.float64]

COARSE = 1.5
"""Nyquist steps between samples from which on a bead cannot be moved by a fraction of a voxel."""

SPHERE_WIDTH = 0.527
"""FWHM of the Gaussian with the second moments of a sphere, of the sphere's diameter: √(8 ln 2 / 20)."""


@dataclass(frozen=True)
class BeadSettings(Parameters):
    """How a PSF is measured with beads.

    Examples
    --------
    >>> BeadSettings(bead=0.2).assign(na=0.95, n_immersion=1.0, wavelength=0.52).expected_widths()[1].__round__(3)
    0.301
    """

    bead: float | None = param(
        None,
        "Diameter of a bead as stated by its manufacturer",
        label="Bead diameter",
        low=0.02,
        high=1.0,
        unit="µm",
        shown="nm",
        hint="Larger beads hide what a PSF is to show; use beads of 100 to 200 nm. Did you mean nm? Write 200nm.",
    )
    microscope: Microscope = param(Microscope(), "Optics with which the beads were imaged", label="Microscope")
    window: tuple[float, ...] = param(
        (),
        "Size of the PSF along z y x; none: 8 axial and 16 lateral widths of a bead",
        label="Size of PSF",
        low=0.1,
        unit="µm",
    )
    neighbours: Literal["refuse", "subtract"] = param(
        "refuse",
        "What happens to a bead that has another one within its window",
        label="Close neighbours",
        choices={"refuse": "Refuse the bead", "subtract": "Subtract the neighbour"},
    )
    removal: Literal["auto", "wiener", "richardson-lucy", "none"] = param(
        "auto",
        "How the size of the bead is removed; auto: Wiener up to a diameter of 0.7 λ / NA, above it Richardson-Lucy",
        label="Bead size removal",
        choices={"auto": "By bead size", "wiener": "Wiener", "richardson-lucy": "Richardson–Lucy", "none": "None"},
        importance="advanced",
    )
    iterations: int = param(
        100,
        "Iterations of Richardson-Lucy that remove the bead",
        label="Iterations",
        importance="advanced",
        low=1,
        high=1000,
    )
    symmetrise: bool = param(
        False, "Average the PSF over all angles about its axis", label="Symmetrise", importance="advanced"
    )
    saturation: float | None = param(
        None,
        "Counts at which the camera saturates; none: the highest number of its type, or a plateau at the maximum",
        label="Saturation",
        importance="advanced",
    )
    width_tolerance: float = param(
        1.15,
        "Width from which on a bead is refused, relative to the median of the beads",
        label="Width tolerance",
        importance="advanced",
        low=1.02,
        high=3,
    )
    faintest: float = param(
        0.3,
        "Peak below which a bead is refused as dim, relative to the median of the beads",
        label="Faintest bead",
        importance="advanced",
        low=0,
        high=1,
    )

    def diameter(self) -> float:
        """The diameter of a bead in µm.

        Raises
        ------
        ValueError
            If it is not known.
        """
        if self.bead is None:
            raise ValueError(
                "bead: the diameter of the beads is needed, for instance 200nm; it is on the label of their bottle."
            )
        return self.bead

    def expected_widths(self) -> tuple[float, float]:
        """The FWHM (z, xy) in µm of the image of a bead: diffraction and sphere, added in quadrature."""
        axial, lateral = resolution(self.microscope)
        sphere = SPHERE_WIDTH * self.diameter()
        return math.hypot(axial, sphere), math.hypot(lateral, sphere)

    def way(self) -> Literal["wiener", "richardson-lucy", "none"]:
        """How the bead is removed: up to 0.7 λ / NA its transform has no zero where the microscope sees."""
        if self.removal != "auto":
            return self.removal
        return (
            "wiener" if self.diameter() <= 0.7 * self.microscope.wavelength / self.microscope.na else "richardson-lucy"
        )

    def core(self, spacing: tuple[float, ...], widths: float) -> tuple[int, int, int]:
        """So many expected widths along z, y, x in voxels, at least two."""
        axial, lateral = self.expected_widths()
        z, y, x = (
            max(2, round(widths * width / step)) for width, step in zip((axial, lateral, lateral), spacing, strict=True)
        )
        return z, y, x

    def sphere(self, half: tuple[int, int, int], spacing: tuple[float, ...]) -> Sphere:
        """A bead as theory has it, on the window with so many voxels on each side."""
        return Sphere(self.theory(tuple(2 * h + 1 for h in half), spacing), spacing, self.diameter())

    def theory(self, shape: tuple[int, ...], spacing: tuple[float, ...]) -> Array:
        """The PSF without aberration on a window, sum 1: what beads are compared with."""
        intensity = MODELS["richards-wolf"].intensity(self.microscope, Grid(shape=shape, spacing=spacing))
        return np.asarray(intensity / intensity.sum(), np.float64)

    def steps(self, spacing: tuple[float, ...]) -> tuple[float, float]:
        """The spacing (z, xy) in units of the Nyquist step."""
        axial, lateral = nyquist(self.microscope)
        return spacing[0] / axial, max(spacing[1:]) / lateral
