"""Fields of beads whose truth is known, made without the code under test.

The PSF comes from a vectorial pupil by two-dimensional FFTs on pixels twice as fine, a bead from points spread evenly
through a sphere, its place from a phase, a pixel from the sum of four; then Poisson and read noise.
"""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.fft


@dataclass(frozen=True)
class Optics:
    na: float
    wavelength: float
    index: float
    spacing: tuple[float, float, float]
    aberrations: tuple[float, float, float, float]
    """Astigmatism, coma along y and along x, spherical aberration; waves rms."""

    @property
    def settings(self):
        return {
            "na": self.na,
            "wavelength": self.wavelength,
            "n_immersion": self.index,
            "n_sample": max(self.index, 1.33),
        }


OPTICS = {
    "oil": Optics(1.3, 0.52, 1.518, (0.2, 0.1, 0.1), (0.02, 0.015, -0.01, 0.03)),
    "air": Optics(0.95, 0.52, 1.0, (0.3, 0.108, 0.108), (0.015, -0.01, 0.01, 0.02)),
}
BACKGROUND, READ_NOISE = 20.0, 2.0


class Stage:
    """Beads of one diameter under one microscope: a bead at any sub-voxel place, and the truth."""

    def __init__(self, optics: Optics, diameter: float = 0.2) -> None:
        self.optics, self.diameter = optics, diameter
        point = vectorial(optics, planes=61, side=256)[:, 64:192, 64:192]
        steps = (optics.spacing[0], optics.spacing[1] / 2, optics.spacing[2] / 2)
        self.frequencies = [scipy.fft.fftfreq(n) for n in point.shape]
        # a pixel is the middle one of the finer samples and half of each neighbour
        pixel = [1.0, *(0.5 + 0.5 * np.cos(2 * np.pi * f) for f in self.frequencies[1:])]
        self.point = scipy.fft.fftn(point / point.max()) * pixel[1][:, None] * pixel[2]
        waves = [
            np.exp(-2j * np.pi * np.multiply.outer(at, f / step))
            for f, step, at in zip(self.frequencies, steps, points_in_a_sphere(diameter / 2).T, strict=True)
        ]
        planes = np.einsum("jz,jy->zyj", waves[0], waves[1])
        self.spectrum = (self.point * (planes @ waves[2]) / len(waves[0])).astype(np.complex64)
        self.height = self.bead((0.0, 0.0, 0.0)).max()

    def bead(self, offset, spectrum=None):
        """On camera pixels, its centre `offset` voxels from index n // 2."""
        moves = (offset[0], 2 * offset[1], 2 * offset[2])
        phases = [
            np.exp(-2j * np.pi * f * move).astype(np.complex64) for f, move in zip(self.frequencies, moves, strict=True)
        ]
        moved = (
            (self.spectrum if spectrum is None else spectrum)
            * phases[0][:, None, None]
            * phases[1][:, None]
            * phases[2]
        )
        n = moved.shape
        every_second = moved.reshape(n[0], 2, n[1] // 2, 2, n[2] // 2).sum(axis=(1, 3)) / 4
        return scipy.fft.ifftn(every_second).real[8:-8]

    def truth(self, shape):
        """The PSF on the camera's pixels: sum 1, origin at n // 2."""
        voxels = self.bead((0.0, 0.0, 0.0), self.point)
        cut = tuple(slice(n // 2 - m // 2, n // 2 - m // 2 + m) for n, m in zip(voxels.shape, shape, strict=True))
        return voxels[cut] / voxels[cut].sum()


def points_in_a_sphere(radius, shells=5, turns=30):
    """Points of equal weight that fill a sphere evenly, symmetric about its centre."""
    found = []
    for shell in range(shells):
        r = radius * ((shell + 0.5) / shells) ** (1 / 3)
        k = np.arange(turns) + 0.5
        cosine, azimuth = 1 - 2 * k / turns, math.pi * (1 + math.sqrt(5)) * k + shell
        sine = np.sqrt(1 - cosine**2)
        found.append(r * np.stack([cosine, sine * np.sin(azimuth), sine * np.cos(azimuth)], axis=1))
    half = np.concatenate(found)
    return np.concatenate([half, -half])


def vectorial(optics, planes, side):
    """Intensity of freely turning dipoles on pixels of half the camera's, from their fields in the pupil."""
    step = optics.spacing[1] / 2
    f = np.fft.fftfreq(side, step)
    sy, sx = np.meshgrid(f * optics.wavelength, f * optics.wavelength, indexing="ij")
    s = np.hypot(sy, sx)
    # the rim of the aperture is smoothed over a sample, else the pupil would be a staircase
    open_ = np.clip((optics.na - s) / (f[1] * optics.wavelength) + 0.5, 0, 1)
    sine = np.minimum(s / optics.index, 0.999999)
    cosine, phi = np.sqrt(1 - sine**2), np.arctan2(sy, sx)
    rho = np.minimum(s / optics.na, 1)
    astigmatism, coma_y, coma_x, spherical = optics.aberrations
    waves = astigmatism * math.sqrt(6) * rho**2 * np.cos(2 * phi) + spherical * math.sqrt(5) * (
        6 * rho**4 - 6 * rho**2 + 1
    )
    waves += math.sqrt(8) * (3 * rho**3 - 2 * rho) * (coma_y * np.sin(phi) + coma_x * np.cos(phi))
    pupil = open_ / np.sqrt(cosine) * np.exp(2j * np.pi * waves)
    c, d = np.cos(phi), np.sin(phi)
    fields = [
        cosine * c * c + d * d,
        (cosine - 1) * c * d,
        cosine * d * d + c * c,
        -sine * c,
        -sine * d,
    ]
    weights = [1, 2, 1, 1, 1]  # the second stands for E_x of p_y and for E_y of p_x
    volume = np.empty((planes, side, side))
    for at in range(planes):
        z = (at - planes // 2) * optics.spacing[0]
        moved = pupil * np.exp(-2j * np.pi / optics.wavelength * z * optics.index * cosine)
        plane = sum(w * np.abs(np.fft.ifft2(moved * field)) ** 2 for w, field in zip(weights, fields, strict=True))
        volume[at] = np.fft.fftshift(plane)
    return volume


def photographed(signal, seed):
    """Counts of a camera."""
    rng = np.random.default_rng(seed + 1000)
    return (rng.poisson(np.maximum(signal, 0) + BACKGROUND) + rng.normal(0, READ_NOISE, signal.shape)).astype(
        np.float32
    )


def place(field, bead, centre, offset_free):
    """Add a bead array whose centre is index n // 2 at a voxel of the field, as far as it lies within."""
    target, source = [], []
    for at, n, m in zip(centre, field.shape, bead.shape, strict=True):
        first = at - m // 2
        target.append(slice(max(first, 0), min(first + m, n)))
        source.append(slice(max(-first, 0), min(m, n - first)))
    field[tuple(target)] += offset_free * bead[tuple(source)]


def row_of_beads(stage, peak, count, seed, spread=0.12, pitch=5.0):
    """A field of isolated beads: image and true places."""
    rng = np.random.default_rng(seed)
    step = math.ceil(pitch / stage.optics.spacing[2])
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    planes = 2 * math.ceil(4.2 / stage.optics.spacing[0]) + 1
    field, places = np.zeros((planes, (rows + 1) * step, (columns + 1) * step)), []
    for k in range(count):
        site = np.array([planes / 2, (k // columns + 1) * step, (k % columns + 1) * step])
        put(field, stage, site + rng.uniform(-1, 1, 3), peak * math.exp(rng.normal(0, spread)), places)
    return photographed(field, seed), np.array(places)


def put(field, stage, place_, height, places=None):
    whole = np.round(place_).astype(int)
    place(field, stage.bead(place_ - whole), whole, height / stage.height)
    if places is not None:
        places.append(place_)


KINDS = ("too close", "edge", "end of stack", "saturated", "dim", "too wide", "doublet")


def mixed_field(stage, large, peak, seed, good=20, bad=3):
    """Good beads, and `bad` of each of seven kinds: image, places of the good ones, and (kind, place) of the bad
    ones.
    """
    rng = np.random.default_rng(seed)
    dz, dy, dx = stage.optics.spacing
    step, side = math.ceil(5.5 / dx), 7
    planes = 2 * math.ceil(4.2 / dz) + 1
    field = np.zeros((planes, (side + 1) * step, (side + 1) * step))
    sites = [(y + 1, x + 1) for y in range(side) for x in range(side)]
    rng.shuffle(sites)
    fine, wrong = [], []

    def at(site):
        return np.array([planes / 2, site[0] * step, site[1] * step]) + rng.uniform(-2, 2, 3)

    def height():
        return peak * math.exp(rng.normal(0, 0.12))

    for _ in range(good):
        put(field, stage, at(sites.pop()), height(), fine)
    saturated = []
    for _ in range(bad):
        here, turn = at(sites.pop()), rng.uniform(0, 2 * math.pi)
        there = here + np.array([0.0, math.sin(turn) / dy, math.cos(turn) / dx]) * rng.uniform(0.9, 1.4)
        for one in (here, there):
            put(field, stage, one, height())
            wrong.append(("too close", one))
        middle = at(sites.pop())
        middle[1] = rng.uniform(2, 8) if rng.random() < 0.5 else field.shape[1] - rng.uniform(3, 9)
        put(field, stage, middle, height())
        wrong.append(("edge", middle))
        deep = at(sites.pop())
        deep[0] = rng.uniform(1, 4) if rng.random() < 0.5 else planes - rng.uniform(2, 5)
        put(field, stage, deep, height())
        wrong.append(("end of stack", deep))
        bright = at(sites.pop())
        put(field, stage, bright, 4 * height())
        saturated.append(bright)
        wrong.append(("saturated", bright))
        faint = at(sites.pop())
        put(field, stage, faint, 0.1 * height())
        wrong.append(("dim", faint))
        big = at(sites.pop())
        put(field, large, big, height())
        wrong.append(("too wide", big))
        pair, turn = at(sites.pop()), rng.uniform(0, 2 * math.pi)
        apart = np.array([0.0, math.sin(turn) / dy, math.cos(turn) / dx]) * stage.diameter / 2
        for one in (pair + apart, pair - apart):
            put(field, stage, one, height())
        wrong.append(("doublet", pair))
    image = photographed(field, seed)
    return np.minimum(image, 2.4 * peak + BACKGROUND).astype(np.float32), np.array(fine), wrong


class Simulator:
    """What the tests take from here."""

    row_of_beads = staticmethod(row_of_beads)
    mixed_field = staticmethod(mixed_field)
    put = staticmethod(put)
    photographed = staticmethod(photographed)

    def __init__(self):
        self.stages = {}

    def stage(self, optics, diameter=0.2):
        if (optics, diameter) not in self.stages:
            self.stages[optics, diameter] = Stage(OPTICS[optics], diameter)
        return self.stages[optics, diameter]


@pytest.fixture(scope="session")
def simulator():
    return Simulator()
