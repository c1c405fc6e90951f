"""The forward model H: what the microscope does to a specimen.

An algorithm may know five things of it: `forward` (Hx), `adjoint` (Hᵀy), `weight` (Hᵀ1), `background` (b, what is added to Hx) and

    H.through(x, between, after)        after(Hᵀ between(Hx))

`between(blurred, at)` returns what goes back; `after(back, at)` stores what comes back. Both act voxel by voxel. `at` indexes
the part at hand: `y[at]` in `between`, `x[at]` in `after`; it is `...` where H works on whole arrays, slices where it works
piece by piece. `blurred` and `back` are lent: overwrite them if you like, never keep them. Pieces come in any order, from
several threads, each exactly once, and every `between` has run before the first `after`.

How `Blur` spends its time, for a volume of the padded size, and what it leaves out:

      x ──rows──▶ planes ──columns──▶ ·OTF ──columns──▶ planes ──rows──▶ Hx
          only those        in blocks that stay          only those
          that hold x       in the cache                 that hold data

Rows and planes known to be zero are not transformed going in; what would be cropped is not computed coming out. Between the
two halves of `through` the rows are at hand piece by piece, so that a ratio or an update never exists as a volume.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..arrays import Array, At, Engine, Spectrum, Workers, best_engine, friendly

Piecewise = Callable[[Array, At], Array]
Store = Callable[[Array, At], None]


class Forward:
    """What every forward model is."""

    shape: tuple[int, ...]
    """Of the estimate."""
    data_shape: tuple[int, ...]
    """Of the data."""
    inside: tuple[slice, ...]
    """Where the data lie in the estimate."""
    background: float = 0.0
    """What is added to Hx: light that does not come from the specimen."""
    gain: float = 1.0
    """Electrons per count of the data, for what deals with single ones."""
    spacing: tuple[float, ...]
    """Size of a voxel relative to the lateral pixel, for penalties."""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        """Hx."""
        raise NotImplementedError

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        """Hᵀy."""
        raise NotImplementedError

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        """after(Hᵀ between(Hx)), voxel by voxel."""
        after(self.adjoint(between(self.forward(x), ...)), ...)

    def place(self, y: Array) -> Array:
        """The data as this model takes them: unchanged, unless it works on a grid of its own."""
        return y

    @cached_property
    def weight(self) -> Array:
        """Hᵀ1, kept above the rounding noise of its computation so that one may divide by it."""
        weight = self.adjoint(np.broadcast_to(np.float32(1), self.data_shape))
        return np.maximum(weight, 1e-6 * weight.max(), out=weight)


@dataclass(frozen=True)
class Side:
    """Where a grid lies on a padded line: its `core`, copies of parts of it, and gaps, which are zero. `gather` is `spread`ᵀ."""

    core: slice
    copies: tuple[tuple[slice, slice], ...] = ()
    gaps: tuple[slice, ...] = ()

    def spread(self, line: np.ndarray) -> None:
        core = line[self.core]
        for there, here in self.copies:
            line[there] = core[here]
        for gap in self.gaps:
            line[gap] = 0

    def gather(self, line: np.ndarray) -> np.ndarray:
        core = line[self.core]
        for there, here in self.copies:
            core[here] += line[there]
        return core

    def __len__(self) -> int:
        return int(self.core.stop - self.core.start)


Line = tuple[int, Side, Side]
"""Of an axis: the padded length, the side of the estimate and the side of the data."""


def reach(m: int) -> tuple[int, int]:
    """How far a PSF of m samples, origin at m // 2, carries light into a voxel from before and from after it."""
    return m - 1 - m // 2, m // 2


def _on_line(start: int, n: int, padded: int) -> Side:
    gaps = (slice(0, start), slice(start + n, padded))
    return Side(slice(start, start + n), gaps=tuple(gap for gap in gaps if gap.start < gap.stop))


def _open(n: int, m: int) -> Line:
    before, after = reach(m)
    padded = friendly(n + before + after)
    return padded, _on_line(0, padded, padded), _on_line(before, n, padded)


def _zero(n: int, m: int) -> Line:
    before, after = reach(m)
    padded = friendly(n + before + after)
    return padded, _on_line(before, n, padded), _on_line(before, n, padded)


def _periodic(n: int, m: int) -> Line:
    return n, _on_line(0, n, n), _on_line(0, n, n)


def _mirror(n: int, m: int) -> Line:
    before, after = reach(m)
    padded = friendly(n + before + after)
    copies = []
    for block in range(-before // n, (n + after) // n + 1):
        low, high = max(block * n, -before), min((block + 1) * n, n + after)
        if block and low < high:
            a, b = low - block * n, high - block * n
            here = slice(n - 1 - a, n - 1 - b if b < n else None, -1) if block % 2 else slice(a, b)
            copies.append((slice(low + before, high + before), here))
    end = before + n + after
    gaps = (slice(end, padded),) if end < padded else ()
    return padded, Side(slice(before, before + n), tuple(copies), gaps), _on_line(before, n, padded)


BOUNDARIES: dict[str, Callable[[int, int], Line]] = {"open": _open, "mirror": _mirror, "zero": _zero, "periodic": _periodic}
"""What is assumed beyond the field of view. Each makes the line of an axis from the sizes of the data and of the PSF.

open: nothing; the estimate goes on beyond the data by all that the PSF can carry into them, and what the data do not tell stays
out of the likelihood, so that edges are unbiased (Bertero & Boccacci 2005, doi:10.1051/0004-6361:20052717).
mirror: the specimen is its own reflection: ... b a | a b ... y z | z y ...
zero: darkness. periodic: the opposite side.
"""


class Blur(Forward):
    """Convolution with a PSF, 2-D or 3-D.

    Axis by axis: extend and transform going in, transform back and crop coming out. The first axis is transformed in blocks held
    in cache, where the OTF is applied, the others piece by piece. The adjoint is the same way walked back: sides swapped, signs
    of the exponents flipped. There is one half-complex volume to work in; so one call at a time.

    Parameters
    ----------
    psf
        (z,) y, x; its origin is at index n // 2 of each axis. It may be larger than the data.
    shape
        Of the data.
    boundary
        A name from `BOUNDARIES`.
    background, spacing
        See `Forward`; spacing may be in any unit.
    threads
        0 for all cores. Results do not depend on it.

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
        spacing: Sequence[float] | None = None,
        threads: int = 0,
        engine: Engine | None = None,
    ) -> None:
        self.fft, self.workers = engine or best_engine(), Workers(threads)
        self.background = background
        self.spacing = tuple(s / spacing[-1] for s in spacing) if spacing else (1.0,) * len(shape)
        lines = [BOUNDARIES[boundary](n, m) for n, m in zip(shape, psf.shape, strict=True)]
        self.padded, self.fill, self.seen = (tuple(part) for part in zip(*lines, strict=True))
        self.shape, self.data_shape = tuple(len(side) for side in self.fill), tuple(shape)
        start = [s.core.start - f.core.start for s, f in zip(self.seen, self.fill, strict=True)]
        self.inside = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
        # At most half a megabyte a piece: what `between` and `after` allocate then stays in the cache. Two a block of columns.
        self.piece = max(1, (1 << 17) // int(np.prod(self.padded[1:])))
        half = (*self.padded[:-1], self.padded[-1] // 2 + 1)
        self.block = max(1, (1 << 18) // int(self.padded[0] * np.prod(half[2:])))
        self.spectrum = np.empty(half, np.complex64)
        self.otf: Spectrum | Array = self._transform(psf)

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
            if values.__array_interface__["data"] != core.__array_interface__["data"]:  # else `through` has worked in place
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
        """The OTF, with the 1 / N of the inverse transform in it; real, and half as large, if the PSF is its own mirror image."""
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
    """Whether the PSF is its own mirror image about its origin, n // 2, to the last bits of float32: then its OTF is real."""
    odd = psf[tuple(slice(1 - n % 2, None) for n in psf.shape)]
    edges = abs(psf).max() * np.float32(1e-6)
    rim = [psf.take(0, axis) for axis, n in enumerate(psf.shape) if n % 2 == 0]
    return all(abs(side).max() <= edges for side in rim) and bool((abs(odd - np.flip(odd)) <= edges).all())


def wrapped(psf: Array, padded: Sequence[int]) -> Array:
    """The PSF with its origin at index 0, wrapped round where it is longer than the line."""
    kernel = np.zeros(padded, np.float32)
    index = [(np.arange(m) - m // 2) % p for m, p in zip(psf.shape, padded, strict=True)]
    np.add.at(kernel, np.ix_(*index), psf)
    return kernel
