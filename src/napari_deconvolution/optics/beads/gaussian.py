"""The Gaussian that fits a bead: where it is, how high, how wide, how round."""

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

TO_FWHM = math.sqrt(8 * math.log(2))


@dataclass(frozen=True, eq=False)
class GaussianFit:
    """A Gaussian on a constant, its lateral section an ellipse at any angle."""

    position: tuple[float, float, float]
    """z, y, x in voxels of the image."""
    height: float
    floor: float
    axial: float
    """Standard deviation along z, µm."""
    lateral: Array
    """Covariance along y and x, µm²."""

    @property
    def light(self) -> float:
        """Its integral, in counts · µm³."""
        return self.height * self.axial * math.sqrt(float(np.linalg.det(self.lateral))) * (2 * math.pi) ** 1.5

    @property
    def widths(self) -> tuple[float, float, float]:
        """Full width at half maximum along z, y, x in µm, of the projections."""
        y, x = (TO_FWHM * math.sqrt(float(self.lateral[k, k])) for k in (0, 1))
        return TO_FWHM * self.axial, y, x

    @property
    def elongation(self) -> float:
        """Longest over shortest lateral width."""
        shortest, longest = np.linalg.eigvalsh(self.lateral)
        return math.sqrt(float(longest / shortest))


def fit_gaussian(
    image: NDArray, at: tuple[int, ...], reach: tuple[int, ...], spacing: tuple[float, ...], widths: tuple[float, ...]
) -> GaussianFit | None:
    """Fit a Gaussian to the voxels about one; None where there is none.

    Parameters
    ----------
    image
        The volume.
    at
        The brightest voxel.
    reach
        How many voxels are fitted on each side of it; those beyond the border are left out.
    spacing
        Along z, y, x, µm.
    widths
        Expected full width at half maximum along z, y, x, µm.
    """
    part = tuple(slice(max(0, c - r), c + r + 1) for c, r in zip(at, reach, strict=True))
    values = image[part].astype(np.float64)
    z, y, x = np.meshgrid(
        *(
            (np.arange(s.start, s.start + n) - c) * step
            for s, n, c, step in zip(part, values.shape, at, spacing, strict=True)
        ),
        indexing="ij",
    )
    floor, top = float(np.percentile(values, 10)), float(values.max())
    if not top > floor:
        return None
    data = (values - floor) / (top - floor)
    start = [1.0, 0.0, 0.0, 0.0, 0.0, *(TO_FWHM / width for width in widths), 0.0]

    def residual(guess: Array) -> Array:
        return np.asarray((_shape(guess, z, y, x) - data).ravel())

    def slopes(guess: Array) -> Array:
        return _slopes(guess, z, y, x)

    found = scipy.optimize.least_squares(residual, start, jac=slopes, method="lm", max_nfev=100)
    height, base, cz, cy, cx, rz, ry, rx, turn = found.x
    inside = all(abs(c) <= (r + 0.5) * step for c, r, step in zip((cz, cy, cx), reach, spacing, strict=True))
    if not inside or height <= 0 or not np.isfinite(found.x).all() or min(abs(rz), abs(ry), abs(rx)) < 1e-3:
        return None
    root = np.array([[ry, turn], [0.0, rx]])  # the precision is rootᵀ root: never negative
    lateral = np.linalg.inv(root.T @ root)
    pz, py, px = (float(c + move / step) for c, move, step in zip(at, (cz, cy, cx), spacing, strict=True))
    scale = top - floor
    return GaussianFit((pz, py, px), height * scale, floor + base * scale, 1 / abs(rz), lateral)


def _shape(guess: Array, z: Array, y: Array, x: Array) -> Array:
    height, base, cz, cy, cx, rz, ry, rx, turn = guess
    along, across, beside = rz * (z - cz), ry * (y - cy) + turn * (x - cx), rx * (x - cx)
    return np.asarray(base + height * np.exp(-(along**2 + across**2 + beside**2) / 2))


def _slopes(guess: Array, z: Array, y: Array, x: Array) -> Array:
    height, _, cz, cy, cx, rz, ry, rx, turn = guess
    dz, dy, dx = z - cz, y - cy, x - cx
    along, across, beside = rz * dz, ry * dy + turn * dx, rx * dx
    bell = np.exp(-(along**2 + across**2 + beside**2) / 2)
    body = height * bell
    columns = [
        bell,
        np.ones_like(bell),
        body * along * rz,
        body * across * ry,
        body * (across * turn + beside * rx),
        -body * along * dz,
        -body * across * dy,
        -body * beside * dx,
        -body * across * dx,
    ]
    return np.stack([column.ravel() for column in columns], axis=1)
