"""The forward model of a PSF that changes along z, and the image formation that makes it."""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array, At, Spectrum, at_least
from ...fourier import wrapped
from .base import Forward, Piecewise, Store
from .blur import Blur
from .formation import ImageFormation, PlannedPsf, Region, Shape, StationaryPsf
from .padding import Side, Work, reach

Weights = Callable[[NDArray[np.float64]], NDArray[np.float32]]
"""The weight of every mode, a row each, at planes counted from the first one of the data."""


class VaryingBlur(Blur):
    """A sum of convolutions, of the specimen weighted plane by plane: H x = Σ_j B_j (w_j x).

    The weights change along the first axis alone. They therefore commute with the transforms along the others, which
    are done once for all modes; only the columns along z are transformed once for each, in blocks that stay in the
    cache. The modes are signed, and only their sum is a PSF: what errors of the sum make negative where nothing
    negative went in is set to zero.

    Parameters
    ----------
    modes
        (mode, z, y, x), as the `psf` of `Blur`; at least two.
    weights
        Of the modes along z.
    otfs
        Those of another one with the same modes, shape and boundary.

    Others as in `Blur`. Source: Arigovindan et al. 2010, doi:10.1364/OE.18.006461.

    >>> import numpy as np
    >>> modes = np.zeros((2, 1, 1, 3), np.float32)
    >>> modes[0, 0, 0, 1], modes[1, 0, 0] = 1, (0.5, -1, 0.5)
    >>> H = VaryingBlur(modes, lambda z: np.array([1 + 0 * z, z / 2], np.float32), (3, 1, 5), "periodic")
    >>> points = np.zeros((3, 1, 5), np.float32)
    >>> points[:, 0, 2] = 1
    >>> abs(H.forward(points)[:, 0].round(3)).tolist()[1:]
    [[0.0, 0.25, 0.5, 0.25, 0.0], [0.0, 0.5, 0.0, 0.5, 0.0]]
    """

    def __init__(
        self,
        modes: Array,
        weights: Weights,
        shape: Sequence[int],
        boundary: str = "open",
        *,
        otfs: Sequence[Spectrum | Array] | None = None,
        **about: Any,
    ) -> None:
        super().__init__(modes[0], shape, boundary, **about, otf=otfs[0] if otfs else None)
        self.otfs = otfs or [self.otf, *map(self._transform, modes[1:])]
        planes = np.arange(self.shape[0]) - self.inside[0].start
        self.weights = weights(planes)[(..., *(None,) * (self.spectrum.ndim - 1))]
        self._positive = {-1: False, 1: False}

    def forward(self, x: Array, out: Array | None = None) -> Array:
        self._positive[1] = bool(x.min() >= 0)
        return super().forward(x, out)

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        self._positive[-1] = bool(y.min() >= 0)
        return super().adjoint(y, out)

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        self._positive = {1: bool(x.min() >= 0), -1: True}

        def noted(blurred: Array, at: At) -> Array:
            back = between(blurred, at)
            if back.min() < 0:
                self._positive[-1] = False
            return back

        super().through(x, noted, after)

    def _leave(self, at: slice, side: tuple[Side, ...], sign: int) -> Array:
        values = super()._leave(at, side, sign)
        return at_least(values, 0, out=values) if self._positive[sign] else values

    def _convolve(self, sources: tuple[Side, ...], targets: tuple[Side, ...], sign: int) -> None:
        """Along the first axis, in blocks: each mode weighted going in, or, the other way, coming out."""
        source, target, forward = sources[0], targets[0], sign < 0

        def work(at: slice) -> None:
            columns = self.spectrum[:, at]
            line, other = self.workers.scratch((2, *columns.shape), np.complex64)
            for k, (otf, weight) in enumerate(zip(self.otfs, self.weights, strict=True)):
                if forward or k == 0:
                    line[source.core] = columns[source.core]
                    if forward:
                        line[source.core] *= weight
                    source.spread(line)
                    self.fft.c2c(line, line, sign, axis=0)
                if forward:
                    line *= otf[:, at]
                    np.add(other, line, out=other) if k else np.copyto(other, line)
                else:
                    np.multiply(line, otf[:, at], out=other)
                    self.fft.c2c(other, other, -sign, axis=0)
                    back = target.gather(other)
                    back *= weight
                    np.add(columns[target.core], back, out=columns[target.core]) if k else np.copyto(
                        columns[target.core], back
                    )
            if forward:
                self.fft.c2c(other, other, -sign, axis=0)
                columns[target.core] = target.gather(other)

        self.workers.each(self.spectrum.shape[1], self.block, work)


class VaryingPsf(ImageFormation):
    """A PSF that changes along z: as many modes of given PSFs as keep the model error below a limit.

        h_z = h̄ + Σ_j c_j(z) m_j,   H x = h̄ ⊗ x + Σ_j m_j ⊗ (c_j x)

    h̄ is the mean of the PSFs, m_j and c_j are the singular vectors of their differences from it, c_j a cubic spline
    between their planes. A plane of the specimen is blurred with the PSF of its own depth, wherever the light of it
    falls. One mode is the mean PSF everywhere, and the same as `StationaryPsf` of it to the last bit.

    Parameters
    ----------
    psfs
        (depth, z, y, x), each as that of `StationaryPsf`, and each of sum 1. Not kept.
    planes
        The plane of the data that each belongs to, counted from 0; increasing. Beyond the first and the last the PSF
        stays as it is there.
    error
        Model error that is allowed: the root of the mean square of the PSFs' errors, over that of the PSFs.
    modes
        Their number, in place of the error; 1 or more.

    Raises
    ------
    ValueError
        If PSFs, planes or modes cannot be used; the message says why.

    Notes
    -----
    Source: principal components of PSFs computed along depth, with weights before the blur, Arigovindan et al. 2010,
    doi:10.1364/OE.18.006461. What is gained: docs/guides/deep-specimens.md.

    Examples
    --------
    >>> import numpy as np
    >>> wide = [np.exp(-np.arange(-4, 5) ** 2 / (2 * s**2)) for s in (1, 1.2, 1.4)]
    >>> psfs = np.array([np.multiply.outer([0, 1, 0], np.outer(g, g) / g.sum() ** 2) for g in wide])
    >>> formation = VaryingPsf(psfs, planes=[0, 10, 20], error=0.02)
    >>> len(formation.modes), [round(100 * error, 1) for error in formation.errors]
    (2, [19.1, 1.5, 0.0])
    """

    dimensions = (3,)

    def __init__(self, psfs: ArrayLike, planes: ArrayLike, *, error: float = 0.01, modes: int | None = None) -> None:
        given, at = np.asarray(psfs, np.float32), np.asarray(planes, np.float64)
        if given.ndim != 4:
            raise ValueError(f"psfs: their shape is {given.shape}; (depth, z, y, x) is needed.")
        if at.shape != (len(given),) or not np.isfinite(at).all() or (np.diff(at) <= 0).any():
            raise ValueError(f"planes: {len(given)} increasing numbers are needed, one for each PSF.")
        if modes is not None and not 1 <= modes <= len(given):
            raise ValueError(f"modes = {modes}: of {len(given)} PSFs there can be 1 to {len(given)} modes.")
        self.planes = at
        """Of the data, that each PSF belongs to."""
        mean, rest, values, vectors = _principal(given)
        self.errors = tuple(map(float, _errors(values, float(np.vdot(given, given)))))
        """Model error with 1, 2, ... modes."""
        few = modes or 1 + next(k for k, left in enumerate(self.errors) if left <= error or k == len(given) - 1)
        others = np.tensordot(vectors[:, : few - 1].T.astype(np.float32), rest, 1)
        self.modes: Array = np.concatenate([mean[None], others])
        """(mode, z, y, x): the mean PSF, and what is added to it."""
        self.weights = np.column_stack([np.ones(len(given)), vectors[:, : few - 1]])
        """(depth, mode): of the modes in the PSFs that were given."""
        each = [StationaryPsf(one) for one in given]
        self._steepest, self._sections = max(one.steepest for one in each), all(one.sections for one in each)
        self._otfs: dict[Any, list[Spectrum | Array]] = {}

    @cached_property
    def mean(self) -> StationaryPsf:
        """The mean PSF, the same everywhere."""
        return StationaryPsf(self.modes[0])

    @property
    def steepest(self) -> float:
        return self._steepest

    @property
    def sections(self) -> bool:
        return self._sections

    @property
    def reach(self) -> tuple[tuple[int, int], ...]:
        return tuple(reach(n) for n in self.modes.shape[1:])

    def check(self, shape: Shape) -> None:
        self.mean.check(shape)

    def weights_at(self, planes: NDArray[np.float64]) -> NDArray[np.float32]:
        """The weight of every mode, a row each, at planes of the data."""
        if len(self.planes) == 1:
            return np.ones((1, len(planes)), np.float32)
        spline = scipy.interpolate.make_interp_spline(self.planes, self.weights, min(3, len(self.planes) - 1))
        return spline(np.clip(planes, self.planes[0], self.planes[-1])).T.astype(np.float32)

    def psf_at(self, plane: float) -> Array:
        """The PSF (z, y, x) at a plane of the data, as the modes make it."""
        return np.tensordot(self.weights_at(np.array([plane]))[:, 0], self.modes, 1)

    def model(self, shape: Shape, boundary: str, *, diagonal: bool = False, **about: Any) -> Forward:
        if len(self.modes) == 1:
            return self.mean.model(shape, boundary, **about)
        key = (tuple(shape), boundary)
        H = VaryingBlur(self.modes, self.weights_at, shape, boundary, otfs=self._otfs.get(key), **about)
        self._otfs.clear()
        self._otfs[key] = list(H.otfs)
        return H

    def power(self, shape: Shape) -> NDArray[np.float32]:
        """The mean over the depths: modes are orthogonal there, so that their powers add."""
        spectra = (scipy.fft.rfftn(wrapped(mode, tuple(shape))) for mode in self.modes)
        powers = (np.square(one.real) + np.square(one.imag) for one in spectra)
        shares = np.square(self.weights).mean(axis=0).astype(np.float32)
        passed = np.sum([share * power for share, power in zip(shares, powers, strict=True)], axis=0)
        return passed / passed.max()

    def work(self, shape: Shape, boundary: str, *, diagonal: bool = False, threads: int = 0) -> Work:
        planned = PlannedPsf(self.modes.shape[1:], modes=len(self.modes))
        return (
            planned.work(shape, boundary, threads=threads)
            if len(self.modes) > 1
            else self.mean.work(shape, boundary, threads=threads)
        )

    def part(self, region: Region) -> "VaryingPsf":
        part = copy(self)
        part.planes, part._otfs = self.planes - region[0].start, {}
        return part


def _principal(psfs: Array) -> tuple[Array, Array, NDArray[np.float64], NDArray[np.float64]]:
    """The mean, the differences from it, and the eigenvalues (falling) and vectors of their inner products."""
    mean = psfs.mean(axis=0, dtype=np.float64).astype(np.float32)
    rest = psfs - mean
    lines = rest.reshape(len(psfs), -1)
    parts = (lines[:, k : k + (1 << 18)].astype(np.float64) for k in range(0, lines.shape[1], 1 << 18))
    values, vectors = np.linalg.eigh(sum(part @ part.T for part in parts))
    return mean, rest, np.maximum(values[::-1], 0), vectors[:, ::-1]


def _errors(values: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """What is left of the PSFs with the mean alone, with one mode more, ... relative to them."""
    left = np.append(np.cumsum(values[::-1])[::-1][: len(values) - 1], 0.0)
    return np.sqrt(left / total)
