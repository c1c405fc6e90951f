"""The radially symmetric pupil and its diffraction integral."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import j0, roots_legendre

Array = NDArray[np.float64]

HELD = 2**22
"""Values of the Bessel function held at a time."""


@dataclass(frozen=True)
class Pupil:
    """An evenly filled, radially symmetric pupil: what a ray of aperture s = n sin θ meets on its way.

        A(r, z) = (2 / NA²) ∫₀^edge exp(i k [path(s) − z travel(s)]) J₀(k s r) s ds,   k = 2π / λ

    The amplitude is 1 at the focus of a pupil without aberration that is filled to NA. In every plane the intensity then integrates
    to λ² edge² / (π NA⁴), whatever the path (Parseval).

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

    Examples
    --------
    >>> lens = Pupil(0.5, 0.8, 0.8, path=np.zeros_like, travel=lambda s: np.sqrt(1 - s**2))
    >>> round(abs(lens.amplitude(np.zeros(1), np.zeros(1))).item(), 9)
    1.0
    """

    wavelength: float
    na: float
    edge: float
    path: Callable[[Array], Array]
    travel: Callable[[Array], Array]

    @property
    def wavenumber(self) -> float:
        """2π / λ in radians per µm."""
        return 2 * math.pi / self.wavelength

    def amplitude(self, radii: Array, z: Array) -> NDArray[np.complex128]:
        """The amplitude at every radius (rows) and stage position (columns), both in µm, to 1e-8 of the unaberrated focus."""
        s, weight = self._rays(float(np.max(radii)), z)
        waves = weight[:, None] * np.exp(1j * self.wavenumber * (self.path(s)[:, None] - self.travel(s)[:, None] * z))
        lines, rows = waves.view(np.float64), max(1, HELD // len(s))
        parts = [j0(self.wavenumber * np.multiply.outer(radii[at : at + rows], s)) @ lines for at in range(0, len(radii), rows)]
        return np.concatenate(parts).view(np.complex128)

    def best_focus(self) -> float:
        """The stage position in µm where the intensity on the axis is greatest.

        Every zone of the pupil has a focus of its own; the maximum is sought between the first and the last of them. The outermost
        6 % of the pupil's area is left out there: near the critical angle its rays focus at infinity, and are too few to make a maximum.
        """
        t = np.linspace(0, math.asin(0.97), 201)[1:]
        s = self.edge * np.sin(t)
        focus = np.gradient(self.path(s), t) / np.gradient(self.travel(s), t)
        centre, rim = self.travel(np.array([0.0, self.edge]))
        lobe = self.wavelength / (centre - rim)
        z = np.arange(focus.min() - lobe, focus.max() + lobe, lobe / 16)
        on_axis = self._on_axis(z)
        inner = on_axis[1:-1]
        peaks = 1 + np.flatnonzero((inner >= on_axis[:-2]) & (inner >= on_axis[2:]) & (inner > 0.95 * inner.max()))
        found = [self._refine(z[peak], lobe / 16) for peak in peaks]
        return max(found)[1]

    def _on_axis(self, z: Array) -> Array:
        """Intensity on the axis at equally spaced positions, turning the waves by one step after another to hold one plane only."""
        s, weight = self._rays(0.0, z)
        waves = weight * np.exp(1j * self.wavenumber * (self.path(s) - z[0] * self.travel(s)))
        turn = np.exp(-1j * self.wavenumber * (z[1] - z[0]) * self.travel(s))
        amplitude = np.empty(len(z), np.complex128)
        for plane in range(len(z)):
            amplitude[plane] = waves.sum()
            waves *= turn
        return np.abs(amplitude) ** 2

    def _refine(self, z: float, reach: float) -> tuple[float, float]:
        """The intensity and the place of the maximum near z."""
        s, weight = self._rays(0.0, np.array([z - reach, z + reach]))
        waves, turn = weight * np.exp(1j * self.wavenumber * self.path(s)), -1j * self.wavenumber * self.travel(s)
        found = minimize_scalar(
            lambda at: -(abs(np.sum(waves * np.exp(turn * at))) ** 2),
            bounds=(z - reach, z + reach),
            method="bounded",
            options={"xatol": 1e-7 * reach},
        )
        return -float(found.fun), float(found.x)

    def _rays(self, radius: float, z: Array) -> tuple[Array, Array]:
        """Nodes and weights of a Gauss–Legendre rule fine enough up to this radius and for all of these stage positions.

        With s = edge sin t the square roots of the layers stay smooth where the edge meets the index of a layer. A wave of at most Ω
        radians to either side of the middle has Legendre coefficients that fall off beyond order Ω + O(Ω^⅓), and N nodes are exact to
        order 2N − 1.
        """
        t = np.linspace(0, math.pi / 2, 513)
        s = self.edge * np.sin(t)
        path, travel = np.gradient(self.path(s), t), np.gradient(self.travel(s), t)
        slope = np.maximum(abs(path - np.min(z) * travel), abs(path - np.max(z) * travel)) + radius * self.edge * np.cos(t)
        waves = self.wavenumber * float(slope.max()) * math.pi / 4
        nodes, weights = roots_legendre(math.ceil(waves / 2 + 4 * waves ** (1 / 3) + 16))
        t = (nodes + 1) * math.pi / 4
        s = self.edge * np.sin(t)
        return s, weights * math.pi / 4 * 2 * s * self.edge * np.cos(t) / self.na**2
