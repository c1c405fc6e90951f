"""An image made ready for an algorithm: data, forward model, what is left out, and where to begin."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, chunks
from .camera.camera import Camera
from .camera.defects import filled
from .camera.photon_splitting import split
from .forward.base import Forward
from .forward.exposed import Exposed
from .forward.formation import ImageFormation, Region
from .forward.masked import Mask, Masked
from .methods.base import Algorithm


@dataclass(frozen=True, eq=False)
class Problem:
    """What an algorithm is to solve. Parts of the image, and parts of its photons, are problems of the same kind."""

    image: np.ndarray
    """What the camera gave."""
    formation: ImageFormation
    camera: Camera
    algorithm: Algorithm
    boundary: str = "open"
    spacing: tuple[float, ...] | None = None
    threads: int = 0
    mask: Mask | None = None
    """Voxels to leave out."""
    exposure: NDArray[np.float32] | None = None
    """Brightness of the planes of a stack; None where they are lit alike."""
    dark: float = 0.0
    """Counts above the offset that carry no shot noise."""
    start: Array | None = None
    """The estimate to begin with, on the field; None for a flat one."""
    level: float | None = None
    """Height of a flat one, if it is not the mean of the data: of all parts of an image the same."""

    @cached_property
    def _expected(self) -> tuple[Array, float]:
        return self.camera.expected(self.image, self.algorithm.needs_counts)

    @cached_property
    def H(self) -> Forward:
        """The forward model, without the voxels to leave out."""
        H = self.formation.model(
            self.image.shape,
            self.boundary,
            diagonal=self.algorithm.needs_diagonal,
            background=self._expected[1],
            gain=self.camera.known.gain,
            spacing=self.spacing,
            threads=self.threads,
        )
        if self.algorithm.needs_diagonal:
            return H
        lit = H if self.exposure is None else Exposed(H, self.exposure)
        return lit if self.mask is None else Masked(lit, self.mask)

    @cached_property
    def y(self) -> Array:
        """The data as H takes them."""
        return self.placed(self._expected[0])

    def placed(self, light: Array) -> Array:
        """Other data on the image's grid, background included, as H takes them."""
        if self.algorithm.needs_diagonal:  # such a model has no place for them
            if self.mask is not None:
                light = filled(light, self.mask)
            if self.exposure is not None:
                light = (light - self.H.background) / self.exposure[:, None, None] + self.H.background
        return self.H.place(light)

    def begin(self, y: Array) -> Array:
        """The estimate to begin with, for data as H takes them."""
        H = self.H
        mean = float(y.mean(dtype=np.float64)) - H.background if self.level is None else self.level
        level = np.float32(max(mean, 1e-6 * float(y.max())))
        x, least = np.empty(H.shape, np.float32), 0.01 * H.weight.max()
        for values, weight in chunks(x, H.weight):
            values[:] = np.where(weight > least, level, np.float32(0))
        if self.start is not None:
            # What is exactly zero would stay so under a multiplicative update.
            x[H.inside] = np.maximum(self.start, 1e-3 * level) if self.algorithm.positive else self.start
        return x

    def part(self, region: Region) -> "Problem":
        """The same of a part of the field."""
        formation = self.formation
        if all(at.stop - at.start == n for at, n in zip(region, formation.field(self.image.shape), strict=True)):
            return self
        mask = None if self.mask is None else formation.cut(self.mask, region)
        return replace(
            self,
            image=formation.cut(self.image, region),
            formation=formation.part(region),
            exposure=None if self.exposure is None else self.exposure[region[0]],
            mask=mask if mask is not None and mask.any() else None,
            start=None if self.start is None else self.start[region],
        )

    def divided(self, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
        """Two images of independent photons, `share` of them and the rest, each in units of the whole and background
        included.
        """
        offset, _, gain, read_noise = self.camera.known
        electrons = (self.image.astype(np.float32) - np.float32(offset + self.dark)) * np.float32(gain)
        shift = np.float32(self.dark + read_noise**2 / gain)
        parts = split(electrons, read_noise, share, rng)
        first, second = (part / np.float32(s * gain) + shift for part, s in zip(parts, (share, 1 - share), strict=True))
        return first, second

    def counted(self, light: Array) -> Array:
        """Light as the algorithm takes it: not below zero, if it counts."""
        return np.maximum(light, 0) if self.algorithm.needs_counts else light
