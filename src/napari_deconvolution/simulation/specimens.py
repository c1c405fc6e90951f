"""Specimens whose truth is known: drawn in micrometres, so that every grid over the same box shows the same object.

A voxel holds the mean of the fluorophore density over its volume. Four voxels of a grid twice finer in y and x
therefore have the mean of the one they divide. Brightness is about 1 within an object; `acquire` gives it photons.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from ..optics.microscope import Grid
from ..parameters import Parameters, param
from ..registry import Registry

Edges = tuple[NDArray[Any], ...]
"""Where the voxels of a grid begin and end along z, y, x, in µm from the middle of the box."""

MEMBRANE = 0.05
"""Half width in µm of the border of a nucleus: an edge sharper than this could not be drawn alike on two grids."""

SECTION = 1.0
"""Thickness in µm of the section that a grid of two axes shows."""


@dataclass(frozen=True)
class Specimen(Parameters):
    """An object of known shape. Derived classes say what its density is.

    Examples
    --------
    >>> drawn = SPECIMENS["bars"].draw(Grid(shape=(8, 32, 32), spacing=(0.3, 0.1, 0.1)), seed=1)
    >>> drawn.shape, drawn.dtype.name
    ((8, 32, 32), 'float32')
    """

    def draw(self, grid: Grid, seed: int = 0) -> NDArray[np.float32]:
        """Mean density in every voxel of a grid; a grid of two axes shows a section of 1 µm.

        The same seed gives the same object on every grid that covers the same box.
        """
        shape, spacing = (
            (grid.shape, grid.spacing) if len(grid.shape) == 3 else ((1, *grid.shape), (SECTION, *grid.spacing))
        )
        edges = tuple((np.arange(n + 1) - n / 2) * step for n, step in zip(shape, spacing, strict=True))
        return self.density(edges, np.random.default_rng(seed)).reshape(grid.shape).astype(np.float32)

    def density(self, edges: Edges, rng: np.random.Generator) -> NDArray[Any]:
        """Mean density in z, y, x between the edges."""
        raise NotImplementedError


SPECIMENS: Registry[Specimen] = Registry(Specimen, "specimen")


@SPECIMENS.register("filaments")
@dataclass(frozen=True)
class Filaments(Specimen):
    """Curved threads, like microtubules, all through the box: worm-like chains with a Gaussian cross-section.

    Along a chain the direction turns by normal angles of variance ds / persistence.
    Source: Kratky & Porod 1949, doi:10.1002/recl.19490681203.
    """

    threads: float = param(
        25.0, "Number of filaments per 100 µm² of the field", label="Filaments per 100 µm²", low=0.01, high=1e3
    )
    length: float = param(15.0, "Length of a filament", label="Filament length", low=0.1, high=1e3, unit="µm")
    width: float = param(
        0.1, "Full width at half maximum of a filament", label="Filament width", low=0.02, high=5, unit="µm"
    )
    persistence: float = param(
        20.0,
        "Length over which a filament keeps its direction",
        label="Persistence length",
        importance="advanced",
        low=0.1,
        high=1e4,
        unit="µm",
    )

    def density(self, edges: Edges, rng: np.random.Generator) -> NDArray[Any]:
        box = np.array([2 * edge[-1] for edge in edges])
        count = max(1, round(self.threads * box[1] * box[2] / 100))
        sigma = self.width / math.sqrt(8 * math.log(2))
        links = math.ceil(self.length / (0.75 * sigma))  # at this distance a row of Gaussians is even to 1e-4
        link = self.length / links
        turns = rng.normal(0.0, math.sqrt(link / self.persistence), (2, count, links)).cumsum(axis=2)
        azimuth = rng.uniform(0, 2 * math.pi, (count, 1)) + turns[0]
        tilt = rng.normal(0.0, 0.2, (count, 1)) + 0.5 * turns[1]
        steps = np.stack([np.sin(tilt), np.cos(tilt) * np.sin(azimuth), np.cos(tilt) * np.cos(azimuth)], axis=2) * link
        points = steps.cumsum(axis=1)
        points += rng.uniform(-box / 2, box / 2, (count, 3))[:, None] - points[:, links // 2, None]
        weight = link * 2 * math.pi * sigma**2  # gives a straight thread the density 1 on its axis
        return _blobs(edges, points.reshape(-1, 3), sigma, weight)


@SPECIMENS.register("beads")
@dataclass(frozen=True)
class Beads(Specimen):
    """Evenly filled spheres at random places, like fluorescent beads."""

    concentration: float = param(20.0, "Number of beads per 1000 µm³", label="Beads per 1000 µm³", low=0.01, high=1e5)
    diameter: float = param(0.2, "Diameter of a bead", label="Bead diameter", low=0.02, high=50, unit="µm")

    def density(self, edges: Edges, rng: np.random.Generator) -> NDArray[Any]:
        box = np.array([2 * edge[-1] for edge in edges])
        count = max(1, round(self.concentration * box.prod() / 1000))
        drawn = np.zeros([edge.size - 1 for edge in edges])
        for centre in rng.uniform(-box / 2, box / 2, (count, 3)):
            _sphere(drawn, edges, centre, self.diameter / 2)
        return drawn


@SPECIMENS.register("nucleus")
@dataclass(frozen=True)
class Nucleus(Specimen):
    """An ellipsoid with a grainy texture on an even pedestal, like a stained nucleus in a dim cell.

    The logarithm of the texture is a sum of plane waves of random direction and phase: a Gaussian random field.
    """

    width: float = param(
        9.0,
        "Longest diameter; the other lateral one is three quarters of it",
        label="Nucleus width",
        low=0.5,
        high=40,
        unit="µm",
    )
    thickness: float = param(5.0, "Diameter along z", label="Nucleus thickness", low=0.5, high=40, unit="µm")
    grain: float = param(
        0.7,
        "Shortest wavelength of the texture",
        label="Texture grain size",
        importance="advanced",
        low=0.1,
        high=20,
        unit="µm",
    )
    roughness: float = param(
        0.5,
        "Standard deviation of the logarithm of the texture",
        label="Texture contrast",
        importance="advanced",
        low=0,
        high=2,
    )
    pedestal: float = param(
        0.05, "Density outside the nucleus", label="Density outside", importance="advanced", low=0, high=1
    )

    def density(self, edges: Edges, rng: np.random.Generator) -> NDArray[Any]:
        half = np.array([self.thickness, self.width, 0.75 * self.width]) / 2
        drawn = np.full([edge.size - 1 for edge in edges], self.pedestal)
        within = tuple(_reach(edge, 0.0, h + 8 * MEMBRANE) for edge, h in zip(edges, half, strict=True))
        fine = [
            _subdivide(edge[part.start : part.stop + 1], MEMBRANE) for edge, part in zip(edges, within, strict=True)
        ]
        z, y, x = np.ix_(*(middle for middle, _ in fine))
        radius = np.sqrt((z / half[0]) ** 2 + (y / half[1]) ** 2 + (x / half[2]) ** 2)
        inside = 0.5 * erf((1 - radius) * half.min() / MEMBRANE) + 0.5
        texture = np.exp(
            self.roughness * _plane_waves([middle for middle, _ in fine], self.grain, rng) - self.roughness**2 / 2
        )
        drawn[within] += (1 - self.pedestal) * binned(inside * texture, [parts for _, parts in fine])
        return drawn


@SPECIMENS.register("bars")
@dataclass(frozen=True)
class Bars(Specimen):
    """Hollow square bars that run through the box along y, each at a random depth: walls around a dark lumen."""

    width: float = param(1.2, "Outer width of a bar", label="Bar width", low=0.1, high=100, unit="µm")
    wall: float = param(0.25, "Wall thickness of a bar", label="Wall thickness", low=0.01, high=50, unit="µm")
    distance: float = param(2.4, "Distance between bars along x", label="Bar spacing", low=0.1, high=200, unit="µm")
    spread: float = param(
        4.0,
        "Thickness of the layer in which the bars lie",
        label="Layer thickness",
        importance="advanced",
        low=0,
        high=1e3,
        unit="µm",
    )

    def density(self, edges: Edges, rng: np.random.Generator) -> NDArray[Any]:
        z, _, x = edges
        drawn = np.zeros([edge.size - 1 for edge in edges])
        number = max(1, int(2 * x[-1] / self.distance))
        depths = rng.uniform(-0.5, 0.5, number) * min(self.spread, max(0.0, 2 * z[-1] - self.width))
        for at, depth in enumerate(depths):
            across = (at - (number - 1) / 2) * self.distance
            outer = np.outer(_overlap(z, depth, self.width), _overlap(x, across, self.width))
            lumen = max(0.0, self.width - 2 * self.wall)
            outer -= np.outer(_overlap(z, depth, lumen), _overlap(x, across, lumen))
            drawn += outer[:, None, :]
        return drawn


@SPECIMENS.register("chirp", "Chirped stripes")
@dataclass(frozen=True)
class Chirp(Specimen):
    """A sheet of stripes whose period shrinks along x in equal ratios; the density goes from 0 to 1 at every period.

    The contrast that is left in an image at a period is the transfer of whatever made the image.
    """

    coarsest: float = param(
        2.0, "Period at the left edge of the field", label="Coarsest period", low=0.02, high=1e3, unit="µm"
    )
    finest: float = param(
        0.2, "Period at the right edge of the field", label="Finest period", low=0.02, high=1e3, unit="µm"
    )
    thickness: float = param(
        0.6, "Thickness of the sheet", label="Sheet thickness", importance="advanced", low=0.01, high=1e3, unit="µm"
    )

    def density(self, edges: Edges, rng: np.random.Generator) -> NDArray[Any]:
        z, y, x = edges
        middles, parts = _subdivide(x, min(self.finest, self.coarsest) / 20)
        ratio = math.log(self.finest / self.coarsest) / (2 * x[-1])
        run = middles - x[0]
        cycles = (-np.expm1(-ratio * run) / ratio if ratio else run) / self.coarsest  # the integral of 1 / period
        stripes = binned(0.5 - 0.5 * np.cos(2 * math.pi * cycles), [parts])
        return np.broadcast_to(
            _overlap(z, 0.0, self.thickness)[:, None, None] * stripes, (z.size - 1, y.size - 1, x.size - 1)
        )


def _blobs(edges: Edges, centres: NDArray[Any], sigma: float, weight: float) -> NDArray[Any]:
    """Isotropic Gaussians of the given integral, each averaged over every voxel exactly."""
    drawn = np.zeros([edge.size - 1 for edge in edges])
    for some in np.array_split(centres, max(1, len(centres) // 4096)):
        places, means = [], []
        for edge, centre in zip(edges, some.T, strict=True):
            step = edge[1] - edge[0]
            first = np.floor((centre - 4 * sigma - edge[0]) / step).astype(int)
            place = first[:, None] + np.arange(math.ceil(8 * sigma / step) + 2)
            share = (
                np.diff(0.5 * erf((edge[0] + place * step - centre[:, None]) / (math.sqrt(2) * sigma)), axis=1) / step
            )
            place = place[:, :-1]
            outside = (place < 0) | (place >= edge.size - 1)
            places.append(np.where(outside, 0, place))
            means.append(np.where(outside, 0.0, share))
        values = weight * np.einsum("ka,kb,kc->kabc", *means)
        np.add.at(
            drawn, (places[0][:, :, None, None], places[1][:, None, :, None], places[2][:, None, None, :]), values
        )
    return drawn


def _sphere(drawn: NDArray[Any], edges: Edges, centre: NDArray[Any], radius: float) -> None:
    """Add a sphere of density 1; voxels on its border get the share of them that it fills."""
    part = radius / 12
    within = tuple(_reach(edge, c, radius + part) for edge, c in zip(edges, centre, strict=True))
    fine = [_subdivide(edge[at.start : at.stop + 1], part) for edge, at in zip(edges, within, strict=True)]
    z, y, x = np.ix_(*(middle - c for (middle, _), c in zip(fine, centre, strict=True)))
    inside = np.clip((radius - np.sqrt(z**2 + y**2 + x**2)) / part + 0.5, 0, 1)
    drawn[within] += binned(inside, [parts for _, parts in fine])


def _plane_waves(axes: list[NDArray[Any]], shortest: float, rng: np.random.Generator) -> NDArray[Any]:
    """Plane waves in all directions, of mean 0 and variance 1; wavelengths from `shortest` to three times that."""
    number = 96
    direction = rng.normal(size=(number, 3))
    direction *= (
        2 * math.pi / (shortest * rng.uniform(1, 3, (number, 1)) * np.linalg.norm(direction, axis=1, keepdims=True))
    )
    z, y, x = (np.exp(1j * np.outer(axis, direction[:, at])) for at, axis in enumerate(axes))
    z = z * np.exp(2j * math.pi * rng.uniform(size=number))
    planes = np.einsum("zk,yk->zyk", z, y).reshape(-1, number)
    waves: NDArray[Any] = (planes @ x.T).real.reshape(len(z), len(y), len(x)) * math.sqrt(2 / number)
    return waves


def _overlap(edge: NDArray[Any], centre: float, width: float) -> NDArray[Any]:
    """The share of every voxel that lies within an interval."""
    within: NDArray[Any] = np.diff(np.clip(edge, centre - width / 2, centre + width / 2)) / (edge[1] - edge[0])
    return within


def _reach(edge: NDArray[Any], centre: float, radius: float) -> slice:
    """The voxels that an interval touches; at least one."""
    first, last = np.searchsorted(edge, (centre - radius, centre + radius))
    start = min(max(int(first) - 1, 0), edge.size - 2)
    return slice(start, max(min(int(last), edge.size - 1), start + 1))


def _subdivide(edge: NDArray[Any], largest: float) -> tuple[NDArray[Any], int]:
    """Middles of equal parts of the voxels, no larger than asked for, and how many there are in a voxel."""
    step = edge[1] - edge[0]
    parts = max(1, math.ceil(step / largest))
    return edge[0] + (np.arange((edge.size - 1) * parts) + 0.5) * (step / parts), parts


def binned(samples: NDArray[Any], parts: Sequence[int]) -> NDArray[Any]:
    """Mean over blocks of that many samples along each axis."""
    blocks = [number for size, part in zip(samples.shape, parts, strict=True) for number in (size // part, part)]
    mean: NDArray[Any] = samples.reshape(blocks).mean(axis=tuple(range(1, 2 * samples.ndim, 2)))
    return mean
