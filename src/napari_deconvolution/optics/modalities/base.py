"""Microscopes that excite or detect selectively: models that hold the model of their objective."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from ...parameters import param
from ..microscope import Grid, Microscope, nyquist, resolution, wavelength_in_vacuum
from ..models.base import MODELS, Array, Model, Points, Symmetric
from ..models.scalar import GibsonLanni

HELD = 2**13
"""Values of the intensity along x made at a time: a pinhole takes some dozen rows for each."""
AIRY_RADIUS = 3.8317059702075125
"""The first zero of J₁: the radius of the Airy disk is this over k NA, 0.61 λ / NA."""


@dataclass(frozen=True)
class Modality(Symmetric):
    """A microscope by its objective. Accuracy, sampling, focus, defocus and direction of z are those of the whole."""

    detection: Model = param(
        GibsonLanni(),
        "PSF model of the objective, for excitation and detection",
        label="PSF model of objective",
        importance="advanced",
    )

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
        on_axis = scipy.interpolate.make_interp_spline(
            z, self.points(microscope, z, lobe)(np.zeros(1), np.zeros(1))[0, 0], 5
        )
        turns = scipy.interpolate.PPoly.from_spline(on_axis.derivative().tck).roots(extrapolate=False)
        return float(turns[np.argmax(on_axis(turns))])


def on_axis_x(points: Points, radii: Array, planes: int) -> Array:
    """The intensity along x, some at a time; one row a radius."""
    some = max(64, HELD // planes)
    return np.concatenate([points(np.zeros(1), radii[at : at + some])[0] for at in range(0, len(radii), some)])


@MODELS.register("widefield")
@dataclass(frozen=True)
class Widefield(Modality):
    """The whole field is illuminated uniformly: the objective alone, I = h_em.

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


@dataclass(frozen=True)
class Scanned(Modality):
    """A focus of one wavelength scans the sample, light of another comes back."""

    excitation: float = wavelength_in_vacuum(0.488, "Excitation")

    def lights(self, microscope: Microscope) -> Sequence[Microscope]:
        """Excitation and emission."""
        return [microscope.replace(wavelength=self.excitation), microscope]
