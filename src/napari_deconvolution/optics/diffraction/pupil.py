"""The radially symmetric pupil and its diffraction integrals."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]
Wave = NDArray[np.float64] | NDArray[np.complex128]

HELD = 2**18
"""Values of the Bessel function held at a time."""

MOST_WAVES = 20_000.0
"""Phase in radians across the pupil up to which the integral is done; 1 mm of water under oil turns it by 12 000."""


@dataclass(frozen=True)
class Pupil:
    """A radially symmetric pupil: what a ray of aperture s = n sin θ meets on its way.

        A(r, z) = (2 / NA²) ∫₀^edge weight(s) exp(i k [path(s) − z travel(s)]) J₀(k s r) s ds,   k = 2π / λ

    The amplitude is 1 at the focus of a pupil without aberration that is evenly filled to NA. In every plane the
    intensity then integrates to 2 λ² / (π NA⁴) ∫ |weight|² s ds, whatever the path (Parseval).

    Parameters
    ----------
    wavelength
        In vacuum, µm.
    na, edge
        Aperture of the objective, and where the pupil is cut.
    path
        Optical path in µm at stage zero, as a function of s.
    travel
        Optical path that one µm of stage travel takes away, as a function of s.
    weight
        Amplitude with which the pupil is filled, as a function of s; smooth up to the edge.
    evanescent
        Up to where the pupil takes in waves that do not travel in the sample; there the imaginary part of the path
        makes them fade.
    zones
        Apertures at which the weight jumps.
    turns
        Radians by which the phase of the weight turns between centre and edge, in addition to the path.

    Examples
    --------
    >>> lens = Pupil(0.5, 0.8, 0.8, path=np.zeros_like, travel=lambda s: np.sqrt(1 - s**2))
    >>> round(abs(lens.amplitude(np.zeros(1), np.zeros(1))).item(), 9)
    1.0
    """

    wavelength: float
    na: float
    edge: float
    path: Callable[[Array], Wave]
    travel: Callable[[Array], Array]
    weight: Callable[[Array], Wave] = np.ones_like
    evanescent: float = 0.0
    zones: tuple[float, ...] = ()
    turns: float = 0.0

    @property
    def wavenumber(self) -> float:
        """2π / λ in radians per µm."""
        return 2 * math.pi / self.wavelength

    def amplitude(self, radii: Array, z: Array) -> NDArray[np.complex128]:
        """Amplitude at every radius (rows) and stage position (columns) in µm, to 1e-8 of the unaberrated focus."""
        s, waves = self.waves(float(np.max(radii)), z)
        lines, rows = waves.view(np.float64), max(1, HELD // len(s))
        parts = [
            scipy.special.j0(self.wavenumber * np.multiply.outer(radii[at : at + rows], s)) @ lines
            for at in range(0, len(radii), rows)
        ]
        return np.concatenate(parts).view(np.complex128)

    def waves(self, radius: float, z: Array) -> tuple[Array, NDArray[np.complex128]]:
        """Rays dense enough up to this radius, and what each adds (rows) to the amplitude by position (columns)."""
        s, share = self._rays(radius, z)
        start = np.asarray(share * self.weight(s) * np.exp(1j * self.wavenumber * self.path(s)), np.complex128)
        return s, start[:, None] * np.exp(-1j * self.wavenumber * np.multiply.outer(self.travel(s), z))

    def energy(self) -> float:
        """The integral of the intensity over any plane, µm²."""
        s, share = self._rays(0.0, np.zeros(1))
        filled = np.abs(self.weight(s) * np.exp(1j * self.wavenumber * self.path(s))) ** 2
        return float(share @ filled) * self.wavelength**2 / (math.pi * self.na**2)

    def in_phase(self) -> float:
        """The amplitude that the focus would have with all rays in phase."""
        s, share = self._rays(0.0, np.zeros(1))
        return float(share @ np.abs(self.weight(s)))

    def best_focus(self) -> float:
        """The stage position in µm where the intensity on the axis is greatest.

        Every zone of the pupil has a focus of its own; the maximum is sought between the first and the last of them.
        The outermost 6 % of the pupil's area is left out there: near the critical angle its rays focus at infinity, and
        are too few to make a maximum.
        """
        t = np.linspace(0, math.asin(0.97), 201)[1:]
        s = self.edge * np.sin(t)
        focus = np.gradient(self.path(s).real, t) / np.gradient(self.travel(s), t)
        centre, rim = self.travel(np.array([0.0, self.edge]))
        lobe = self.wavelength / (centre - rim)
        z = np.arange(focus.min() - lobe, focus.max() + lobe, lobe / 16)
        on_axis = self._on_axis(z)
        inner = on_axis[1:-1]
        peaks = 1 + np.flatnonzero((inner >= on_axis[:-2]) & (inner >= on_axis[2:]) & (inner > 0.95 * inner.max()))
        found = [self._refine(z[peak], lobe / 16) for peak in peaks]
        return max(found)[1]

    def _on_axis(self, z: Array) -> Array:
        """Intensity on the axis at equally spaced positions; waves advance step by step, so only one plane is held."""
        s, share = self._rays(0.0, z)
        waves = share * self.weight(s) * np.exp(1j * self.wavenumber * (self.path(s) - z[0] * self.travel(s)))
        turn = np.exp(-1j * self.wavenumber * (z[1] - z[0]) * self.travel(s))
        amplitude = np.empty(len(z), np.complex128)
        for plane in range(len(z)):
            amplitude[plane] = waves.sum()
            waves *= turn
        return np.abs(amplitude) ** 2

    def _refine(self, z: float, reach: float) -> tuple[float, float]:
        """The intensity and the place of the maximum near z."""
        s, share = self._rays(0.0, np.array([z - reach, z + reach]))
        waves, turn = (
            share * self.weight(s) * np.exp(1j * self.wavenumber * self.path(s)),
            -1j * self.wavenumber * self.travel(s),
        )
        found = scipy.optimize.minimize_scalar(
            lambda at: -(abs(np.sum(waves * np.exp(turn * at))) ** 2),
            bounds=(z - reach, z + reach),
            method="bounded",
            options={"xatol": 1e-7 * reach},
        )
        return -float(found.fun), float(found.x)

    def _rays(self, radius: float, z: Array) -> tuple[Array, Array]:
        """Nodes and weights of a Gauss–Legendre rule fine enough for this radius and these stage positions.

        With s = edge sin t the square roots of the layers stay smooth where the edge meets the index of a layer, and so
        they do beyond it with s² = edge² + (evanescent² − edge²) sin² t. A wave of at most Ω radians to either side of
        the middle has Legendre coefficients that fall off beyond order Ω + O(Ω^⅓), and N nodes are exact to order 2N −
        1.
        """
        limits = sorted(
            {0.0, *(zone for zone in self.zones if zone < self.edge), self.edge, max(self.edge, self.evanescent)}
        )
        s, share = np.concatenate([self._part(*between, radius, z) for between in pairwise(limits)], axis=1)
        return s, share

    def _part(self, inner: float, outer: float, radius: float, z: Array) -> tuple[Array, Array]:
        """The rays between two apertures."""
        width = outer**2 - inner**2

        def aperture(t: Array) -> Array:
            return np.sqrt(inner**2 + width * np.sin(t) ** 2)

        t = np.linspace(0, math.pi / 2, 513)
        s = aperture(t)
        path, travel = np.gradient(self.path(s), t), np.gradient(self.travel(s), t)
        slope = np.maximum(abs(path - np.min(z) * travel), abs(path - np.max(z) * travel)) + radius * abs(
            np.gradient(s, t)
        )
        waves = self.wavenumber * float(slope.max()) * math.pi / 4 + self.turns
        if waves > MOST_WAVES:
            raise ValueError(
                f"the phase of the light turns {waves / (2 * math.pi):.3g} times across the pupil, more than any "
                "objective corrects: lower the depth, the coverslip thickness, the difference of the indices, or the "
                "extent of the grid."
            )
        nodes, weights = scipy.special.roots_legendre(math.ceil(waves / 2 + 4 * waves ** (1 / 3) + 16))
        t = (nodes + 1) * math.pi / 4
        return aperture(t), weights * math.pi / 4 * 2 * width * np.sin(t) * np.cos(t) / self.na**2
