"""Vectorial diffraction: the light of dipoles through the layers, with its polarisation."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from ...parameters import param
from ..diffraction.azimuthal_orders import Harmonics, Orders
from ..diffraction.pupil import HELD, Pupil
from ..microscope import Microscope
from .base import MODELS, Array, Points, Symmetric
from .layered import Layered
from .scalar import aplanatic

Complex = NDArray[np.complex128]


@MODELS.register("richards-wolf", "Richards–Wolf")
@dataclass(frozen=True)
class RichardsWolf(Layered, Symmetric):
    """Vectorial diffraction of light from dipoles, through sample, coverslip and immersion; valid at any aperture.

    A dipole p sends rays of radial and of azimuthal polarisation into the pupil, at the angle φ_s and the aperture s =
    n sin θ:

        radial = t_p (cos θ_s (p_x cos φ_s + p_y sin φ_s) − sin θ_s p_z),   azimuthal = t_s (p_y cos φ_s − p_x sin φ_s)
        E(r, φ, z) ∝ ∬ (radial e_r + azimuthal e_φ) cos^−½ θ_i exp(i k [path(s) − z c(n_immersion)]) exp(i k s·r) d²s

    θ_s and θ_i are the angles in sample and immersion, t_p and t_s the products of Fresnel's amplitude transmissions at
    the two faces of the coverslip (by reciprocity those into the sample), path and c as in gibson-lanni. Where NA
    exceeds n_sample, the rays beyond are evanescent in the sample, cos θ_s is imaginary, and they fade with the depth.
    By reciprocity the same number is the excitation of a dipole by a polarised beam that fills the pupil;
    `polarisation` then is that of the beam. Averaged over random dipoles without a polariser, or for circular
    polarisation,

        I(r, z) ∝ |I₀|² + 2 |I₁|² + |I₂|²
        I₀ = ∫ (t_s + t_p cos θ_s) w J₀ s ds,   I₁ = ∫ t_p sin θ_s w J₁ s ds,   I₂ = ∫ (t_s − t_p cos θ_s) w J₂ s ds

    with w = cos^−½ θ_i exp(i k …) and J_m at k s r. The intensity is 1 at the focus of rays that all are in phase.
    Reflections within the coverslip are left out: it is thicker than the light is coherent. With equal indices it is
    the integral of Richards & Wolf, with three layers that of Török & Varga: both names are listed. Source: Richards &
    Wolf 1959, doi:10.1098/rspa.1959.0200; Török & Varga 1997, doi:10.1364/AO.36.002305; for emission Hell et al. 1993,
    doi:10.1111/j.1365-2818.1993.tb03315.x, and Aguet et al. 2009, doi:10.1364/OE.17.006829.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> model, oil = RichardsWolf(polarisation="x"), Microscope(na=1.4, n_immersion=1.5, n_sample=1.5, wavelength=0.61)
    >>> plane = model.intensity(oil, Grid(shape=(5, 5), spacing=(0.1, 0.1)))
    >>> bool(plane[2, 3] > plane[3, 2])  # wider along the polarisation
    True
    """

    polarisation: Literal["none", "x", "y", "circular"] = param(
        "none",
        "Polarizer in front of the camera, or polarization of the excitation",
        label="Polarization",
        importance="advanced",
        choices={"none": "Unpolarized", "x": "Along x", "y": "Along y"},
    )
    dipole: Literal["random", "fixed"] = param(
        "random",
        "Whether dipoles rotate freely or keep one orientation",
        label="Dipole orientation",
        importance="advanced",
        choices={"random": "Freely rotating"},
    )
    dipole_tilt: float = param(
        90.0,
        "Angle between a fixed dipole and the optical axis",
        label="Dipole tilt",
        importance="advanced",
        low=0,
        high=180,
        unit="°",
    )
    dipole_azimuth: float = param(
        0.0,
        "Angle of a fixed dipole about the optical axis, from x towards y",
        label="Dipole azimuth",
        importance="advanced",
        low=-360,
        high=360,
        unit="°",
    )

    @property
    def symmetric(self) -> bool:
        """Whether the intensity depends on the distance from the axis alone."""
        return self.dipole == "random" and self.polarisation in ("none", "circular")

    def along_radius(self, microscope: Microscope, z: Array) -> Callable[[Array], Array]:
        """|I₀|² + 2 |I₁|² + |I₂|², each Bessel function as one matrix product."""
        pupil, rays = self._pupil(microscope)

        def intensity(radii: Array) -> Array:
            s, waves = pupil.waves(float(radii.max()), z)
            transverse, axial, crossed = (
                np.ascontiguousarray(filling[:, None] * waves).view(np.float64) for filling in rays(s)
            )
            parts, rows = [], max(1, HELD // len(s))
            for at in range(0, len(radii), rows):
                v = pupil.wavenumber * np.multiply.outer(radii[at : at + rows], s)
                zeroth, first = scipy.special.j0(v), scipy.special.j1(v)
                second = 2 * first / np.where(v == 0, 1, v) - zeroth * (v != 0)
                fields = (zeroth @ transverse, first @ axial, second @ crossed)
                i0, i1, i2 = ((field**2).reshape(len(v), -1, 2).sum(axis=2) for field in fields)
                parts.append(i0 + 2 * i1 + i2)
            return np.concatenate(parts)

        return intensity

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """From one table, or from one for each azimuthal order of the field, which are at most five."""
        if self.symmetric:
            return super().points(microscope, z, radius)
        pupil, rays = self._pupil(microscope)
        return Harmonics(pupil, lambda s: self._orders(*rays(s))).intensity(z, radius, self.accuracy)

    def band(self, microscope: Microscope) -> float:
        """4π NA / λ."""
        return 4 * math.pi / microscope.wavelength * microscope.na

    def aperture(self, microscope: Microscope) -> float:
        """No ray is excluded."""
        return microscope.na

    def best_focus(self, microscope: Microscope) -> float:
        """Where random dipoles are brightest on the axis: the maximum of |I₀|²."""
        pupil, rays = self._pupil(microscope)
        return replace(pupil, weight=lambda s: pupil.weight(s) * rays(s)[0]).best_focus()

    def energy(self, microscope: Microscope) -> float:
        """Parseval's integral over the pupil, of all components of the field."""
        pupil, rays = self._pupil(microscope)

        def filling(s: Array) -> Array:
            parts = self._orders(*rays(s)).values()
            return np.asarray(pupil.weight(s) * np.sqrt(sum(np.sum(np.abs(part) ** 2, axis=0) for part in parts)))

        return replace(pupil, weight=filling).energy()

    def in_sample(self, microscope: Microscope, s: Array) -> Complex:
        """The optical path from the object to the coverslip, imaginary for evanescent waves."""
        return microscope.depth * _normal(microscope.n_sample, s)

    def _pupil(self, microscope: Microscope) -> tuple[Pupil, Callable[[Array], tuple[Complex, Complex, Complex]]]:
        """The pupil with the weight cos^−½ θ, and the functions of a ray that make I₀, I₁ and I₂ of it."""
        indices = (microscope.n_immersion, microscope.n_coverslip, microscope.n_sample)

        def rays(s: Array) -> tuple[Complex, Complex, Complex]:
            sagittal, tangential = np.ones(len(s), np.complex128), np.ones(len(s), np.complex128)
            for before, after in pairwise(indices):
                here, there = _normal(before, s), _normal(after, s)
                sagittal *= 2 * here / (here + there)
                tangential *= 2 * before * after * here / (after**2 * here + before**2 * there)
            cosine, sine = _normal(microscope.n_sample, s) / microscope.n_sample, s / microscope.n_sample
            return sagittal + tangential * cosine, tangential * sine, sagittal - tangential * cosine

        path, travel = self.paths(microscope)
        even = aplanatic(microscope)
        bare = Pupil(microscope.wavelength, microscope.na, microscope.na_sample, path, travel, even, microscope.na)
        peak = replace(bare, weight=lambda s: even(s) * rays(s)[0]).in_phase()
        return replace(bare, weight=lambda s: even(s) / peak), rays

    def _orders(self, transverse: Complex, axial: Complex, crossed: Complex) -> Orders:
        """Azimuthal orders of the field at the camera; a component for each polarization and dipole."""
        polarisers = {
            "none": np.eye(2),
            "x": np.array([[1, 0]]),
            "y": np.array([[0, 1]]),
            "circular": np.array([[1, -1j]]) / math.sqrt(2),
        }
        tilt, azimuth = math.radians(self.dipole_tilt), math.radians(self.dipole_azimuth)
        fixed = [[math.sin(tilt) * math.cos(azimuth)], [math.sin(tilt) * math.sin(azimuth)], [math.cos(tilt)]]
        dipoles = np.eye(3) if self.dipole == "random" else np.array(fixed)
        scale = math.sqrt(2) if self.dipole == "random" and self.polarisation == "none" else 2.0
        fields = {  # E_x and E_y (rows) of dipoles along x, y and z (columns)
            0: (transverse / 2, np.array([[1, 0, 0], [0, 1, 0]])),
            1: (axial / 2, np.array([[0, 0, -1], [0, 0, 1j]])),
            -1: (axial / 2, np.array([[0, 0, -1], [0, 0, -1j]])),
            2: (crossed / 4, np.array([[-1, 1j, 0], [1j, 1, 0]])),
            -2: (crossed / 4, np.array([[-1, -1j, 0], [-1j, 1, 0]])),
        }
        seen = {
            m: scale * (polarisers[self.polarisation] @ field @ dipoles).ravel() for m, (_, field) in fields.items()
        }
        return {m: np.multiply.outer(seen[m], along) for m, (along, _) in fields.items() if seen[m].any()}


def _normal(n: float, s: Array) -> Complex:
    """The component n cos θ of a ray along the axis; imaginary where the ray does not travel."""
    return np.sqrt((n**2 - s**2).astype(np.complex128))


MODELS.alias("torok-varga", RichardsWolf(), "Török–Varga")
