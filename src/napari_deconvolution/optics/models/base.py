"""What every model of the point spread function is, and the registry of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ...parameters import Parameters, param
from ...registry import Registry
from ..diffraction.pixels import on_pixels
from ..diffraction.radial_table import at_points, voxels
from ..microscope import Grid, Microscope, nyquist

Array = NDArray[np.float64]

PLANES = 8
"""Planes that are made at a time: tables and points of all of them would be larger than the result."""

Points = Callable[[Array, Array], Array]
"""The intensity at every y and x, each equally spaced and in µm: an array of shape (y, x, stage positions)."""


@dataclass(frozen=True)
class Model(Parameters):
    """A model of the intensity that a point object makes in the image.

    Stage positions z grow as the focus moves into the sample. At zero the objective is focused on the face between
    coverslip and sample.
    """

    accuracy: float = param(
        1e-4,
        "Error of the intensity, relative to its peak",
        label="Numerical accuracy",
        importance="advanced",
        low=1e-6,
        high=1e-2,
    )
    sampling: Literal["pixel", "centre"] = param(
        "pixel",
        "Whether a pixel averages over its area, as in a camera, or samples its centre",
        label="Pixel sampling",
        importance="advanced",
        choices={"pixel": "Pixel average", "centre": "Pixel centre"},
    )
    focus: Literal["best", "stage"] = param(
        "best",
        "Whether the middle plane is the best focus, or stage zero, focused on the coverslip",
        label="Focal reference",
        importance="advanced",
        choices={"best": "Best focus", "stage": "Stage zero"},
    )
    defocus: float = param(
        0.0,
        "Stage position of the middle plane relative to the focal reference; of the only plane in 2-D",
        label="Defocus",
        importance="advanced",
        low=-1e3,
        high=1e3,
        unit="µm",
    )

    flip_z: bool = param(
        False,
        "Whether the planes run the other way: the first one is focused deepest in the sample",
        label="Reversed z",
        importance="advanced",
    )

    engineered: ClassVar[bool] = False
    """Whether the pupil has a phase of its own: the unaberrated focus then has no peak of 1, or no symmetry in z."""

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """Intensity at stage positions z up to this distance from the axis; 1 is the ideal focus at full aperture."""
        raise NotImplementedError

    def band(self, microscope: Microscope) -> float:
        """The highest lateral angular frequency of the intensity, radians per µm."""
        raise NotImplementedError

    def best_focus(self, microscope: Microscope) -> float:
        """The stage position in µm where the intensity on the axis is greatest."""
        raise NotImplementedError

    def aperture(self, microscope: Microscope) -> float:
        """The aperture of the rays that count; those beyond it are excluded."""
        return microscope.na_sample

    def nyquist(self, microscope: Microscope) -> tuple[float, float]:
        """The coarsest sampling (z, xy) in µm that keeps all that the microscope transmits."""
        return nyquist(microscope)

    def energy(self, microscope: Microscope) -> float | None:
        """Integral of the intensity over a plane in µm², the same in all planes by Parseval: from the pupil alone."""
        return None

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """The intensity on the grid, in its pixels or at their centres."""
        z = self.planes(microscope, grid)
        y, x = grid.coordinates()[-2:]
        reach = math.hypot(y[0], x[0]) + 16 * math.hypot(*grid.spacing[-2:])
        values = np.empty((len(z), len(y), len(x)))
        for at in range(0, len(z), PLANES):
            some = z[at : at + PLANES]
            points = self.points(microscope, some, reach)
            pixels = self.sampling == "pixel"
            values[at : at + PLANES] = on_pixels(points, self.band(microscope), grid, len(some), self.accuracy, pixels)
        return np.maximum(values, 0, out=values).reshape(grid.shape)

    def planes(self, microscope: Microscope, grid: Grid) -> Array:
        """Stage positions in µm of the grid's planes; one for a grid of two axes."""
        middle = self.best_focus(microscope) if self.focus == "best" else 0.0
        along = grid.coordinates()[0] if len(grid.shape) == 3 else np.zeros(1)
        return middle + self.defocus + (-along if self.flip_z else along)


class Symmetric(Model):
    """A model that is symmetric about the axis: it costs one table along the radius, whatever the number of voxels."""

    @property
    def symmetric(self) -> bool:
        """False for settings that break the symmetry; `points` then knows them."""
        return True

    def along_radius(self, microscope: Microscope, z: Array) -> Callable[[Array], Array]:
        """The intensity as a function of the radii, one row a radius, one column a stage position."""
        raise NotImplementedError

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The intensity read from one table."""
        return at_points(self.along_radius(microscope, z), self.band(microscope), radius, self.accuracy / 4)

    def intensity(self, microscope: Microscope, grid: Grid) -> Array:
        """The intensity on the grid, from one table."""
        if not self.symmetric:
            return super().intensity(microscope, grid)
        table = self.along_radius(microscope, self.planes(microscope, grid))
        return voxels(table, self.band(microscope), grid, self.accuracy, self.sampling == "pixel").reshape(grid.shape)


MODELS: Registry[Model] = Registry(Model, "PSF model")
"""The models by name."""
