"""A Gaussian in place of the PSF."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from ..microscope import Grid, Microscope
from .base import MODELS, Array, Symmetric


@MODELS.register("gaussian")
@dataclass(frozen=True)
class Gaussian(Symmetric):
    """A Gaussian of the widths of the focus, for a quick look: no rings, and unlike widefield it fades with defocus.

        I = exp(−(x² + y²) / 2σ² − z² / 2σ_z²),   k = 2π n / λ
        σ = 1 / (k √⟨sin² θ⟩),   σ_z = 1 / (k √(2 (⟨cos² θ⟩ − ⟨cos θ⟩²)))

    ⟨ ⟩ is the mean over the cone of light with the aplanatic weight √cos θ: the curvatures of the exact focus at its
    centre, the non-paraxial three-dimensional widefield case. Source: Zhang, Zerubia & Olivo-Marin 2007,
    doi:10.1364/AO.46.001819. The index is that of the immersion. Aberrations are not known to this model: its focus is
    the paraxial one.

    Examples
    --------
    >>> sigma, sigma_z = Gaussian.widths(Microscope(na=0.8, n_immersion=1.0, wavelength=0.525))
    >>> round(sigma, 3), round(sigma_z, 3)
    (0.145, 0.514)
    """

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """The product of three Gaussians; over a pixel's area by the error function."""
        lateral, axial = self.widths(microscope)
        y, x = (
            self._profile(at, step, lateral)
            for at, step in zip(grid.coordinates()[-2:], grid.spacing[-2:], strict=True)
        )
        z = self.planes(microscope, grid) - self.best_focus(microscope)
        return (np.exp(-((z / axial) ** 2) / 2)[:, None, None] * y[:, None] * x).reshape(grid.shape)

    def _profile(self, at: Array, step: float, width: float) -> Array:
        if self.sampling == "centre":
            return np.exp(-((at / width) ** 2) / 2)
        low, high = ((at + side * step / 2) / (width * math.sqrt(2)) for side in (-1, 1))
        return np.asarray((scipy.special.erf(high) - scipy.special.erf(low)) * width * math.sqrt(math.pi / 2) / step)

    def along_radius(self, microscope: Microscope, z: Array) -> Callable[[Array], Array]:
        """The product of a Gaussian along the radius and one along z."""
        lateral, axial = self.widths(microscope)
        planes = np.exp(-(((z - self.best_focus(microscope)) / axial) ** 2) / 2)
        return lambda radii: np.multiply.outer(np.exp(-((radii / lateral) ** 2) / 2), planes)

    def band(self, microscope: Microscope) -> float:
        """Where the Gaussian's own transform has fallen to 1e-8."""
        return 6.1 / self.widths(microscope)[0]

    def best_focus(self, microscope: Microscope) -> float:
        """The paraxial focus, depth · n_immersion / n_sample."""
        return microscope.depth * microscope.n_immersion / microscope.n_sample

    @staticmethod
    def widths(microscope: Microscope) -> tuple[float, float]:
        """The standard deviations σ and σ_z in µm."""
        wavenumber = 2 * math.pi * microscope.n_immersion / microscope.wavelength
        cosine = math.sqrt(1 - (microscope.na_sample / microscope.n_immersion) ** 2)

        def mean(power: int) -> float:
            return 3 / (3 + 2 * power) * (1 - math.pow(cosine, 1.5 + power)) / (1 - math.pow(cosine, 1.5))

        return 1 / (wavenumber * math.sqrt(1 - mean(2))), 1 / (wavenumber * math.sqrt(2 * (mean(2) - mean(1) ** 2)))
