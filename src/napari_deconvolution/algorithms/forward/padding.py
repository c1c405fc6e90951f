"""Where estimate and data lie on the padded grid of a convolution, for what is assumed beyond the field of view."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...arrays import Workers, friendly


@dataclass(frozen=True)
class Side:
    """Where a grid lies on a padded line: its `core`, copies of parts of it, and gaps, which are zero. `gather` is
    `spread`ᵀ.
    """

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


BOUNDARIES: dict[str, Callable[[int, int], Line]] = {
    "open": _open,
    "mirror": _mirror,
    "zero": _zero,
    "periodic": _periodic,
}
"""What is assumed beyond the field of view. Each makes the line of an axis from the sizes of the data and of the PSF.

open: nothing; the estimate goes on beyond the data by all that the PSF can carry into them, and what the data do not
tell stays out of the likelihood, so that edges are unbiased (Bertero & Boccacci 2005, doi:10.1051/0004-6361:20052717).
mirror: the specimen is its own reflection: ... b a | a b ... y z | z y ... zero: darkness. periodic: the opposite side.
"""


@dataclass(frozen=True)
class Layout:
    """Where estimate and data lie in the padded volume, and in what parts it is worked on: what `Blur` allocates
    follows from it.
    """

    padded: tuple[int, ...]
    fill: tuple[Side, ...]
    seen: tuple[Side, ...]

    @classmethod
    def of(cls, shape: Sequence[int], psf_shape: Sequence[int], boundary: str) -> "Layout":
        """For data and a PSF of these shapes."""
        return cls(*zip(*(BOUNDARIES[boundary](n, m) for n, m in zip(shape, psf_shape, strict=True)), strict=True))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the estimate."""
        return tuple(len(side) for side in self.fill)

    @property
    def inside(self) -> tuple[slice, ...]:
        """Where the data lie in the estimate."""
        starts = [s.core.start - f.core.start for s, f in zip(self.seen, self.fill, strict=True)]
        return tuple(slice(a, a + len(s)) for a, s in zip(starts, self.seen, strict=True))

    @property
    def half(self) -> tuple[int, ...]:
        """Of the spectrum."""
        return (*self.padded[:-1], self.padded[-1] // 2 + 1)

    @property
    def piece(self) -> int:
        """Planes (rows of 2-D data) that are worked on at once: what `between` and `after` allocate then stays in the
        cache.
        """
        return max(1, self._voxels // math.prod(self.padded[1:]))

    @property
    def block(self) -> int:
        """Rows of columns (columns of 2-D data) that are worked on at once."""
        return max(1, 2 * self._voxels // (self.padded[0] * math.prod(self.half[2:])))

    @property
    def _voxels(self) -> int:
        """Of a piece: half a megabyte, half of that in 2-D, where rows are done after one transform. Found by
        trying.
        """
        return 1 << (17 if len(self.padded) == 3 else 16)

    def work(self, symmetric: bool, threads: int, modes: int = 1) -> "Work":
        """The sizes of its arrays, for so many PSFs."""
        spectrum = 8 * math.prod(self.half)
        otf = spectrum // 2 if symmetric else spectrum
        block, piece = min(self.block, self.half[1]), min(self.piece, self.padded[0])
        columns = 8 * block * self.padded[0] * math.prod(self.half[2:]) * (1 if modes == 1 else 3)
        buffers = columns + 16 * piece * math.prod(self.padded[1:])
        kept = spectrum + modes * otf + (Workers(threads).threads + 1) * buffers
        seen = 4 * math.prod(len(side) for side in self.seen)
        return Work(self.shape, seen, kept, kept + 4 * math.prod(self.padded))


@dataclass(frozen=True)
class Work:
    """Sizes in bytes: what a forward model takes, without making it."""

    shape: tuple[int, ...]
    """Of the estimate."""
    data: int
    """Of the image, float32."""
    kept: int
    """Of all that the model keeps, but for its weight."""
    built: int
    """At most, while the model is made."""

    @property
    def estimate(self) -> int:
        """Of an array of the estimate's shape, float32."""
        return 4 * math.prod(self.shape)
