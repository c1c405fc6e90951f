"""Simple functions in place of a PSF, for teaching and tests."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from ...parameters import param
from ..diffraction.disks import airy
from ..microscope import Microscope
from .base import MODELS, Array, Points, Symmetric

BANDS = {
    "gaussian": 6.1,
    "lorentzian": 18.0,
    "cosine": 40.0,
    "sinc": 2.3636,
    "circular-pupil": 2.7454,
    "koehler": 6.1,
    "defocus": 2.7454,
    "oriented-gaussian": 6.1,
}
"""The band limit of a profile times its width w, or where its transform has fallen below 1e-7."""


@MODELS.register("phantom")
@dataclass(frozen=True)
class Phantom(Symmetric):
    """Not a microscope: simple functions of the right width for teaching and tests, named as in PSF Generator.

    The full width at half maximum in focus is F = λ / 2 NA, and w = F / 2.355. Out of focus the function is b times as
    wide and b² times as low, so that all planes hold the same light; with t = |z| / `doubling`

        linear b = 1 + t,   exponential b = 2ᵗ,   parabolic b = 1 + t²,   constant b = 1

    gaussian and koehler: exp(−r² / 2w²) (Köhler's is defined by its transfer function exp(−ω² w² / 2), and is the
    same); lorentzian: 1 / (1 + (2r / F)²); cosine: (1 + cos(π r / F)) / 2 up to r = F; sinc: sin² v / v² with v =
    1.3916 · 2r / F; circular-pupil: (2 J₁(v) / v)² with v = 1.6163 · 2r / F; oriented-gaussian: a Gaussian,
    `elongation` times longer in one direction. defocus is defined by its transfer function exp(−3 q²) |sinc 2 (b − 1) q
    (1 − q)|, with q the frequency in units of that of the circular pupil, and does not scale with b. Source: Kirshner,
    Aguet, Sage & Unser 2013 (PSF Generator), doi:10.1111/j.1365-2818.2012.03675.x.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> Phantom(profile="cosine").intensity(Microscope(), Grid(shape=(3, 5, 5), spacing=(0.2, 0.1, 0.1))).shape
    (3, 5, 5)
    """

    profile: Literal[
        "gaussian", "lorentzian", "cosine", "sinc", "circular-pupil", "koehler", "defocus", "oriented-gaussian"
    ] = param(
        "gaussian",
        "Function of the distance from the axis",
        label="Radial profile",
        choices={"koehler": "Köhler illumination"},
    )
    broadening: Literal["linear", "exponential", "parabolic", "constant"] = param(
        "linear", "How the width grows out of focus", label="Broadening out of focus"
    )
    doubling: float = param(
        0.5, "Defocus at which the width has doubled", label="Doubling distance", low=1e-3, high=1e3, unit="µm"
    )
    elongation: float = param(
        2.0, "Length over width of the oriented Gaussian", label="Elongation", importance="advanced", low=1, high=100
    )
    direction: float = param(
        0.0,
        "Direction of the oriented Gaussian, from x towards y",
        label="Orientation",
        importance="advanced",
        low=-180,
        high=180,
        unit="°",
    )

    @property
    def symmetric(self) -> bool:
        """All but the oriented Gaussian are."""
        return self.profile != "oriented-gaussian"

    def width(self, microscope: Microscope) -> float:
        """The standard deviation w of the Gaussian in focus, µm."""
        return microscope.wavelength / (2 * microscope.na) / 2.355

    def broadened(self, microscope: Microscope, z: Array) -> Array:
        """The factor b of the width at each stage position."""
        t = np.abs(z - self.best_focus(microscope)) / self.doubling
        return np.asarray(
            {"linear": 1 + t, "exponential": 2.0**t, "parabolic": 1 + t**2, "constant": np.ones_like(t)}[
                self.broadening
            ]
        )

    def along_radius(self, microscope: Microscope, z: Array) -> Callable[[Array], Array]:
        """The profile at the radius over the width."""
        b, width = self.broadened(microscope, z), self.width(microscope)
        if self.profile == "defocus":
            return lambda radii: _defocused(radii * BANDS["defocus"] / width, b)
        profile = PROFILES["gaussian" if self.profile == "koehler" else self.profile]
        return lambda radii: profile(radii[:, None] / (width * b)) / b**2

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The oriented Gaussian by its formula, others from a table."""
        if self.symmetric:
            return super().points(microscope, z, radius)
        b, width, turn = self.broadened(microscope, z), self.width(microscope), math.radians(self.direction)

        def oriented(y: Array, x: Array) -> Array:
            along = (x * math.cos(turn) + y[:, None] * math.sin(turn)) / (self.elongation * width)
            across = (y[:, None] * math.cos(turn) - x * math.sin(turn)) / width
            return np.exp(-(along**2 + across**2)[:, :, None] / (2 * b**2)) / b**2

        return oriented

    def band(self, microscope: Microscope) -> float:
        """The band limit of the profile in focus; a broader one has a lower one."""
        return BANDS[self.profile] / self.width(microscope)

    def best_focus(self, microscope: Microscope) -> float:
        """The paraxial focus, depth · n_immersion / n_sample."""
        return microscope.depth * microscope.n_immersion / microscope.n_sample


PROFILES: dict[str, Callable[[Array], Array]] = {
    "gaussian": lambda t: np.exp(-(t**2) / 2),
    "lorentzian": lambda t: 1 / (1 + (2 * t / 2.355) ** 2),
    "cosine": lambda t: np.where(t < 2.355, (1 + np.cos(math.pi * np.minimum(t / 2.355, 1))) / 2, 0),
    "sinc": lambda t: np.sinc(2.3636 / 2 * t / math.pi) ** 2,
    "circular-pupil": lambda t: airy(2.7454 / 2 * t),
}
"""Functions of r / w."""


def _defocused(v: Array, b: Array) -> Array:
    """Transform of exp(−3 q²) |sinc 2 (b − 1) q (1 − q)| over q < 1, relative to the focus; v = radius · cut-off."""
    turns = float(v.max()) / 2 + math.pi * float(b.max())
    nodes, weights = scipy.special.roots_legendre(math.ceil(turns / 2 + 4 * turns ** (1 / 3) + 64))
    q = (nodes + 1) / 2
    share = weights / 2 * q * np.exp(-3 * q**2)
    transfer = np.abs(np.sinc(2 * np.multiply.outer(q * (1 - q), b - 1)))
    return (scipy.special.j0(np.multiply.outer(v, q)) * share) @ transfer / share.sum()
