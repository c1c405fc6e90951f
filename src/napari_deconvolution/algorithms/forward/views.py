"""Several images of one specimen, each on its own voxels and with its own PSF."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from ...arrays import Array
from .base import Forward, Piecewise, Store
from .blur import Blur, is_symmetric
from .formation import ImageFormation, PlannedPsf, Region, Shape, StationaryPsf
from .padding import Work, reach
from .sampling import CubicSampling

Matrix = NDArray[np.float64]


class SeenFrom(Forward):
    """Hx = (b₁ S₁ B₁ x, b₂ S₂ B₂ x, ...), one after the other in one flat array.

    Parameters
    ----------
    blurs
        B of every view, on the grid of the result; of one shape.
    samplings
        S of every view.
    brightness
        b of every view.

    >>> import numpy as np
    >>> B, turn = Blur(np.ones((1, 1), np.float32), (4, 6)), [[0, 1, 0], [-1, 0, 5]]
    >>> H = SeenFrom([B, B], [CubicSampling(t, (4, 6), (6, 4)) for t in (turn, turn)], [1, 0.5])
    >>> H.forward(np.ones((4, 6), np.float32)).reshape(2, 6, 4).mean(axis=(1, 2)).round(5).tolist()
    [1.0, 0.5]
    """

    def __init__(self, blurs: Sequence[Blur], samplings: Sequence[CubicSampling], brightness: Sequence[float]) -> None:
        self.each = list(zip(blurs, samplings, map(np.float32, brightness), strict=True))
        first = blurs[0]
        self.shape, self.inside, self.spacing = first.shape, first.inside, first.spacing
        self.background, self.gain, self.workers = first.background, first.gain, first.workers
        self.shapes = [sampling.seen for sampling in samplings]
        self.data_shape = (sum(map(math.prod, self.shapes)),)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        result = np.empty(self.data_shape, np.float32) if out is None else out
        for part, one in zip(split(result, self.shapes), self.each, strict=True):
            part[...] = self._seen(x, *one)
        return result

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        result = np.zeros(self.shape, np.float32)
        for part, one in zip(split(np.ascontiguousarray(y), self.shapes), self.each, strict=True):
            result += self._back(part, *one)
        if out is None:
            return result
        np.copyto(out, result)
        return out

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        back, start = np.zeros(self.shape, np.float32), 0
        for shape, one in zip(self.shapes, self.each, strict=True):
            at = slice(start, start := start + math.prod(shape))
            seen = self._seen(x, *one).reshape(-1)
            back += self._back(between(seen, at).reshape(shape), *one)
        after(back, ...)

    @staticmethod
    def _seen(x: Array, blur: Blur, sampling: CubicSampling, brightness: np.float32) -> Array:
        seen = sampling.see(blur.forward(x))
        return np.multiply(seen, brightness, out=seen)

    @staticmethod
    def _back(y: Array, blur: Blur, sampling: CubicSampling, brightness: np.float32) -> Array:
        back = blur.adjoint(sampling.back(y))
        return np.multiply(back, brightness, out=back)


@dataclass(frozen=True, eq=False)
class Views(ImageFormation):
    """Several images of one specimen, each from its own side, on its own voxels, with its own PSF.

        y_i = b_i S_i ( h_i ⊗ x ) + background

    The data are one flat array, image after image, as `joined` makes them; the likelihood is that of all of them. What
    a view does not show it says nothing of, so that fields may overlap in part.

    Parameters
    ----------
    psfs
        One for each view, in the frame and on the voxels of its view, (z,) y, x, each as that of `StationaryPsf`.
    transforms
        (n + 1, n + 1) each: from the voxels of the view to those of the result, homogeneous, (z,) y, x, 1.
    shapes
        Of the views.
    shape
        Of the result.
    brightness
        How bright each shows the specimen, relative to the result; 1 unless given.

    Raises
    ------
    ValueError
        If they do not fit each other, a transform is singular or mirrors, or a view does not meet the result.

    Notes
    -----
    Source: the joint likelihood of several views, Verveer et al. 2007, doi:10.1038/nmeth1017; sampled by S_i as in
    `CubicSampling`. What is gained: docs/guides/several-views.md.

    Examples
    --------
    >>> import numpy as np
    >>> psf = np.array([[0, 0, 0], [1, 2, 1], [0, 0, 0]], np.float32) / 4
    >>> quarter_turn = np.array([[0, 1, 0], [-1, 0, 7], [0, 0, 1]])
    >>> formation = Views((psf, psf), (np.eye(3), quarter_turn), ((8, 8), (8, 8)), (8, 8))
    >>> [turned.sum(axis=1).round(2).tolist() for turned in formation.turned]
    [[0.0, 1.0, 0.0], [0.25, 0.5, 0.25]]
    """

    psfs: tuple[Array, ...]
    transforms: tuple[Matrix, ...]
    shapes: tuple[Shape, ...]
    shape: Shape
    brightness: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        count, n = len(self.shapes), len(self.shape)
        if not self.brightness:
            object.__setattr__(self, "brightness", (1.0,) * count)
        for name in ("psfs", "transforms", "brightness"):
            if len(given := getattr(self, name)) != count:
                raise ValueError(f"{name}: there are {len(given)} for {count} views; give one for each.")
        if any(not 0 < one < math.inf for one in self.brightness):
            raise ValueError(f"brightness = {self.brightness}: positive numbers are needed.")
        for k, (psf, transform, shape) in enumerate(zip(self.psfs, self.transforms, self.shapes, strict=True)):
            if len(shape) != n or psf.ndim != n:
                raise ValueError(
                    f"view {k}: the result has {n} dimensions, the image {len(shape)} and its PSF {psf.ndim}; all must "
                    "be the same."
                )
            if np.shape(transform) != (n + 1, n + 1) or not np.isfinite(transform).all():
                raise ValueError(f"view {k}: its transform has to be {n + 1} x {n + 1} finite numbers.")
            volume = float(np.linalg.det(transform[:n, :n]))
            if volume < 1e-6:
                what = (
                    "mirrors: turn the image and its PSF round before" if volume < -1e-6 else "is singular: correct it"
                )
                raise ValueError(f"view {k}: its transform {what}.")
            if not self._box(transform, shape, self._everywhere):
                raise ValueError(f"view {k}: it does not meet the result; look at its transform.")

    def joined(self, images: Sequence[NDArray[Any]]) -> Array:
        """The images as one flat array."""
        return np.concatenate([np.asarray(image, np.float32).ravel() for image in images])

    @cached_property
    def samplings(self) -> tuple[CubicSampling, ...]:
        """From the grid of the result to each view."""
        each = zip(self.transforms, self.shapes, strict=True)
        return tuple(CubicSampling(transform, self.shape, shape) for transform, shape in each)

    @cached_property
    def turned(self) -> tuple[Array, ...]:
        """The PSFs on the voxels of the result, all of one shape."""
        turned = [turned_psf(psf, at[:-1, :-1]) for psf, at in zip(self.psfs, self.transforms, strict=True)]
        most = np.max([one.shape for one in turned], axis=0)
        pads = [
            [(n // 2 - m // 2, (n - n // 2) - (m - m // 2)) for m, n in zip(one.shape, most, strict=True)]
            for one in turned
        ]
        return tuple(np.pad(one, pad) for one, pad in zip(turned, pads, strict=True))

    @property
    def of_views(self) -> tuple[ImageFormation, ...]:
        return tuple(map(StationaryPsf, self.psfs))

    def views(self, data: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        return tuple(split(data, self.shapes))

    def check(self, shape: Shape) -> None:
        if shape != (size := sum(map(math.prod, self.shapes)),):
            raise ValueError(f"data: their shape is {shape}; one flat array of {size} is needed, see Views.joined.")

    def field(self, shape: Shape) -> Shape:
        return self.shape

    @property
    def reach(self) -> tuple[tuple[int, int], ...]:
        return tuple(reach(n) for n in self.turned[0].shape)

    def brightest(self, data: NDArray[Any], voxels: int) -> Region:
        return self._everywhere

    def part_shape(self, shape: Shape, voxels: int) -> Shape:
        return shape

    def model(self, shape: Shape, boundary: str, *, diagonal: bool = False, **about: Any) -> Forward:
        blurs: list[Blur] = []
        for psf in self.turned:
            blur = Blur(psf, self.shape, boundary, **about)
            if blurs:  # one after the other they need one place to work in
                blur.spectrum, blur.workers = blurs[0].spectrum, blurs[0].workers
            blurs.append(blur)
        return SeenFrom(blurs, self.samplings, self.brightness)

    def work(self, shape: Shape, boundary: str, *, diagonal: bool = False, threads: int = 0) -> Work:
        planned = PlannedPsf(self.turned[0].shape, all(map(is_symmetric, self.turned)))
        one, two, three = (replace(planned, modes=n).work(self.shape, boundary, threads=threads) for n in (1, 2, 3))
        blurs = one.kept + (len(self.shapes) - 1) * (three.kept - two.kept)
        data, matrices = 4 * sum(map(math.prod, self.shapes)), sum(sampling.nbytes for sampling in self.samplings)
        # What is on the way from one grid to the next, and the sum of what comes back.
        kept = blurs + matrices + 2 * one.estimate + 3 * max(one.data, 4 * max(map(math.prod, self.shapes)))
        return Work(one.shape, data, kept, kept + 2 * (one.built - one.kept))

    def cut(self, data: NDArray[Any], region: Region) -> NDArray[Any]:
        views = zip(self.views(data), self._boxes(region), strict=True)
        return np.concatenate([view[box].ravel() for view, box in views if box])

    def part(self, region: Region) -> "Views":
        """The views of a part of the result: of each the box that the part lies in, if there is one."""
        boxes = self._boxes(region)
        kept = [k for k, box in enumerate(boxes) if box]
        moved = []
        for k in kept:
            transform = self.transforms[k].copy()
            starts = [at.start for at in boxes[k]]
            transform[:-1, -1] += transform[:-1, :-1] @ starts - [at.start for at in region]
            moved.append(transform)
        return replace(
            self,
            psfs=tuple(self.psfs[k] for k in kept),
            transforms=tuple(moved),
            shapes=tuple(tuple(at.stop - at.start for at in boxes[k]) for k in kept),
            shape=tuple(at.stop - at.start for at in region),
            brightness=tuple(self.brightness[k] for k in kept),
        )

    @property
    def _everywhere(self) -> Region:
        return tuple(slice(0, n) for n in self.shape)

    def _boxes(self, region: Region) -> list[Region]:
        return [self._box(*one, region) for one in zip(self.transforms, self.shapes, strict=True)]

    @staticmethod
    def _box(transform: Matrix, shape: Shape, region: Region) -> Region:
        """The part of a view that a part of the result lies in; empty if none does."""
        corners = np.array(list(itertools.product(*((at.start - 0.5, at.stop - 0.5) for at in region))))
        seen = (corners - transform[:-1, -1]) @ np.linalg.inv(transform[:-1, :-1]).T
        low = np.maximum(np.ceil(seen.min(axis=0) - 1e-6), 0).astype(int)
        high = np.minimum(np.floor(seen.max(axis=0) + 1e-6) + 1, shape).astype(int)
        if (low >= high).any():
            return ()
        return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def split(data: NDArray[Any], shapes: Sequence[Shape]) -> list[NDArray[Any]]:
    """Views into a flat array of images, one after the other."""
    ends = list(itertools.accumulate(map(math.prod, shapes)))
    return [data[end - math.prod(shape) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]


def turned_psf(psf: Array, matrix: Matrix) -> Array:
    """A PSF on the voxels of its view, on those of the result: cubic splines, nothing negative, sum 1.

    Parameters
    ----------
    psf
        Its origin at index n // 2.
    matrix
        From a step in the voxels of the view to one in those of the result.

    >>> turned_psf(np.array([[1, 2, 1]], np.float32) / 4, np.array([[0.0, -1.0], [1.0, 0.0]])).tolist()
    [[0.25], [0.5], [0.25]]
    """
    if np.array_equal(matrix, np.eye(psf.ndim)):
        return psf
    half = abs(matrix) @ [(n - 1) / 2 for n in psf.shape]
    shape = tuple(2 * int(np.ceil(h - 1e-6)) + 1 for h in half)
    back = np.linalg.inv(matrix)
    offset = np.array([n // 2 for n in psf.shape]) - back @ [n // 2 for n in shape]
    turned = scipy.ndimage.affine_transform(psf.astype(np.float64), back, offset, shape, order=3)
    turned = np.maximum(turned, 0)
    return (turned / turned.sum()).astype(np.float32)
