"""Diffraction by a pupil without axial symmetry: a sum over the orders of its azimuthal Fourier series."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from .pupil import HELD, Pupil
from .radial_table import LAGRANGE, by_rows, interpolation, table_step

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Orders = Mapping[int, Complex]
"""By the order m, what each component of the light (rows) has of exp(i m θ) at each ray (columns)."""


@dataclass(frozen=True)
class Harmonics:
    """A pupil whose filling is known by its azimuthal orders.

        A(r, φ, z) = Σ_m i^m e^{imφ} (2 / NA²) ∫ filling_m(s) exp(i k [path(s) − z travel(s)]) J_m(k s r) s ds

    Parameters
    ----------
    pupil
        The part that is symmetric about the axis.
    orders
        The filling at given rays.
    """

    pupil: Pupil
    orders: Callable[[Array], Orders]

    def intensity(self, z: Array, radius: float, accuracy: float) -> Callable[[Array, Array], Array]:
        """A function of y and x, in µm and up to this radius: Σ |A|² over the components, of shape (y, x, z)."""
        s, waves = self.pupil.waves(radius, z)
        orders = self.orders(s)
        edge = max(self.pupil.edge, self.pupil.evanescent)
        step = table_step(self.pupil.wavenumber * edge, accuracy / (4 * math.sqrt(len(orders))))
        radii = step * np.arange(math.ceil(radius / step) + len(LAGRANGE), dtype=np.float64)
        tables = self._tables(radii, s, waves, orders)
        components = len(next(iter(orders.values())))

        def some(y: Array, x: Array) -> Array:
            distance, turn = np.hypot(y[:, None], x).ravel(), np.exp(1j * np.arctan2(y[:, None], x).ravel())
            even, odd = (interpolation(distance, step, len(radii), odd=odd) for odd in (False, True))
            field = np.zeros((len(distance), components * len(z)), np.complex128)
            for m, table in tables.items():
                part = ((odd if m % 2 else even) @ table.view(np.float64)).view(np.complex128)
                part *= (turn**m)[:, None]
                field += part
            light = field.real**2 + field.imag**2
            return np.asarray(light.reshape(len(y), len(x), components, len(z)).sum(axis=2))

        return by_rows(some, len(z))

    def _tables(self, radii: Array, s: Array, waves: Complex, orders: Orders) -> dict[int, Complex]:
        """For each order one row a radius; the columns are components times stage positions."""
        tables = {
            m: np.empty((len(radii), len(filling) * waves.shape[1]), np.complex128) for m, filling in orders.items()
        }
        rows = max(1, HELD // len(s))
        for at in range(0, len(radii), rows):
            v = self.pupil.wavenumber * np.multiply.outer(radii[at : at + rows], s)
            for order, bessel in enumerate(bessel_functions(v, max(map(abs, orders)))):
                for m in {order, -order} & orders.keys():
                    factor = 1j**m * ((-1) ** order if m < 0 else 1)
                    filled = np.ascontiguousarray(
                        (factor * orders[m].T[:, :, None] * waves[:, None, :]).reshape(len(s), -1)
                    )
                    tables[m][at : at + rows] = (bessel @ filled.view(np.float64)).view(np.complex128)
        return tables


def bessel_functions(v: Array, highest: int) -> Iterator[Array]:
    """Bessel functions J₀, J₁ ... by upward recurrence, which is stable while the order is below the argument.

    >>> [round(float(j[0]), 6) for j in bessel_functions(np.array([3.0]), 3)]
    [-0.260052, 0.339059, 0.486091, 0.309063]
    """
    before, now = scipy.special.j0(v), scipy.special.j1(v)
    yield from (before, now)[: highest + 1]
    for order in range(2, highest + 1):
        small = v < order
        before, now = now, 2 * (order - 1) / np.where(small, 1, v) * now - before
        now[small] = scipy.special.jv(order, v[small])
        yield now
