"""Models of the point spread function, and `psf()`, which makes one fit for deconvolution."""

import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from ..parameters import Parameters, Registry, param
from .microscope import Grid, Microscope, resolution
from .pupil import Pupil
from .radial import voxels

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Model(Parameters):
    """A model of the intensity that a point object makes in the image.

    Stage positions z grow as the focus moves into the sample. At zero the objective is focused on the face between coverslip and sample.
    """

    accuracy: float = param(1e-4, "Error of the intensity, relative to its peak", low=1e-6, high=1e-2)
    sampling: Literal["pixel", "centre"] = param("pixel", "Whether a pixel averages over its area, as a camera does, or is a point")
    focus: Literal["best", "stage"] = param("best", "Whether the middle plane is the best focus, or the stage's zero at the coverslip")

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """The intensity on the grid; 1 is the focus of the full aperture without aberration."""
        raise NotImplementedError

    def best_focus(self, microscope: Microscope) -> float:
        """The stage position in µm where the intensity on the axis is greatest."""
        raise NotImplementedError

    def planes(self, microscope: Microscope, grid: Grid) -> Array:
        """Stage positions in µm of the grid's planes; one for a grid of two axes."""
        middle = self.best_focus(microscope) if self.focus == "best" else 0.0
        return middle + (grid.coordinates()[0] if len(grid.shape) == 3 else np.zeros(1))


MODELS: Registry[Model] = Registry(Model, "PSF model")
"""The models by name."""


@MODELS.register("gaussian")
@dataclass(frozen=True)
class Gaussian(Model):
    """A Gaussian of the widths of the focus, for a quick look; it has no rings and fades with defocus, which a widefield PSF does not.

        I = exp(−(x² + y²) / 2σ² − z² / 2σ_z²),   k = 2π n / λ
        σ = 1 / (k √⟨sin² θ⟩),   σ_z = 1 / (k √(2 (⟨cos² θ⟩ − ⟨cos θ⟩²)))

    ⟨ ⟩ is the mean over the cone of light with the aplanatic weight √cos θ: the curvatures of the exact focus at its centre, the
    non-paraxial three-dimensional widefield case. Source: Zhang, Zerubia & Olivo-Marin 2007, doi:10.1364/AO.46.001819.
    The index is that of the immersion. Aberrations are not known to this model: its focus is the paraxial one.

    Examples
    --------
    >>> sigma, sigma_z = Gaussian.widths(Microscope(na=0.8, n_immersion=1.0, wavelength=0.525))
    >>> round(sigma, 3), round(sigma_z, 3)
    (0.145, 0.514)
    """

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """The product of three Gaussians; over a pixel's area by the error function."""
        lateral, axial = self.widths(microscope)
        y, x = (self._profile(at, step, lateral) for at, step in zip(grid.coordinates()[-2:], grid.spacing[-2:], strict=True))
        z = self.planes(microscope, grid) - self.best_focus(microscope)
        return (np.exp(-((z / axial) ** 2) / 2)[:, None, None] * y[:, None] * x).reshape(grid.shape)

    def _profile(self, at: Array, step: float, width: float) -> Array:
        if self.sampling == "centre":
            return np.exp(-((at / width) ** 2) / 2)
        low, high = ((at + side * step / 2) / (width * math.sqrt(2)) for side in (-1, 1))
        return np.asarray((erf(high) - erf(low)) * width * math.sqrt(math.pi / 2) / step)

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


class Scalar(Model):
    """A model by one scalar integral over a radially symmetric pupil."""

    def pupil(self, microscope: Microscope) -> Pupil:
        """What the rays meet on their way."""
        raise NotImplementedError

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """|A|² from one table along the radius."""
        pupil, z = self.pupil(microscope), self.planes(microscope, grid)
        band = 2 * pupil.wavenumber * pupil.edge
        table = voxels(lambda radii: np.abs(pupil.amplitude(radii, z)) ** 2, band, grid, self.accuracy, self.sampling == "pixel")
        return table.reshape(grid.shape)

    def best_focus(self, microscope: Microscope) -> float:
        """The greatest intensity on the axis, by search."""
        return self.pupil(microscope).best_focus()


@MODELS.register("born-wolf")
@dataclass(frozen=True)
class BornWolf(Scalar):
    """Diffraction by an ideal lens, paraxial in the defocus: the Airy disk in focus and sinc² along the axis.

        I(r, z) = | 2 ∫₀¹ exp(−i k NA² ρ² z / 2n) J₀(k NA r ρ) ρ dρ |²,   k = 2π / λ

    n is the index of the immersion, and the focus at depth d lies at d · n_immersion / n_sample. Right for low apertures (below about
    0.7 in air); above, the defocus of gibson-lanni is exact.
    Source: Born & Wolf, Principles of Optics, section 8.8, doi:10.1017/CBO9781139644181.

    Examples
    --------
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


@MODELS.register("gibson-lanni")
@dataclass(frozen=True)
class GibsonLanni(Scalar):
    """Diffraction with the spherical aberration of the layers: sample, coverslip and immersion, used and designed for.

        I(r, z) = | (2 / NA²) ∫ exp(i k [path(s) + (t_i − z) c(n_i)]) J₀(k s r) s ds |²,   c(n) = √(n² − s²),   k = 2π / λ
        path(s) = depth c(n_sample) + t_coverslip c(n_coverslip) − (t_coverslip c(n_coverslip))_design − (t_i c(n_i))_design

    s = n sin θ runs to the smaller of NA and n_sample. t_i is the thickness of the immersion at stage zero, which follows from paraxial
    focus on the face of the coverslip. All square roots are exact. With everything as designed and depth 0 this is the exact defocus of
    an ideal lens.
    Source: Gibson & Lanni 1992, doi:10.1364/JOSAA.9.000154.

    Examples
    --------
    >>> oil_into_water = Microscope(na=1.3, n_sample=1.33, depth=5.0)
    >>> round(best_focus("gibson-lanni", oil_into_water), 2)
    6.29
    >>> psf("gibson-lanni", oil_into_water, Grid(shape=(9, 33, 33), spacing=(0.3, 0.1, 0.1))).shape
    (9, 33, 33)
    """

    t_coverslip: float = param(170.0, "Thickness of the coverslip", low=0, unit="µm")
    t_coverslip_design: float = param(170.0, "Thickness of coverslip that the objective is designed for", low=0, unit="µm")
    n_coverslip_design: float | None = param(None, "Index of coverslip that the objective is designed for; none: as used", low=1, high=2)
    t_immersion_design: float = param(150.0, "Thickness of immersion that the objective is designed for", low=0, unit="µm")
    n_immersion_design: float | None = param(None, "Index of immersion that the objective is designed for; none: as used", low=1, high=2)

    def pupil(self, microscope: Microscope) -> Pupil:
        """The exact paths through the layers."""
        glass, glass_design = microscope.n_coverslip, self.n_coverslip_design or microscope.n_coverslip
        oil, oil_design = microscope.n_immersion, self.n_immersion_design or microscope.n_immersion
        for name, index in (("n_coverslip_design", glass_design), ("n_immersion_design", oil_design)):
            if microscope.na >= index:
                raise ValueError(f"{name} = {index:g} with na = {microscope.na:g}: no objective is designed so; correct one of the two.")
        t_immersion = oil * (self.t_immersion_design / oil_design + self.t_coverslip_design / glass_design - self.t_coverslip / glass)

        def path(s: Array) -> Array:
            used = microscope.depth * _layer(microscope.n_sample, s) + self.t_coverslip * _layer(glass, s) + t_immersion * _layer(oil, s)
            return used - self.t_coverslip_design * _layer(glass_design, s) - self.t_immersion_design * _layer(oil_design, s)

        def travel(s: Array) -> Array:
            return _layer(oil, s)

        return Pupil(microscope.wavelength, microscope.na, microscope.na_sample, path, travel)


def _layer(n: float, s: Array) -> Array:
    """Optical path through 1 µm of a layer, for rays that all cross the same planes; the edge may be critical, up to rounding."""
    return np.sqrt(np.maximum(n**2 - s**2, 0))


def best_focus(model: str | Model, microscope: Microscope) -> float:
    """The stage position in µm, from focus on the coverslip, where a point at `microscope.depth` is imaged best.

    >>> best_focus("gaussian", Microscope(depth=3.0))
    3.0
    """
    chosen: Model = Model.of(model)
    return chosen.best_focus(microscope)


def psf(model: str | Model, microscope: Microscope, grid: Grid) -> NDArray[np.float32]:
    """The point spread function of a microscope on a grid, ready to deconvolve with.

    Parameters
    ----------
    model
        A name from `MODELS`, or a model with its settings.
    microscope, grid
        The optics and the samples. A grid of two axes is the plane in focus.

    Returns
    -------
    float32 array of the grid's shape that sums to 1, with its origin at index n // 2 of every axis.

    Raises
    ------
    ValueError
        If the model is unknown, samples are more than 20 widths of the focus apart, or the stack does not reach the focus (with
        `focus="stage"`).

    Warns
    -----
    UserWarning
        If the aperture exceeds the index of the sample.

    Examples
    --------
    >>> kernel = psf("gibson-lanni", Microscope(na=0.9, n_immersion=1.0), Grid(shape=(5, 32, 32), spacing=(0.5, 0.1, 0.1)))
    >>> kernel.dtype.name, np.unravel_index(kernel.argmax(), kernel.shape) == (2, 16, 16)
    ('float32', True)
    """
    chosen: Model = Model.of(model)
    if microscope.na > microscope.n_sample:
        warnings.warn(
            f"na = {microscope.na:g} exceeds n_sample = {microscope.n_sample:g}: rays between the two do not travel in the sample and are "
            f"left out, so this is the PSF of an aperture of {microscope.n_sample:g}.",
            stacklevel=2,
        )
    _check_spacing(microscope, grid)
    if chosen.focus == "stage" and len(grid.shape) == 3:
        _check_reach(chosen.best_focus(microscope), grid)
    intensity = chosen.intensity(microscope, grid)
    total = float(intensity.sum())
    if not (math.isfinite(total) and total > 0):
        raise ValueError(f"{chosen.name}: no light falls on the grid {grid.shape} of {grid.spacing} µm; make it larger.")
    return (intensity / total).astype(np.float32)


def _check_spacing(microscope: Microscope, grid: Grid) -> None:
    axial, lateral = resolution(microscope)
    for axis, step, width in zip("xyz", reversed(grid.spacing), (lateral, lateral, axial), strict=False):
        if step > 20 * width:
            raise ValueError(
                f"spacing = {step:g} µm along {axis}: samples so far apart share no light, the focus is {width:.2g} µm wide. "
                f"Did you mean nm? {step:g} nm is {step / 1000:g} µm."
            )


def _check_reach(focus: float, grid: Grid) -> None:
    z = grid.coordinates()[0]
    if not z[0] <= focus <= z[-1]:
        planes = 2 * math.ceil(abs(focus) / grid.spacing[0]) + 1
        raise ValueError(
            f'focus = "stage": the best focus is at {focus:.2f} µm, outside the stack from {z[0]:.2f} to {z[-1]:.2f} µm; '
            f'use at least {planes} planes, or focus = "best".'
        )
