"""The forward model H: what the microscope does to a specimen.

An algorithm may know five things of it: `forward` (Hx), `adjoint` (Hᵀy), `weight` (Hᵀ1), `background` (b, what is added
to Hx) and

    H.through(x, between, after)        after(Hᵀ between(Hx))

`between(blurred, at)` returns what goes back; `after(back, at)` stores what comes back. Both act voxel by voxel. `at`
indexes the part at hand: `y[at]` in `between`, `x[at]` in `after`; it is `...` where H works on whole arrays, slices
where it works piece by piece. `blurred` and `back` are lent: overwrite them if you like, never keep them. Pieces come
in any order, from several threads, each exactly once, and every `between` has run before the first `after`.

How `Blur` spends its time, for a volume of the padded size, and what it leaves out:

      x ──rows──▶ planes ──columns──▶ ·OTF ──columns──▶ planes ──rows──▶ Hx
          only those        in blocks that stay          only those
          that hold x       in the cache                 that hold data

Rows and planes known to be zero are not transformed going in; what would be cropped is not computed coming out. Between
the two halves of `through` the rows are at hand piece by piece, so that a ratio or an update never exists as a volume.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...arrays import Array, At, Engine, Spectrum, Workers, best_engine
from ...fourier import transfer, wrapped
from .base import Forward, Piecewise, Store
from .padding import Layout, Side, Work


class Blur(Forward):
    """Convolution with a PSF, 2-D or 3-D.

    Axis by axis: extend and transform going in, transform back and crop coming out. The first axis is transformed in
    blocks held in cache, where the OTF is applied, the others piece by piece. The adjoint is the same way walked back:
    sides swapped, signs of the exponents flipped. There is one half-complex volume to work in; so one call at a time.

    Parameters
    ----------
    psf
        (z,) y, x; its origin is at index n // 2 of each axis. It may be larger than the data.
    shape
        Of the data.
    boundary
        A name from `layout.BOUNDARIES`.
    background, gain, spacing
        See `Forward`; spacing may be in any unit.
    threads
        0 for all cores. Results do not depend on it.
    otf
        That of another one with the same PSF, shape, boundary and engine; it is then not computed again.

    >>> import numpy as np
    >>> H = Blur(np.full((3, 3), 1 / 9, np.float32), (8, 8), "periodic")
    >>> float(H.forward(np.ones((8, 8), np.float32)).round(5).max())
    1.0
    """

    def __init__(
        self,
        psf: Array,
        shape: Sequence[int],
        boundary: str = "open",
        *,
        background: float = 0.0,
        gain: float = 1.0,
        spacing: Sequence[float] | None = None,
        threads: int = 0,
        engine: Engine | None = None,
        otf: Spectrum | Array | None = None,
    ) -> None:
        self.fft, self.workers = engine or best_engine(), Workers(threads)
        self.psf, self.background, self.gain = psf, background, gain
        self.spacing = tuple(s / spacing[-1] for s in spacing) if spacing else (1.0,) * len(shape)
        layout = Layout.of(shape, psf.shape, boundary)
        self.padded, self.fill, self.seen = layout.padded, layout.fill, layout.seen
        self.shape, self.data_shape, self.inside = layout.shape, tuple(shape), layout.inside
        self.piece, self.block = layout.piece, layout.block
        self.spectrum = np.empty(layout.half, np.complex64)
        self.otf: Spectrum | Array = self._transform(psf) if otf is None else otf

    @staticmethod
    def work(shape: Sequence[int], psf_shape: Sequence[int], boundary: str, symmetric: bool, threads: int) -> Work:
        """What it takes, for data and a PSF of these shapes."""
        return Layout.of(shape, psf_shape, boundary).work(symmetric, threads)

    def power(self, shape: tuple[int, ...]) -> Array:
        return transfer(self.psf, shape)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        result = np.empty(self.data_shape, np.float32) if out is None else out
        self._each(self.fill, lambda at: self._enter(x[at], at, self.fill, -1))
        self._convolve(self.fill, self.seen, -1)
        self._each(self.seen, lambda at: np.copyto(result[at], self._leave(at, self.seen, +1)))
        return result

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        result = np.empty(self.shape, np.float32) if out is None else out
        self._each(self.seen, lambda at: self._enter(y[at], at, self.seen, +1))
        self._convolve(self.seen, self.fill, +1)
        self._each(self.fill, lambda at: np.copyto(result[at], self._leave(at, self.fill, -1)))
        return result

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        def turn(at: slice) -> None:
            blurred = self._leave(at, self.seen, +1)
            for part, where in _parts(blurred, at):
                back = between(part, where)
                if back is not part:
                    part[...] = back
            self._enter(blurred, at, self.seen, +1)

        def finish(at: slice) -> None:
            for part, where in _parts(self._leave(at, self.fill, -1), at):
                after(part, where)

        self._each(self.fill, lambda at: self._enter(x[at], at, self.fill, -1))
        self._convolve(self.fill, self.seen, -1)
        self._each(self.seen, turn)
        self._convolve(self.seen, self.fill, +1)
        self._each(self.fill, finish)

    def _each(self, side: tuple[Side, ...], work: Callable[[slice], None]) -> None:
        self.workers.each(len(side[0]), self.piece, work)

    def _planes(self, at: slice, side: tuple[Side, ...]) -> Spectrum:
        start = side[0].core.start
        return self.spectrum[at.start + start : at.stop + start]

    def _rows(self, planes: Spectrum, side: tuple[Side, ...]) -> tuple[Spectrum, Array]:
        """The rows of the planes that hold the grid (of 2-D data a plane is a row), and a real buffer for them."""
        rows = planes[:, side[1].core] if planes.ndim == 3 else planes
        return rows, self.workers.scratch((*rows.shape[:-1], self.padded[-1]), np.float32)

    def _enter(self, values: Array, at: slice, side: tuple[Side, ...], sign: int) -> None:
        planes = self._planes(at, side)
        rows, line = self._rows(planes, side)
        if len(side[-1]) == self.padded[-1]:  # it fills the line: nothing to copy
            line = values
        else:
            core = line[..., side[-1].core]
            if (
                values.__array_interface__["data"] != core.__array_interface__["data"]
            ):  # else `through` has worked in place
                core[...] = values
            side[-1].spread(line.swapaxes(0, -1))
        self.fft.r2c(line, rows, sign)
        if planes.ndim == 3:
            side[1].spread(planes.swapaxes(0, 1))
            self.fft.c2c(planes, planes, sign, axis=1)

    def _leave(self, at: slice, side: tuple[Side, ...], sign: int) -> Array:
        planes = self._planes(at, side)
        if planes.ndim == 3:
            self.fft.c2c(planes, planes, sign, axis=1)
            side[1].gather(planes.swapaxes(0, 1))
        rows, line = self._rows(planes, side)
        self.fft.c2r(rows, line, sign)
        return side[-1].gather(line.swapaxes(0, -1)).swapaxes(0, -1)

    def _convolve(self, sources: tuple[Side, ...], targets: tuple[Side, ...], sign: int) -> None:
        """Along the first axis, in blocks: extend, transform, times OTF, transform back, crop."""
        source, target = sources[0], targets[0]

        def work(at: slice) -> None:
            columns, otf = self.spectrum[:, at], self.otf[:, at]
            line = self.workers.scratch(columns.shape, np.complex64)
            if len(source) == self.padded[0]:
                self.fft.c2c(columns, line, sign, axis=0)
            else:
                line[source.core] = columns[source.core]
                source.spread(line)
                self.fft.c2c(line, line, sign, axis=0)
            line *= otf
            if len(target) == self.padded[0]:
                self.fft.c2c(line, columns, -sign, axis=0)
            else:
                self.fft.c2c(line, line, -sign, axis=0)
                columns[target.core] = target.gather(line)

        self.workers.each(self.spectrum.shape[1], self.block, work)

    def _transform(self, psf: Array) -> Spectrum | Array:
        """The OTF, with the 1 / N of the inverse transform in it; real, and half as large, if the PSF is its own mirror
        image.
        """
        planes = wrapped(psf / np.float32(np.prod(self.padded)), self.padded)
        self.workers.each(len(planes), self.piece, lambda at: self._transform_planes(planes[at], self.spectrum[at]))
        real = is_symmetric(psf)
        otf: Any = np.empty(self.spectrum.shape, np.float32 if real else np.complex64)

        def columns(at: slice) -> None:
            line = self.workers.scratch(otf[:, at].shape, np.complex64)
            self.fft.c2c(self.spectrum[:, at], line, -1, axis=0)
            otf[:, at] = line.real if real else line

        self.workers.each(otf.shape[1], self.block, columns)
        return otf

    def _transform_planes(self, values: Array, planes: Spectrum) -> None:
        self.fft.r2c(values, planes, -1)
        if planes.ndim == 3:
            self.fft.c2c(planes, planes, -1, axis=1)


def _parts(values: Array, at: slice) -> list[tuple[Array, At]]:
    """Planes too large for the cache in bundles of rows."""
    if values.ndim < 3:
        return [(values, at)]
    rows = max(1, (1 << 17) * values.shape[1] // values.size)
    bundles = [slice(i, min(i + rows, values.shape[1])) for i in range(0, values.shape[1], rows)]
    return [(values[:, bundle], (at, bundle)) for bundle in bundles] if len(bundles) > 1 else [(values, at)]


def is_symmetric(psf: Array) -> bool:
    """Whether the PSF is its own mirror image about its origin, n // 2, to the last bits of float32: then its OTF is
    real.
    """
    odd = psf[tuple(slice(1 - n % 2, None) for n in psf.shape)]
    edges = abs(psf).max() * np.float32(1e-6)
    rim = [psf.take(0, axis) for axis, n in enumerate(psf.shape) if n % 2 == 0]
    return all(abs(side).max() <= edges for side in rim) and bool((abs(odd - np.flip(odd)) <= edges).all())
