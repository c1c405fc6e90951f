"""A forward model that measures every estimate on its way through."""

import math
from typing import NamedTuple

import numpy as np

from ...arrays import Array, At, at_least, floor_of
from .base import Forward, Piecewise, Store, Wrapped


class Seen(NamedTuple):
    """What one passage through H shows."""

    misfit: float | None = None
    divergence: float | None = None
    squares: float | None = None
    change: float | None = None
    norm: float | None = None


class Watched(Wrapped):
    """H, measuring every estimate on its way through, piece by piece, so that a report costs no extra pass."""

    def __init__(self, H: Forward, y: Array, counts: bool) -> None:
        super().__init__(H)
        self.y, self.counts = y, counts
        self.seen, self.passes = Seen(), 0
        self.floor = floor_of(y)

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        back = self.H.adjoint(y, out)
        self.seen = self.seen._replace(norm=math.sqrt(float(np.vdot(back, back))))
        return back

    @property
    def weight(self) -> Array:
        return self.H.weight

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        misfits: list[tuple[float, ...]] = []
        changes: list[tuple[float, ...]] = []

        def watched(blurred: Array, at: At) -> Array:
            misfits.append(self._misfit(blurred, at))
            return between(blurred, at)

        def stored(back: Array, at: At) -> None:
            norm, before = 0.0 if self.counts else float(np.vdot(back, back)), x[at].copy()
            after(back, at)
            now = x[at]
            before -= now
            changes.append((norm, float(np.vdot(before, before)), float(np.vdot(now, now))))

        self.H.through(x, watched, stored)
        norm, moved, size = map(math.fsum, zip(*changes, strict=True))
        change = math.sqrt(moved / size) if moved and size else None
        self.seen = self._summed(misfits)._replace(change=change, norm=math.sqrt(norm) or None)
        self.passes += 1

    def look(self, x: Array) -> None:
        """Measure an estimate that has not gone through."""
        blurred = self.H.forward(x)
        step = 1 if blurred.ndim > 1 else 1 << 16  # plane by plane, or in stretches where all data are one line
        parts = [slice(k, k + step) for k in range(0, len(blurred), step)]
        self.seen = self._summed([self._misfit(blurred[at], at) for at in parts])._replace(norm=self.seen.norm)

    def _misfit(self, blurred: Array, at: At) -> tuple[float, ...]:
        """Σ (y − m)², Σ (y − m)² / m and, of counts, Σ y ln(y / m) − y + m of a piece."""
        data = self.y[at]
        expected = blurred + np.float32(self.background)
        if self.counts:  # never below zero
            at_least(expected, self.floor, out=expected)
        miss = data - expected
        squares = float(np.vdot(miss, miss))
        if not self.counts:
            at_least(expected, self.floor, out=expected)
            np.divide(miss, expected, out=expected)
            return squares, float(np.vdot(miss, expected))
        # (y − m)² / m is (y − m) · y / m − (y − m).
        np.divide(data, expected, out=expected)
        excess = float(miss.sum())
        pearson = float(np.vdot(miss, expected)) - excess
        expected += np.float32(1e-9)  # where y is 0 its logarithm is asked for too
        return squares, pearson, float(np.vdot(data, np.log(expected, out=expected))) - excess

    def _summed(self, pieces: list[tuple[float, ...]]) -> Seen:
        squares, pearson, *divergence = (math.fsum(values) / self.samples for values in zip(*pieces, strict=True))
        return Seen(pearson, divergence[0] if divergence else None, squares)
