"""An image made ready for an algorithm: data, forward model, what is left out, and where to begin."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, chunks
from .camera.camera import Camera
from .camera.defects import filled
from .camera.photon_splitting import split
from .forward.base import Forward
from .forward.exposed import Exposed
from .forward.masked import Mask, Masked
from .forward.periodic import Spectral
from .methods.base import Algorithm


@dataclass(frozen=True, eq=False)
class Problem:
    """What an algorithm is to solve. Parts of the image, and parts of its photons, are problems of the same kind."""

    image: np.ndarray
    """What the camera gave."""
    psf: Array
    camera: Camera
    algorithm: Algorithm
    boundary: str
    spacing: tuple[float, ...] | None
    threads: int
    mask: Mask | None = None
    """Voxels to leave out."""
    exposure: NDArray[np.float32] | None = None
    """Brightness of the planes of a stack; None where they are lit alike."""
    dark: float = 0.0
    """Counts above the offset that carry no shot noise."""
    start: Array | None = None
    """The estimate to begin with, on the grid of the image; None for a flat one."""
    kept: dict[str, Any] | None = None
    """Where the OTF is kept for further images of the same shape, and found if it is there; None to keep nothing."""

    @cached_property
    def _expected(self) -> tuple[Array, float]:
        return self.camera.expected(self.image, self.algorithm.needs_counts)

    @cached_property
    def H(self) -> Forward:
        """The forward model, without the voxels to leave out."""
        about: dict[str, Any] = {"background": self._expected[1], "spacing": self.spacing, "threads": self.threads}
        kept: dict[str, Any] = {} if self.kept is None else self.kept
        H = self.algorithm.forward_model(self.psf, self.image.shape, self.boundary, **about, otf=kept.get("otf"))
        kept["otf"] = H.otf
        H.gain = self.camera.known.gain
        if isinstance(H, Spectral):
            return H
        lit = H if self.exposure is None else Exposed(H, self.exposure)
        return lit if self.mask is None else Masked(lit, self.mask)

    @cached_property
    def y(self) -> Array:
        """The data as H takes them."""
        return self.placed(self._expected[0])

    def placed(self, light: Array) -> Array:
        """Other data on the image's grid, background included, as H takes them."""
        if isinstance(self.H, Spectral):
            if self.mask is not None:
                light = filled(light, self.mask)
            if self.exposure is not None:
                light = (light - self.H.background) / self.exposure[:, None, None] + self.H.background
        return self.H.place(light)

    def begin(self, y: Array) -> Array:
        """The estimate to begin with, for data as H takes them."""
        H = self.H
        level = np.float32(max(float(y.mean(dtype=np.float64)) - H.background, 1e-6 * float(y.max())))
        x, least = np.empty(H.shape, np.float32), 0.01 * H.weight.max()
        for values, weight in chunks(x, H.weight):
            values[:] = np.where(weight > least, level, np.float32(0))
        if self.start is not None:
            # What is exactly zero would stay so under a multiplicative update.
            x[H.inside] = np.maximum(self.start, 1e-3 * level) if self.algorithm.positive else self.start
        return x

    @property
    def work(self) -> int:
        """Voxels of the estimate: in proportion to the time of an update."""
        shape = self.algorithm.forward_model.work(self.image.shape, self.psf.shape, self.boundary, False, self.threads).shape
        return int(np.prod(shape))

    @property
    def samples(self) -> int:
        """How many data count."""
        return int(np.prod(self.H.data_shape)) - (0 if self.mask is None or isinstance(self.H, Spectral) else int(self.mask.sum()))

    def part(self, region: tuple[slice, ...]) -> "Problem":
        """The same of a part of the image."""
        if all(at.stop - at.start == n for at, n in zip(region, self.image.shape, strict=True)):
            return self
        exposure = None if self.exposure is None else self.exposure[region[0]]
        mask = self.mask[region] if self.mask is not None and self.mask[region].any() else None
        return replace(
            self,
            image=self.image[region],
            mask=mask,
            exposure=exposure,
            kept=None,
            start=None if self.start is None else self.start[region],
        )

    def divided(self, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
        """Two images of independent photons, `share` of them and the rest, each in units of the whole and background included."""
        offset, _, gain, read_noise = self.camera.known
        electrons = (self.image.astype(np.float32) - np.float32(offset + self.dark)) * np.float32(gain)
        shift = np.float32(self.dark + read_noise**2 / gain)
        parts = split(electrons, read_noise, share, rng)
        first, second = (part / np.float32(s * gain) + shift for part, s in zip(parts, (share, 1 - share), strict=True))
        return first, second

    def counted(self, light: Array) -> Array:
        """Light as the algorithm takes it: not below zero, if it counts."""
        return np.maximum(light, 0) if self.algorithm.needs_counts else light
