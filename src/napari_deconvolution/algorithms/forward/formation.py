"""The image formation: how a specimen became data, and all that is asked of a microscope beside H itself."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...fourier import transfer
from ..camera.region import brightest, part_shape
from .base import Forward
from .blur import Blur, is_symmetric
from .padding import Layout, Work, reach
from .periodic import Spectral

Region = tuple[slice, ...]
"""A part of the field, along its axes."""
Shape = tuple[int, ...]

UNKNOWN_POWER = "the forward model does not tell which frequencies it passes"
"""Then held-out photons cannot judge, and noise cannot be told from light."""


class ImageFormation:
    """How a specimen became data: it builds H, and answers what noise, defects, stops, previews and memory ask.

    One's own needs `model` alone; what it does not answer is then done without, and the record says so. The *field* is
    the grid of the specimen on which the result is given. Unless `cut` and its like say otherwise, its axes are the
    last ones of the data, so that several images of one field are one array with an axis more.

    `StationaryPsf` is the usual one.
    """

    dimensions: tuple[int, ...] = ()
    """Numbers of axes that data may have; empty for any."""

    @property
    def name(self) -> str:
        """What to call it."""
        return type(self).__name__

    @property
    def diagonal(self) -> bool:
        """A direct filter may use it: `model` can build an H that multiplies frequencies."""
        return False

    @property
    def reach(self) -> tuple[tuple[int, int], ...]:
        """How many voxels light is carried into a voxel from before and from after it, along each axis of the field."""
        raise NotImplementedError

    @property
    def steepest(self) -> float:
        """How many times brighter than its lateral neighbours the light can make a voxel; infinite: no defects are
        looked for.
        """
        return np.inf

    @property
    def sections(self) -> bool:
        """Light out of focus gets weaker with the distance, as in a confocal microscope; True for single planes."""
        return True

    def check(self, shape: Shape) -> None:
        """Refuse data of a shape that it cannot have made, by a ValueError; warn of what is unusual."""

    def field(self, shape: Shape) -> Shape:
        """The field of data of this shape."""
        return shape

    def model(
        self,
        shape: Shape,
        boundary: str,
        *,
        diagonal: bool = False,
        background: float = 0.0,
        gain: float = 1.0,
        spacing: Sequence[float] | None = None,
        threads: int = 0,
    ) -> Forward:
        """H for data of this shape.

        Parameters
        ----------
        shape
            Of the data.
        boundary
            A name from `BOUNDARIES`.
        diagonal
            It must be diagonal, as `Spectral` is; asked only of a formation that says it can.
        background, gain, spacing, threads
            As in `Blur`.
        """
        raise NotImplementedError

    def views(self, data: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """The images in the data, each (z,) y, x: views into them, never copies."""
        return (data,)

    @property
    def of_views(self) -> "tuple[ImageFormation, ...]":
        """How each of these images was formed by itself."""
        return (self,)

    def power(self, shape: Shape) -> NDArray[np.float32] | None:
        """|OTF|² of one image of this shape, averaged where it varies, on the half spectrum, 1 at its maximum; None:
        unknown.
        """
        return None

    @property
    def tells_power(self) -> bool:
        """It knows the power that each of its images is formed with."""
        return all(type(one).power is not ImageFormation.power for one in self.of_views)

    def work(self, shape: Shape, boundary: str, *, diagonal: bool = False, threads: int = 0) -> Work:
        """The memory that `model` takes, without making it."""
        raise NotImplementedError

    def cut(self, data: NDArray[Any], region: Region) -> NDArray[Any]:
        """The data of a part of the field, or what else has their shape."""
        at: Any = (..., *region)
        return data[at]

    def part(self, region: Region) -> "ImageFormation":
        """How those were formed."""
        raise NotImplementedError

    def brightest(self, data: NDArray[Any], voxels: int) -> Region:
        """The part of the field whose data are brightest, of at most so many voxels."""
        return brightest(data, voxels)[-len(self.field(data.shape)) :]

    def part_shape(self, shape: Shape, voxels: int) -> Shape:
        """Of the data of that part."""
        return part_shape(shape, voxels)

    def around(self, region: Region, field: Shape) -> tuple[Region, Region]:
        """A part of the field with all that light is carried into it from, and where it lies in that."""
        outer = tuple(
            slice(max(at.start - before, 0), min(at.stop + after, n))
            for at, (before, after), n in zip(region, self.reach, field, strict=True)
        )
        inner = tuple(slice(at.start - out.start, at.stop - out.start) for at, out in zip(region, outer, strict=True))
        return outer, inner


@dataclass(frozen=True)
class PlannedPsf(ImageFormation):
    """A PSF that is not made yet: its size already says how much memory it takes."""

    shape: Shape
    symmetric: bool = False
    """It will be its own mirror image, see `is_symmetric`: its transform then takes half the room."""
    modes: int = 1
    """How many it is a sum of, see `VaryingPsf`."""

    def work(self, shape: Shape, boundary: str, *, diagonal: bool = False, threads: int = 0) -> Work:
        if self.modes > 1:
            return Layout.of(shape, self.shape, boundary).work(self.symmetric, threads, self.modes)
        return (Spectral if diagonal else Blur).work(shape, self.shape, boundary, self.symmetric, threads)


@dataclass(frozen=True, eq=False)
class StationaryPsf(ImageFormation):
    """The same PSF everywhere in the field.

    Parameters
    ----------
    psf
        (z,) y, x, of the voxels of the data; its origin is at index n // 2, and it sums to 1.

    >>> import numpy as np
    >>> formation = StationaryPsf(np.full((3, 5), 1 / 15, np.float32))
    >>> formation.reach, formation.model((8, 8), "open").shape
    (((1, 1), (2, 2)), (10, 12))
    """

    psf: Array
    _otf: dict[Any, Any] = dataclass_field(default_factory=dict, init=False, repr=False)
    """The OTF of the last model, for the next image of the same shape."""

    diagonal = True
    dimensions = (2, 3)

    def check(self, shape: Shape) -> None:
        if len(shape) != self.psf.ndim:
            raise ValueError(
                f"psf: it has {self.psf.ndim} dimensions and the image {len(shape)}; give a PSF of the image's "
                "dimensions."
            )
        if self.psf.ndim == 3 and self.psf.size > 1 and len(self.psf) == 1 < shape[0]:
            warnings.warn(
                f"the PSF has one plane, and the image {shape[0]}: each is deconvolved by itself, and the haze of the "
                "others stays.",
                stacklevel=3,
            )

    @cached_property
    def symmetric(self) -> bool:
        """It is its own mirror image, see `is_symmetric`."""
        return is_symmetric(self.psf)

    @property
    def reach(self) -> tuple[tuple[int, int], ...]:
        return tuple(reach(n) for n in self.psf.shape)

    @cached_property
    def steepest(self) -> float:
        """What a point makes where it is brightest."""
        at = np.unravel_index(self.psf.argmax(), self.psf.shape)
        rows, columns = self.psf.shape[-2:]
        if min(rows, columns) < 3:
            return np.inf
        turns = ((0, -1), (0, 1), (-1, 0), (1, 0))
        sides = [self.psf[(*at[:-2], (at[-2] + dy) % rows, (at[-1] + dx) % columns)] for dy, dx in turns]
        return float(self.psf[at] / max(float(np.median(sides)), 1e-30))

    @cached_property
    def sections(self) -> bool:
        light = self.psf.sum(axis=(-2, -1)).reshape(-1)
        return light.size == 1 or bool(max(light[0], light[-1]) < 0.5 * light.max())

    def model(
        self,
        shape: Shape,
        boundary: str,
        *,
        diagonal: bool = False,
        background: float = 0.0,
        gain: float = 1.0,
        spacing: Sequence[float] | None = None,
        threads: int = 0,
    ) -> Forward:
        kind = Spectral if diagonal else Blur
        key = (kind, tuple(shape), boundary)
        about: dict[str, Any] = {"background": background, "gain": gain, "spacing": spacing, "threads": threads}
        H = kind(self.psf, shape, boundary, **about, otf=self._otf.get(key))
        self._otf.clear()
        self._otf[key] = H.otf
        return H

    def power(self, shape: Shape) -> NDArray[np.float32]:
        return transfer(self.psf, shape)

    def work(self, shape: Shape, boundary: str, *, diagonal: bool = False, threads: int = 0) -> Work:
        return PlannedPsf(self.psf.shape, self.symmetric).work(shape, boundary, diagonal=diagonal, threads=threads)

    def part(self, region: Region) -> "StationaryPsf":
        return StationaryPsf(self.psf)  # not itself: a part leaves the OTF of the whole alone


def formation_of(psf: Array | ImageFormation) -> ImageFormation:
    """A PSF as the image formation that it stands for."""
    return psf if isinstance(psf, ImageFormation) else StationaryPsf(psf)
