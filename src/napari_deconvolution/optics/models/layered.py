"""Layers between objective and object: coverslip and immersion, in use and by design."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...parameters import param
from ..diffraction.pupil import Wave
from ..microscope import Microscope
from .base import Array, Model

THICKEST = 5000.0
"""µm; the bottoms of dishes and flow cells are thinner."""


@dataclass(frozen=True)
class Layered(Model):
    """A model that knows the layers.

    Raises
    ------
    ValueError
        When it is used, if the numerical aperture is not below the index of a layer that the objective is designed for.
    """

    t_coverslip: float = param(
        170.0,
        "Thickness of the coverslip in use",
        label="Coverslip thickness",
        importance="advanced",
        low=0,
        high=THICKEST,
        unit="µm",
    )
    t_coverslip_design: float = param(
        170.0,
        "Coverslip thickness that the objective is designed for",
        label="Coverslip thickness (design)",
        importance="advanced",
        low=0,
        high=THICKEST,
        unit="µm",
    )
    n_coverslip_design: float | None = param(
        None,
        "Refractive index of coverslip that the objective is designed for; none: as in use",
        label="Refractive index of coverslip (design)",
        importance="advanced",
        low=1,
        high=2,
    )
    t_immersion_design: float = param(
        150.0,
        "Thickness of the immersion layer that the objective is designed for",
        label="Immersion thickness (design)",
        importance="advanced",
        low=0,
        unit="µm",
    )
    n_immersion_design: float | None = param(
        None,
        "Refractive index of immersion that the objective is designed for; none: as in use",
        label="Refractive index of immersion (design)",
        importance="advanced",
        low=1,
        high=2,
    )

    def paths(self, microscope: Microscope) -> tuple[Callable[[Array], Wave], Callable[[Array], Array]]:
        """Optical path of a ray at stage zero, and its decrease per µm of stage travel (Gibson & Lanni), in µm."""
        glass, glass_design = microscope.n_coverslip, self.n_coverslip_design or microscope.n_coverslip
        oil, oil_design = microscope.n_immersion, self.n_immersion_design or microscope.n_immersion
        for name, index in (("n_coverslip_design", glass_design), ("n_immersion_design", oil_design)):
            if microscope.na >= index:
                raise ValueError(
                    f"{name} = {index:g} with na = {microscope.na:g}: no objective is designed so; correct one."
                )
        t_immersion = oil * (
            self.t_immersion_design / oil_design + self.t_coverslip_design / glass_design - self.t_coverslip / glass
        )

        def path(s: Array) -> Wave:
            used = self.in_sample(microscope, s) + self.t_coverslip * layer(glass, s) + t_immersion * layer(oil, s)
            return (
                used - self.t_coverslip_design * layer(glass_design, s) - self.t_immersion_design * layer(oil_design, s)
            )

        def travel(s: Array) -> Array:
            return layer(oil, s)

        return path, travel

    def in_sample(self, microscope: Microscope, s: Array) -> Wave:
        """The optical path from the object to the coverslip."""
        return microscope.depth * layer(microscope.n_sample, s)


def layer(n: float, s: Array) -> Array:
    """Optical path through 1 µm of a layer, for rays through the same planes; the edge may be critical."""
    return np.sqrt(np.maximum(n**2 - s**2, 0))
