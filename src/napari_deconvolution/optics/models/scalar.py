"""Scalar diffraction: models by one integral over a radially symmetric pupil."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...parameters import param
from ..diffraction.pupil import Pupil
from ..microscope import Microscope
from .base import MODELS, Array, Symmetric
from .layered import Layered


class Scalar(Symmetric):
    """A model by one scalar integral over a radially symmetric pupil."""

    def pupil(self, microscope: Microscope) -> Pupil:
        """What the rays meet on their way."""
        raise NotImplementedError

    def along_radius(self, microscope: Microscope, z: Array) -> Callable[[Array], Array]:
        """|A|² by quadrature."""
        pupil = self.pupil(microscope)
        return lambda radii: np.abs(pupil.amplitude(radii, z)) ** 2

    def band(self, microscope: Microscope) -> float:
        """4π NA / λ, with the aperture of the rays that count."""
        return 4 * math.pi / microscope.wavelength * self.aperture(microscope)

    def energy(self, microscope: Microscope) -> float:
        """Parseval's integral over the pupil."""
        return self.pupil(microscope).energy()

    def best_focus(self, microscope: Microscope) -> float:
        """The greatest intensity on the axis, by search."""
        return self.pupil(microscope).best_focus()


@MODELS.register("born-wolf", "Born–Wolf")
@dataclass(frozen=True)
class BornWolf(Scalar):
    """Diffraction by an ideal lens, paraxial in the defocus: the Airy disk in focus and sinc² along the axis.

        I(r, z) = | 2 ∫₀¹ exp(−i k NA² ρ² z / 2n) J₀(k NA r ρ) ρ dρ |²,   k = 2π / λ

    n is the index of the immersion, and the focus at depth d lies at d · n_immersion / n_sample. Right for low
    apertures (below about 0.7 in air); above, the defocus of gibson-lanni is exact. Source: Born & Wolf, Principles of
    Optics, section 8.8, doi:10.1017/CBO9781139644181.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope, psf
    >>> airy = psf("born-wolf", Microscope(na=0.5, n_immersion=1.0), Grid(shape=(33, 33), spacing=(0.2, 0.2)))
    >>> np.unravel_index(airy.argmax(), airy.shape) == (16, 16)
    True
    """

    def pupil(self, microscope: Microscope) -> Pupil:
        """Paths to second order in the aperture."""

        def path(s: Array) -> Array:
            return -microscope.depth * s**2 / (2 * microscope.n_sample)

        def travel(s: Array) -> Array:
            return -(s**2) / (2 * microscope.n_immersion)

        return Pupil(microscope.wavelength, microscope.na, microscope.na_sample, path, travel)


@MODELS.register("gibson-lanni", "Gibson–Lanni")
@dataclass(frozen=True)
class GibsonLanni(Layered, Scalar):
    """Diffraction with the spherical aberration of the layers: sample, coverslip and immersion, used and designed for.

        I(r, z) = | (2 / NA²) ∫ a(s) exp(i k [path(s) + (t_i − z) c(n_i)]) J₀(k s r) s ds |²
        path(s) = depth c(n_sample) + t_coverslip c(n_coverslip) − (t_coverslip c(n_coverslip) + t_i c(n_i))_design
        c(n) = √(n² − s²),   k = 2π / λ

    s = n sin θ runs to the smaller of NA and n_sample. t_i is the thickness of the immersion at stage zero, which
    follows from paraxial focus on the face of the coverslip. All square roots are exact. With everything as designed
    and depth 0 this is the exact defocus of an ideal lens. The pupil is evenly filled, a = 1, or as that of an
    aplanatic lens, √cos θ sin θ dθ, which in terms of s is a ∝ 1 / √cos θ, with θ in the immersion. Source: Gibson &
    Lanni 1992, doi:10.1364/JOSAA.9.000154.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope, psf
    >>> oil_into_water = Microscope(na=1.3, n_sample=1.33, depth=5.0)
    >>> round(GibsonLanni().best_focus(oil_into_water), 2)
    6.29
    >>> psf("gibson-lanni", oil_into_water, Grid(shape=(9, 33, 33), spacing=(0.3, 0.1, 0.1))).shape
    (9, 33, 33)
    """

    apodisation: Literal["none", "aplanatic"] = param(
        "none",
        "Amplitude across the pupil: uniform, or √cos θ as for an aplanatic lens",
        label="Apodization",
        importance="advanced",
        choices={"none": "Uniform pupil", "aplanatic": "Aplanatic lens"},
    )

    def pupil(self, microscope: Microscope) -> Pupil:
        """The exact paths through the layers."""
        path, travel = self.paths(microscope)
        weight = np.ones_like if self.apodisation == "none" else aplanatic(microscope)
        return Pupil(microscope.wavelength, microscope.na, self.aperture(microscope), path, travel, weight)


def aplanatic(microscope: Microscope) -> Callable[[Array], Array]:
    """The weight 1 / √cos θ of a ray, with a mean of 1 over the pupil."""
    cosine = math.sqrt(1 - (microscope.na / microscope.n_immersion) ** 2)
    mean = 4 / 3 * (1 - cosine**1.5) / (1 - cosine**2)
    return lambda s: (1 - (s / microscope.n_immersion) ** 2) ** -0.25 / mean
