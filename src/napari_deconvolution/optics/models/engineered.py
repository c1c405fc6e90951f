"""Pupils with a phase of their own: aberrated, astigmatic, double helix."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ...parameters import param
from ..diffraction.azimuthal_orders import Harmonics, Orders
from ..diffraction.pupil import Pupil
from ..diffraction.zernike import NAMES, noll, polynomial, radial_part
from ..microscope import Microscope
from .base import MODELS, Array, Points
from .scalar import GibsonLanni

MOST_ANGLES = 4096


class Shaped(GibsonLanni):
    """Gibson & Lanni with a phase in the pupil that is not symmetric about the axis."""

    def orders(self, microscope: Microscope, s: Array) -> Orders:
        """The azimuthal orders of the factor by which the phase changes the pupil."""
        raise NotImplementedError

    @property
    def symmetric(self) -> bool:
        """False: the azimuth counts."""
        return False

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """From one table for each azimuthal order."""
        harmonics = Harmonics(self.pupil(microscope), lambda s: self.orders(microscope, s))
        return harmonics.intensity(z, radius, self.accuracy)

    def best_focus(self, microscope: Microscope) -> float:
        """The greatest intensity on the axis, where only the order 0 is."""
        pupil = self.pupil(microscope)
        return replace(pupil, weight=lambda s: pupil.weight(s) * self.orders(microscope, s)[0][0]).best_focus()


class Aberrated(Shaped):
    """A phase that is a sum of Zernike polynomials over the aperture NA."""

    def waves(self) -> Mapping[int, float]:
        """Waves (root mean square) by Noll's index."""
        raise NotImplementedError

    def pupil(self, microscope: Microscope) -> Pupil:
        """With the polynomials that are symmetric about the axis added to the path."""
        bare, waves = super().pupil(microscope), self.waves()

        def path(s: Array) -> Array:
            symmetric = [amount * radial_part(j, s / microscope.na) for j, amount in waves.items() if noll(j)[1] == 0]
            return np.asarray(bare.path(s) + microscope.wavelength * sum(symmetric))

        steepest = sum(abs(amount) * math.sqrt(2 * noll(j)[0] + 2) * noll(j)[0] for j, amount in waves.items())
        return replace(bare, path=path, turns=math.pi**2 / 2 * steepest)

    def orders(self, microscope: Microscope, s: Array) -> Orders:
        """By FFT over as many angles as it takes for what is left out to be a thousandth of the accuracy."""
        terms = {j: amount for j, amount in self.waves().items() if amount and noll(j)[1]}
        angles, least = 16, self.accuracy / 1000
        while True:
            theta = np.arange(angles) * 2 * math.pi / angles
            rho, phase = s[:, None] / microscope.na, np.zeros((len(s), angles))
            for j, amount in terms.items():
                phase += amount * polynomial(j, rho, theta)
            spectrum = np.fft.fft(np.exp(2j * math.pi * phase), axis=1) / angles
            strength = np.abs(spectrum).max(axis=0)
            if strength[angles // 4 : -angles // 4].max() < least or angles == MOST_ANGLES:
                break
            angles *= 2
        frequency = np.fft.fftfreq(angles, 1 / angles).astype(int)
        return {int(m): spectrum[None, :, at] for at, m in enumerate(frequency) if strength[at] >= least or m == 0}


MOST_HIGHER = 240
"""Zernike terms beyond the named ones: those of 22 radial orders, finer than any mirror bends."""


@MODELS.register("zernike", "Zernike aberrations")
@dataclass(frozen=True)
class Zernike(Aberrated):
    """Any aberration: Gibson & Lanni with a sum of Zernike polynomials as a phase in the pupil.

        pupil(ρ, θ) = exp(2π i Σ_j c_j Z_j(ρ, θ)),   ρ = s / NA

    The Z_j are those of Noll, with a root mean square of 1 over the pupil, and c_j is in waves (root mean square), of
    the wavelength at hand. An image that is sharpest where the horizontal lines are needs `vertical_astigmatism`; a
    comet along y is `vertical_coma`. A pupil phase rises along the axis that its name tells. Source: Noll 1976,
    doi:10.1364/JOSA.66.000207; layers as Gibson & Lanni 1992, doi:10.1364/JOSAA.9.000154.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> comet = Zernike(vertical_coma=0.1)
    >>> plane = comet.intensity(Microscope(na=0.8, n_immersion=1.0), Grid(shape=(15, 15), spacing=(0.15, 0.15)))
    >>> bool(plane[5, 7] != plane[9, 7]), bool(np.isclose(plane[7, 5], plane[7, 9]))
    (True, True)
    >>> Zernike.of_noll({5: 0.05, 22: 0.02}).higher
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02)
    """

    defocus_waves: float = param(
        0.0, "Defocus, Noll index 4", label="Zernike defocus", unit="waves rms", low=-10, high=10
    )
    oblique_astigmatism: float = param(
        0.0, "Oblique astigmatism, Noll index 5", label="Oblique astigmatism", unit="waves rms", low=-10, high=10
    )
    vertical_astigmatism: float = param(
        0.0, "Vertical astigmatism, Noll index 6", label="Vertical astigmatism", unit="waves rms", low=-10, high=10
    )
    vertical_coma: float = param(
        0.0, "Vertical coma, Noll index 7", label="Vertical coma", unit="waves rms", low=-10, high=10
    )
    horizontal_coma: float = param(
        0.0, "Horizontal coma, Noll index 8", label="Horizontal coma", unit="waves rms", low=-10, high=10
    )
    vertical_trefoil: float = param(
        0.0,
        "Vertical trefoil, Noll index 9",
        label="Vertical trefoil",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )
    oblique_trefoil: float = param(
        0.0,
        "Oblique trefoil, Noll index 10",
        label="Oblique trefoil",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )
    spherical: float = param(
        0.0,
        "Primary spherical aberration, Noll index 11",
        label="Spherical aberration",
        unit="waves rms",
        low=-10,
        high=10,
    )
    vertical_secondary_astigmatism: float = param(
        0.0,
        "Vertical secondary astigmatism, Noll index 12",
        label="Vertical secondary astigmatism",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )
    oblique_secondary_astigmatism: float = param(
        0.0,
        "Oblique secondary astigmatism, Noll index 13",
        label="Oblique secondary astigmatism",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )
    vertical_quadrafoil: float = param(
        0.0,
        "Vertical quadrafoil, Noll index 14",
        label="Vertical quadrafoil",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )
    oblique_quadrafoil: float = param(
        0.0,
        "Oblique quadrafoil, Noll index 15",
        label="Oblique quadrafoil",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )
    higher: tuple[float, ...] = param(
        (),
        "Coefficients of Noll index 16 and above, as many as needed",
        label="Higher orders",
        importance="advanced",
        unit="waves rms",
        low=-10,
        high=10,
    )

    NAMED: ClassVar[tuple[str, ...]] = ("defocus_waves", *(NAMES[j].replace(" ", "_") for j in range(5, 16)))
    """The fields that are Noll 4 to 15."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.higher) > MOST_HIGHER:
            raise ValueError(f"higher: {len(self.higher)} terms are given; at most {MOST_HIGHER} are computed.")

    @classmethod
    def of_noll(cls, waves: Mapping[int, float]) -> "Zernike":
        """The model with these waves (root mean square) by Noll's index, from 4."""
        if waves and min(waves) < 4:
            raise ValueError(
                f"Noll index = {min(waves)}: piston and tilts (1 to 3) change no image but its place; give 4 or more."
            )
        named = {cls.NAMED[j - 4]: amount for j, amount in waves.items() if j < 16}
        return cls(higher=tuple(waves.get(j, 0.0) for j in range(16, max(waves, default=0) + 1))).replace(**named)

    def waves(self) -> Mapping[int, float]:
        """The fields, by Noll's index."""
        named = [getattr(self, name) for name in self.NAMED]
        return {j: amount for j, amount in enumerate((*named, *self.higher), start=4) if amount}


@MODELS.register("astigmatism")
@dataclass(frozen=True)
class Astigmatism(Aberrated):
    """A cylindrical lens in front of the camera, to encode z: Gibson & Lanni with astigmatism.

        pupil(ρ, θ) = exp(2π i c √6 ρ² cos 2(θ − direction))

    The image is a line along one direction before the focus and a line across it behind. For low apertures the two lie
    4 √6 c λ n / NA² apart. Source: Kao & Verkman 1994, doi:10.1016/S0006-3495(94)80601-0; Huang et al. 2008,
    doi:10.1126/science.1153529.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> stack = Astigmatism(amount=0.2).intensity(Microscope(na=1.2), Grid(shape=(3, 9, 9), spacing=(0.4, 0.1, 0.1)))
    >>> [bool(plane[4, 6] > plane[6, 4]) for plane in stack[::2]]
    [False, True]
    """

    engineered: ClassVar[bool] = True
    amount: float = param(0.15, "Strength of the astigmatism", label="Astigmatism", unit="waves rms", low=-10, high=10)
    direction: float = param(
        0.0, "Direction of the cylinder axis, from x towards y", label="Cylinder axis", unit="°", low=-180, high=180
    )

    def waves(self) -> Mapping[int, float]:
        """Vertical and oblique astigmatism in the proportion of the direction."""
        turned = 2 * math.radians(self.direction)
        return {5: self.amount * math.sin(turned), 6: self.amount * math.cos(turned)}


@MODELS.register("double-helix")
@dataclass(frozen=True)
class DoubleHelix(Shaped):
    """Two lobes that rotate about each other with defocus: rings of equal area with vortices of 1, 3, 5, ... turns.

        pupil(ρ, θ) = exp(i (2 l − 1) θ)   for   l − 1 ≤ zones ρ² < l,   l = 1 ... zones

    Neighbouring rings differ by two turns and by the same step of defocus, so the image turns, for low apertures by
    π NA² / (2 n λ zones) radians per µm, and keeps its shape meanwhile. On the axis it is dark.
    Source: Prasad 2013, doi:10.1364/OL.38.000585; two lobes: Pavani & Piestun 2008, doi:10.1364/OE.16.003484.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> stack = DoubleHelix().intensity(Microscope(na=1.2), Grid(shape=(3, 31, 31), spacing=(0.4, 0.1, 0.1)))
    >>> bool(stack[:, 15, 15].max() < 0.01 * stack.max())
    True
    """

    engineered: ClassVar[bool] = True
    zones: int = param(
        5,
        "Number of rings of the phase plate: more keep the lobes together over a larger depth",
        label="Phase plate zones",
        low=2,
        high=50,
    )

    def pupil(self, microscope: Microscope) -> Pupil:
        """With the rings as zones."""
        edges = (microscope.na * math.sqrt(ring / self.zones) for ring in range(1, self.zones))
        return replace(super().pupil(microscope), zones=tuple(edges))

    def orders(self, microscope: Microscope, s: Array) -> Orders:
        """Each ring has one."""
        ring = np.minimum((self.zones * (s / microscope.na) ** 2).astype(int), self.zones - 1)
        return {2 * at + 1: (ring == at).astype(np.complex128)[None] for at in range(self.zones)}

    def best_focus(self, microscope: Microscope) -> float:
        """That of the objective without the phase plate."""
        return super().pupil(microscope).best_focus()


@MODELS.register("vortex")
@dataclass(frozen=True)
class Vortex(Shaped):
    """A ring with a dark centre, as of depletion beams: Gibson & Lanni with a helical phase.

        pupil(ρ, θ) = exp(i charge θ)

    Without aberration the intensity in focus is | 2 ∫₀¹ J_charge(k NA r ρ) ρ dρ |²; on the axis it is dark at any
    defocus. Source: Török & Munro 2004, doi:10.1364/OPEX.12.003605; layers as Gibson & Lanni 1992,
    doi:10.1364/JOSAA.9.000154.

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> plane = Vortex(sampling="centre").intensity(Microscope(), Grid(shape=(5, 5), spacing=(0.1, 0.1)))
    >>> bool(plane[2, 2] < 1e-9)
    True
    """

    engineered: ClassVar[bool] = True
    charge: int = param(1, "Number of 2π phase turns about the axis", label="Topological charge", low=1, high=20)

    def orders(self, microscope: Microscope, s: Array) -> Orders:
        """One."""
        return {self.charge: np.ones((1, len(s)), np.complex128)}

    def best_focus(self, microscope: Microscope) -> float:
        """That of the objective without the vortex."""
        return self.pupil(microscope).best_focus()
