"""The spinning disk microscope: many pinholes at once, with a camera behind them."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...parameters import param
from ..diffraction.disks import jinc
from ..diffraction.pixels import along_both
from ..microscope import Microscope
from ..models.base import MODELS, Array, Points
from .base import Scanned

FIELD = 14.0
"""Width of the rim in which the field on which the excitation is transformed fades out, in units of λ / NA."""

ROWS = 32
"""Rows of that field that are made at a time."""


@MODELS.register("spinning-disk")
@dataclass(frozen=True)
class SpinningDisk(Scanned):
    """A rotating disk of pinholes illuminates the sample and filters its light: I = h_em · (h_ex ⊗ A) / c.

        (h_ex ⊗ A)(r) = Σ_g |m_g|² H_ex(g) e^{i g·r},   m_g = fill · 2 J₁(|g| a) / (|g| a)

    A is the periodic autocorrelation of the mask of holes of radius a, averaged over the turn of the disk; g are the
    points of its reciprocal lattice, H_ex is the transform of h_ex, and fill the open part of the disk. Light from out
    of focus comes in through neighbouring holes, so the PSF does not fall to zero far from focus. c is what an Airy
    disk would give at the focus, so that 1 is the focus of a scalar model without aberration. Small holes far apart
    give h_ex · h_em, large ones side by side nearly h_em. Lengths are those on the disk over the magnification: 50 µm
    holes 250 µm apart and 100 × make 0.5 and 2.5 µm. Source: Tanaami et al. 2002, doi:10.1364/AO.41.004704; Shimozawa
    et al. 2013, doi:10.1073/pnas.1216696110 (cross-talk of the holes).

    Examples
    --------
    >>> from napari_deconvolution import Grid, Microscope
    >>> axis = SpinningDisk().intensity(Microscope(), Grid(shape=(61, 1, 1), spacing=(0.2, 0.05, 0.05)))[:, 0, 0]
    >>> bool(axis.argmax() == 30)
    True
    """

    hole: float = param(
        0.5, "Diameter of a pinhole, projected into the sample", label="Pinhole diameter", low=0.01, high=100, unit="µm"
    )
    pitch: float = param(
        2.5,
        "Distance between neighbouring pinholes, projected into the sample",
        label="Pinhole spacing",
        low=0.02,
        high=1000,
        unit="µm",
    )
    lattice: Literal["hexagonal", "square"] = param(
        "hexagonal", "Arrangement of the pinholes", label="Pinhole pattern", importance="advanced"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hole > self.pitch:
            raise ValueError(
                f"hole = {self.hole:g} µm with pitch = {self.pitch:g} µm: holes overlap; make the pitch the larger one."
            )

    @property
    def symmetric(self) -> bool:
        """False: the lattice of holes is not."""
        return False

    def points(self, microscope: Microscope, z: Array, radius: float) -> Points:
        """The detection times the Fourier series of the excitation."""
        detected = self.through_objective(microscope, z, radius)
        gy, gx, mask = self._mask(self.detection.band(self.lights(microscope)[0]))
        series = mask[:, :, None] * self._spectrum(microscope, z, gy, gx)
        height = self._height(microscope, np.hypot(gy[:, None], gx), mask)

        def product(y: Array, x: Array) -> Array:
            waves_y, waves_x = (np.exp(1j * np.multiply.outer(at, g)) for at, g in ((y, gy), (x, gx)))
            excited = along_both(series, waves_y.T, waves_x.T).real
            return np.asarray(excited * detected(y, x) / height)

        return product

    def _mask(self, band: float) -> tuple[Array, Array, Array]:
        """Angular frequencies along y and x up to the band limit, and |m_g|²; hexagons as cells of two holes."""
        rise = math.sqrt(3) * self.pitch if self.lattice == "hexagonal" else self.pitch
        holes = 2 if self.lattice == "hexagonal" else 1
        furthest = [int(band * size / (2 * math.pi)) for size in (rise, self.pitch)]
        gy, gx = (
            2 * math.pi / size * np.arange(-n, n + 1, dtype=np.float64)
            for size, n in zip((rise, self.pitch), furthest, strict=True)
        )
        v = np.hypot(gy[:, None], gx) * self.hole / 2
        fill = holes * math.pi * (self.hole / 2) ** 2 / (rise * self.pitch)
        mask = (fill * jinc(v)) ** 2
        if holes == 2:  # the second hole, in the middle of the cell, extinguishes every second frequency
            order = np.add.outer(np.arange(len(gy)) - len(gy) // 2, np.arange(len(gx)) - len(gx) // 2)
            mask = np.where(order % 2 == 0, mask, 0)
        return gy, gx, mask

    def _spectrum(self, microscope: Microscope, z: Array, gy: Array, gx: Array) -> Array:
        """Transform of h_ex in each plane: a sum over the field of the cone of light; the rest is added at g = 0."""
        light = self.lights(microscope)[0]
        band, aperture = self.detection.band(light), light.na_sample
        tangent = aperture / math.sqrt(light.n_immersion**2 - aperture**2)
        furthest = float(np.abs(z - self.detection.best_focus(light)).max())
        flat, rim = 1.5 * furthest * tangent + 2 * light.wavelength / light.na, FIELD * light.wavelength / light.na
        half = math.ceil((flat + rim) * band / math.pi)
        at = np.arange(-half, half + 1, dtype=np.float64) * math.pi / band
        fading = (
            np.cos(np.clip((np.abs(at) - flat) / rim, 0, 1) * math.pi / 2) ** 2
        )  # a sharp end would make waves of its own
        points = self.through_objective(light, z, math.sqrt(2) * float(at[-1]))
        waves_y, waves_x = (fading[:, None] * np.exp(-1j * np.multiply.outer(at, g)) for g in (gy, gx))
        spectrum = np.zeros((len(gy), len(gx), len(z)), np.complex128)
        for row in range(0, len(at), ROWS):
            light_here = points(at[row : row + ROWS], at)
            spectrum += along_both(light_here, waves_y[row : row + ROWS], waves_x)
        spectrum *= (math.pi / band) ** 2
        energy = self.detection.energy(light)
        if energy is not None:
            spectrum[len(gy) // 2, len(gx) // 2] = energy
        return np.asarray(spectrum)

    def _height(self, microscope: Microscope, g: Array, mask: Array) -> float:
        """What an Airy disk for h_ex gives at the focus: the sum of |m_g|² over its transfer function."""
        light = self.lights(microscope)[0]
        q = np.minimum(g * light.wavelength / (4 * math.pi * light.na), 1)
        transfer = 2 / math.pi * (np.arccos(q) - q * np.sqrt(1 - q**2))
        return float(np.sum(mask * transfer)) * light.wavelength**2 / (math.pi * light.na**2)
