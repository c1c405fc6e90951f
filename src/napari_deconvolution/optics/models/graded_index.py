"""A sample whose index changes with depth."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...parameters import param
from ..microscope import Microscope
from .base import MODELS, Array
from .layered import layer
from .scalar import GibsonLanni

POINTS = 48
"""Gauss–Legendre points along the depth."""


@MODELS.register("variable-index-gibson-lanni", "Variable-index Gibson–Lanni")
@dataclass(frozen=True)
class VariableIndexGibsonLanni(GibsonLanni):
    """Gibson & Lanni for a sample whose index changes with depth, from `n_sample` at the coverslip to `n_deep`.

        path in the sample = ∫₀^depth √(n(d)² − s²) dd,   n(d) = n_sample + (n_deep − n_sample) f(min(d / reach, 1))
        linear f(t) = t,   logarithmic f(t) = ln(1 + (e − 1) t),   exponential f(t) = (eᵗ − 1) / (e − 1)

    in place of depth · √(n_sample² − s²). Rays run straight to second order in the change of index along a layer: s = n
    sin θ stays the same. They are cut where the least index on the way would turn them back. Source: Kirshner, Aguet,
    Sage & Unser 2013 (PSF Generator), doi:10.1111/j.1365-2818.2012.03675.x; layers as Gibson & Lanni 1992,
    doi:10.1364/JOSAA.9.000154.

    Examples
    --------
    >>> from napari_deconvolution import Microscope
    >>> tissue = VariableIndexGibsonLanni(profile="linear", n_deep=1.4, reach=20)
    >>> round(tissue.best_focus(Microscope(na=0.3, n_immersion=1.0, n_sample=1.33, depth=20)), 2)
    14.5
    """

    profile: Literal["linear", "logarithmic", "exponential"] = param(
        "linear", "How the refractive index changes between the coverslip and the final depth", label="Index profile"
    )
    n_deep: float = param(
        1.4,
        "Refractive index of the sample at the final depth and beyond",
        label="Refractive index at final depth",
        low=1,
        high=2,
    )
    reach: float = param(
        50.0,
        "Depth below the coverslip from which on the refractive index is constant",
        label="Final depth",
        low=0.1,
        high=1e4,
        unit="µm",
    )

    def index(self, microscope: Microscope, depth: Array) -> Array:
        """The index at a depth in µm."""
        t = np.minimum(depth / self.reach, 1)
        risen = {"linear": t, "logarithmic": np.log1p((math.e - 1) * t), "exponential": np.expm1(t) / (math.e - 1)}[
            self.profile
        ]
        return np.asarray(microscope.n_sample + (self.n_deep - microscope.n_sample) * risen)

    def aperture(self, microscope: Microscope) -> float:
        """The smaller of NA and the least index between object and coverslip."""
        return min(microscope.na, *self.index(microscope, np.array([0.0, microscope.depth])).tolist())

    def in_sample(self, microscope: Microscope, s: Array) -> Array:
        """The integral over the depth; its points lie densely at both ends, where a ray may graze the layers."""
        graded = min(microscope.depth, self.reach)
        nodes, weights = np.polynomial.legendre.leggauss(POINTS)
        turn = (nodes + 1) * math.pi / 2
        depth, share = graded * (1 - np.cos(turn)) / 2, graded * np.sin(turn) * weights * math.pi / 4
        passed = [
            amount * layer(index, s)
            for index, amount in zip(self.index(microscope, depth).tolist(), share, strict=True)
        ]
        return np.asarray(sum(passed) + (microscope.depth - graded) * layer(self.n_deep, s))
