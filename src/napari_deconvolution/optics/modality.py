"""Microscopes that excite or detect selectively: models that hold the model of their objective."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy

from ..parameters import param
from .disks import airy, airy_through, disk_nodes, through_hole
from .microscope import Grid, Microscope, nyquist, resolution
from .model import MODELS, Array, Model, Points, Symmetric
from .radial import at_points
from .scalar import GibsonLanni

HELD = 2**13
"""Values of the intensity along x made at a time: a pinhole takes some dozen rows for each."""
AIRY_RADIUS = 3.8317059702075125
"""The first zero of J₁: the radius of the Airy disk is this over k NA, 0.61 λ / NA."""


@dataclass(frozen=True)
class Modality(Symmetric):
    """A microscope by its objective. Accuracy, sampling, focus, defocus and direction of z are those of the whole."""

    detection: Model = param(GibsonLanni(), "Model of the objective, for the light of both directions")

    @property
    def symmetric(self) -> bool:
        """Whether the objective is."""
        return not isinstance(self.detection, Symmetric) or self.detection.symmetric

    def lights(self, microscope: Microscope) -> Sequence[Microscope]:
        """The microscope at each wavelength that counts."""
        return [microscope]

    def through_objective(self, light: Microscope, z: Array, radius: float) -> Points:
        """The intensity that the objective alone makes."""
        return self.detection.replace(accuracy=max(self.accuracy / 4, 1e-6)).points(light, z, radius)

    def along_radius(self, microscope: Microscope, z: Array) -> Callable[[Array], Array]:
        """The intensity along x."""
        return lambda radii: on_axis_x(self.points(microscope, z, float(radii[-1])), radii, len(z))

    def band(self, microscope: Microscope) -> float:
        """The sum of the bands, as for a product."""
        return sum(self.detection.band(light) for light in self.lights(microscope))

    def aperture(self, microscope: Microscope) -> float:
        """That of the objective."""
        return self.detection.aperture(microscope)

    def nyquist(self, microscope: Microscope) -> tuple[float, float]:
        """The sum of the cut-off frequencies of all wavelengths, as for a product."""
        steps = np.array([nyquist(light) for light in self.lights(microscope)])
        axial, lateral = 1 / np.sum(1 / steps, axis=0)
        return float(axial), float(lateral)

    def best_focus(self, microscope: Microscope) -> float:
        """The greatest intensity on the axis, sought from the first to the last of the objective's best foci."""
        lights = self.lights(microscope)
        foci = [self.detection.best_focus(light) for light in lights]
        lobe = min(resolution(light)[0] for light in lights)
        span = max(foci) - min(foci) + 2 * lobe
        z = np.linspace(min(foci) - lobe, max(foci) + lobe, math.ceil(16 * span / lobe) + 1)
        on_axis = scipy.interpolate.make_interp_spline(z, self.points(microscope, z, lobe)(np.zeros(1), np.zeros(1))[0, 0], 5)
        turns = scipy.interpolate.PPoly.from_spline(on_axis.derivative().tck).roots(extrapolate=False)
        return float(turns[np.argmax(on_axis(turns))])


def on_axis_x(points: Points, radii: Array, planes: int) -> Array:
    """The intensity along x, some at a time; one row a radius."""
    some = max(64, HELD // planes)
    return np.concatenate([points(np.zeros(1), radii[at : at + some])[0] for at in range(0, len(radii), some)])


@MODELS.register("widefield")
@dataclass(frozen=True)
class Widefield(Modality):
    """The whole field is lit evenly: the objective alone, I = h_em.

    Source: Born & Wolf, Principles of Optics, section 8.8, doi:10.1017/CBO9781139644181.

    Examples
    --------
    >>> from napari_deconvolution import Microscope
    >>> round(Widefield(detection="born-wolf").best_focus(Microscope(depth=3)), 6)
    3.0
    """

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """Those of the objective."""
        return self.through_objective(microscope, z, radius)

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """That of the objective."""
        own = {name: getattr(self, name) for name in ("accuracy", "sampling", "focus", "defocus", "flip_z")}
        return self.detection.replace(**own).intensity(microscope, grid)

    def best_focus(self, microscope: Microscope) -> float:
        """That of the objective."""
        return self.detection.best_focus(microscope)

    def energy(self, microscope: Microscope) -> float | None:
        """That of the objective."""
        return self.detection.energy(microscope)


@MODELS.register("two-photon")
@dataclass(frozen=True)
class TwoPhoton(Modality):
    """A focus scans the sample, fluorescence takes two photons at once, and all of its light is collected: I = h_ex².

    The microscope's wavelength, that of the emission, does not matter. h_ex is the model of the objective at the excitation wavelength.
    Source: Denk, Strickler & Webb 1990, doi:10.1126/science.2321027; Sheppard & Gu 1990.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> from napari_deconvolution.optics.models import GibsonLanni
    >>> water, plane = Microscope(na=1.0, n_immersion=1.333, n_sample=1.333), Grid(shape=(5, 5), spacing=(0.2, 0.2))
    >>> once = GibsonLanni(sampling="centre").intensity(water.replace(wavelength=0.9), plane)
    >>> np.allclose(TwoPhoton(sampling="centre").intensity(water, plane), once**2, atol=1e-4)
    True
    """

    excitation: float = param(0.9, "Excitation wavelength in vacuum", low=0.2, high=2.0, unit="µm", shown="nm", hint="Did you mean nm?")

    def lights(self, microscope: Microscope) -> Sequence[Microscope]:
        """Excitation, twice."""
        return [microscope.replace(wavelength=self.excitation)] * 2

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The square of the excitation."""
        excited = self.through_objective(self.lights(microscope)[0], z, radius)
        return lambda y, x: excited(y, x) ** 2


@dataclass(frozen=True)
class Scanned(Modality):
    """A focus of one wavelength scans the sample, light of another comes back."""

    excitation: float = param(0.488, "Excitation wavelength in vacuum", low=0.2, high=2.0, unit="µm", shown="nm", hint="Did you mean nm?")

    def lights(self, microscope: Microscope) -> Sequence[Microscope]:
        """Excitation and emission."""
        return [microscope.replace(wavelength=self.excitation), microscope]


@MODELS.register("confocal")
@dataclass(frozen=True)
class Confocal(Scanned):
    """A focus scans the sample, and its light comes back through a pinhole: I = h_ex · (h_em ⊗ disk) / c.

    The pinhole's diameter is in Airy units of 1.22 λ_em / NA, as seen in the sample. h_ex and h_em are the model of the objective at
    the two wavelengths; h_em is computed on a field wider by the pinhole. c is the mean of the Airy disk over the pinhole, so that 1 is
    the focus of a scalar model without aberration. A closed pinhole gives h_ex · h_em, an open one h_ex.
    Source: Wilson & Sheppard 1984, Theory and Practice of Scanning Optical Microscopy; Wilson 2011, doi:10.1111/j.1365-2818.2011.03549.x.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope, psf
    >>> psf(Confocal(pinhole=0.5), Microscope(na=1.2), Grid(shape=(5, 9, 9), spacing=(0.15, 0.05, 0.05))).argmax() == 5 * 9 * 9 // 2
    np.True_
    """

    pinhole: float = param(1.0, "Diameter of the pinhole in Airy units; 0: a point", low=0, high=100)

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The product."""
        light, hole = self.lights(microscope)[0], self.pinhole * AIRY_RADIUS * microscope.wavelength / (2 * math.pi * microscope.na)
        band = self.detection.band(microscope)
        excited = self.through_objective(light, z, radius)
        detected = self.through_objective(microscope, z, radius + 2 * hole + 100 / band)
        if hole:
            detected = through_hole(detected, band, hole, self.accuracy / 10)
            if self.symmetric:
                detected = at_points(partial(on_axis_x, detected, planes=len(z)), band, radius, self.accuracy / 10)
        height = airy_through(self.pinhole * AIRY_RADIUS)
        return lambda y, x: excited(y, x) * detected(y, x) / height


@MODELS.register("image-scanning")
@dataclass(frozen=True)
class ImageScanning(Scanned):
    """A confocal microscope with an array for a pinhole, each element's image moved by a part of its distance: pixel reassignment.

        I(r) = ∫_array h_ex(r − a d) h_em(r + (1 − a) d) d²d / c

    a is the reassignment, ½ if the wavelengths are alike; the array is a disk with its diameter in Airy units. c makes 1 of the focus
    of two Airy disks. A small array gives h_ex · h_em; a large one, with a = ½, (h_ex ⊗ h_em)(2 r).
    Source: Sheppard 1988 (Optik 80:53); Müller & Enderlein 2010, doi:10.1103/PhysRevLett.104.198101; Sheppard, Mehta & Heintzmann 2013,
    doi:10.1364/OL.38.002889.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> narrow, plane = ImageScanning(detector=0.01), Grid(shape=(5, 5), spacing=(0.05, 0.05))
    >>> np.allclose(narrow.intensity(Microscope(), plane), Confocal(pinhole=0).intensity(Microscope(), plane), atol=1e-3)
    True
    """

    detector: float = param(1.25, "Diameter of the array in Airy units", low=0.001, high=10)
    reassignment: float = param(0.5, "By which part of its distance from the axis the image of an element is moved", low=0, high=1)

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
        height = float(share @ np.prod([airy(k * part * r) for k, part in zip(numbers, (a, 1 - a), strict=True)], axis=0))

        def mean(y: Array, x: Array) -> Array:
            total = np.zeros((len(y), len(x), len(z)))
            for dy, dx, share in zip(down, along, shares, strict=True):
                total += share * excited(y - a * dy, x - a * dx) * detected(y + (1 - a) * dy, x + (1 - a) * dx)
            return total / height

        return mean
