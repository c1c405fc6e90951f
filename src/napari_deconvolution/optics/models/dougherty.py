"""The model of Diffraction PSF 3D, for those who compare with it."""

import math
from dataclasses import dataclass

import numpy as np

from ...parameters import param
from ..diffraction.pupil import Pupil
from ..microscope import Microscope
from .base import MODELS, Array
from .scalar import Scalar


@MODELS.register("dougherty")
@dataclass(frozen=True)
class Dougherty(Scalar):
    """The model of the ImageJ plugin Diffraction PSF 3D: a uniform aperture, longitudinal spherical aberration.

        I(r, z) ∝ | ∫₀^u_max u J₀(k r sin θ) exp(i k cos θ [−z + L (u / u_max)⁴]) du |²,   u = tan θ,   k = 2π n / λ

    with n of the immersion and L the longitudinal spherical aberration at full aperture. The width is biased: du = dθ /
    cos² θ gives marginal rays more weight than a lens does, so at high aperture the focus comes out too narrow in y and
    x and too long in z (NA 1.4, n 1.515, λ 510 nm: 148 nm and 596 nm, where an aplanatic lens has 181 nm and 490 nm).
    Other models serve better; this one is here to compare with. It knows no layers: the focus at depth d lies at d ·
    n_immersion / n_sample, and an index mismatch is put into L by hand. Source: R. Dougherty, Diffraction PSF 3D
    (2005), www.optinav.info; its integral in Born & Wolf, Principles of Optics, section 8.3,
    doi:10.1017/CBO9781139644181.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> aberrated = Dougherty(spherical_aberration=0.5)
    >>> aberrated.intensity(Microscope(na=1.2), Grid(shape=(5, 9, 9), spacing=(0.2, 0.1, 0.1))).shape
    (5, 9, 9)
    """

    spherical_aberration: float = param(
        0.0,
        "Longitudinal spherical aberration at full aperture",
        label="Spherical aberration",
        low=-1e3,
        high=1e3,
        unit="µm",
    )

    def pupil(self, microscope: Microscope) -> Pupil:
        """The weight u du = s ds / (n² cos⁴ θ)."""
        index, aberration = microscope.n_immersion, self.spherical_aberration
        paraxial = microscope.depth * microscope.n_immersion / microscope.n_sample
        widest = microscope.na**2 / (index**2 - microscope.na**2)

        def travel(s: Array) -> Array:
            return np.sqrt(np.maximum(index**2 - s**2, 0))

        def path(s: Array) -> Array:
            return (paraxial + aberration * (s**2 / travel(s) ** 2 / widest) ** 2) * travel(s)

        def weight(s: Array) -> Array:
            return (1 - (microscope.na / index) ** 2) / (1 - (s / index) ** 2) ** 2

        steep = math.sqrt(1 + 4 * widest)
        return Pupil(
            microscope.wavelength, microscope.na, self.aperture(microscope), path, travel, weight, turns=4 * steep
        )
