"""Acceleration: what moves the estimate between two iterations. It wraps the estimates of any algorithm that remembers
nothing else.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...arrays import ALONE, Array, Workers
from ...parameters import Parameters, param
from ...registry import Registry


class Acceleration(Parameters):
    """What every acceleration is."""

    volumes: ClassVar[int] = 0
    """Arrays of the estimate's shape that it keeps."""

    def drive(self, estimates: Iterator[Array], floor: float | None, workers: Workers = ALONE) -> Iterator[Array]:
        """Yield every estimate, and move it before the next update is made from it.

        Parameters
        ----------
        estimates
            The start, then every estimate: always the same live array.
        floor
            Share of itself that a voxel keeps at least, for estimates that must stay positive; None for others.
        workers
            Who shares out the passes; the estimates do not depend on it.
        """
        raise NotImplementedError


ACCELERATIONS: Registry[Acceleration] = Registry(Acceleration, "acceleration")


@ACCELERATIONS.register("none")
@dataclass(frozen=True)
class NoAcceleration(Acceleration):
    """Every update starts from the estimate before it.

    Source: none needed; the update as published, Richardson 1972, doi:10.1364/JOSA.62.000055.

    >>> list(NoAcceleration().drive(iter([1, 2]), None))
    [1, 2]
    """

    def drive(self, estimates: Iterator[Array], floor: float | None, workers: Workers = ALONE) -> Iterator[Array]:
        return estimates


@ACCELERATIONS.register("momentum")
@dataclass(frozen=True)
class Momentum(Acceleration):
    """Go on a little in the direction of the last update.

        x ← x + j / (j + slowness) · (x − x_before),   j = max(number − delay, 0)

    On Richardson–Lucy this is the scaled heavy ball, on a proximal gradient it is FISTA (with slowness 3). The usual
    schedule, slowness 3 without delay, overshoots on noise: its best estimate is up to 7 dB worse. This gentle one
    costs nothing measurable, and reaches in about 31 iterations the likelihood of 100. One more volume.

    Source: Beck & Teboulle 2009, doi:10.1137/080716542; on Richardson–Lucy, Wang & Miller 2014,
    doi:10.1109/TIP.2013.2291324.

    >>> import numpy as np
    >>> x = np.zeros(1, np.float32)
    >>> def walk():
    ...     while True:
    ...         yield x
    ...         np.add(x, 1, out=x)
    >>> moved = Momentum(delay=0, slowness=3.0).drive(walk(), None)
    >>> [float(next(moved)[0]) for _ in range(4)]
    [0.0, 1.0, 2.25, 3.75]
    """

    volumes = 1

    slowness: float = param(
        5.0,
        "How slowly momentum builds up: larger is gentler; 3 is the usual schedule",
        label="Momentum schedule",
        importance="advanced",
        low=0.5,
        high=100,
    )
    delay: int = param(
        4,
        "Number of iterations before momentum sets in",
        label="Iterations before momentum",
        importance="advanced",
        low=0,
        high=1000,
    )

    def drive(self, estimates: Iterator[Array], floor: float | None, workers: Workers = ALONE) -> Iterator[Array]:
        before: Array | None = None
        for number, x in enumerate(estimates):
            yield x
            if before is None:
                before = x.copy()
                continue
            j = max(number - self.delay, 0)
            extrapolate(x, before, j / (j + self.slowness), floor, workers)


@ACCELERATIONS.register("biggs-andrews", "Biggs–Andrews")
@dataclass(frozen=True)
class BiggsAndrews(Acceleration):
    """Go on in the direction of the last update as far as the last two iterations agree.

        x ← x + α (x − x_before),   α = ⟨g, g_before⟩ / ⟨g_before, g_before⟩ between 0 and 1,   g: what the last update
        added

    It needs no schedule, but three more volumes, and it overshoots on noise as fast momentum does.

    Source: Biggs & Andrews 1997, doi:10.1364/AO.36.001766.

    >>> BiggsAndrews().name
    'biggs-andrews'
    """

    volumes = 3

    def drive(self, estimates: Iterator[Array], floor: float | None, workers: Workers = ALONE) -> Iterator[Array]:
        before: Array | None = None
        square = 0.0
        for x in estimates:
            yield x
            if before is None:
                before, point, change = x.copy(), x.copy(), np.zeros_like(x)
                continue
            last = square
            product, square = _agreement(x, point, change, workers)
            extrapolate(x, before, min(max(product / last, 0.0), 1.0) if last else 0.0, floor, workers)
            np.copyto(point, x)


@ACCELERATIONS.register("nu-method", "ν-method")
@dataclass(frozen=True)
class NuMethod(Acceleration):
    """Go up to four times as far as the update, and on in the direction of the last step: the fewest iterations of all.

        z ← z + μ (z − z_before) + 0.95 ω (x − z),    x: the update made from z, the number k of them counted from 1
        μ = (k − 1)(2k − 3)(2k + 2ν − 1) / ( (k + 2ν − 1)(2k + 4ν − 1)(2k + 2ν − 3) )
        ω = 4 (2k + 2ν − 1)(k + ν − 1) / ( (k + 2ν − 1)(2k + 4ν − 1) )

    For linear problems the steps are orthogonal polynomials, which treat frequencies as about k² / 4 plain iterations
    do, so that an early stop smooths in the same way; 20 iterations reach the likelihood of 100. Where it must stay
    positive, z keeps half of what it was or of what the update makes of it, whichever is less. Two more volumes. It
    bears no update that is longer than safe, as Landweber's with relaxation above 1.

    Source: Hanke 1991, doi:10.1007/BF01385727; Engl, Hanke & Neubauer 1996, doi:10.1007/978-94-009-1740-8, section 6.3;
    the use for Richardson–Lucy and the bound are this project's, docs/performance.md.

    >>> import numpy as np
    >>> x = np.full(1, 1, np.float32)
    >>> def halve():
    ...     while True:
    ...         yield x
    ...         np.multiply(x, np.float32(0.9), out=x)
    >>> found = NuMethod().drive(halve(), None)
    >>> [round(float(next(found)[0]), 2) for _ in range(5)], round(0.9**4, 2)
    ([1.0, 0.9, 0.8, 0.69, 0.55], 0.66)
    """

    volumes = 2

    nu: float = param(
        2.0,
        "Smoothness expected of the specimen: 1 is faster, but overshoots on noise",
        label="Smoothness ν",
        importance="advanced",
        low=0.6,
        high=20,
    )

    def drive(self, estimates: Iterator[Array], floor: float | None, workers: Workers = ALONE) -> Iterator[Array]:
        nu = self.nu
        for k, x in enumerate(estimates):
            yield x
            if k == 0:
                point, before = x.copy(), x.copy()
                continue
            far = (2 * k + 2 * nu - 1) / ((k + 2 * nu - 1) * (2 * k + 4 * nu - 1))
            on = np.float32((k - 1) * (2 * k - 3) / (2 * k + 2 * nu - 3) * far)
            pace = np.float32(0.95 * 4 * (k + nu - 1) * far)
            _leap(x, point, before, on, pace, floor, workers)


def extrapolate(x: Array, before: Array, pace: float, floor: float | None, workers: Workers = ALONE) -> None:
    """X ← x + pace (x − before) and before ← x, at once; where it must stay positive, never below `floor` times what it
    was.
    """

    def work(now: Array, last: Array) -> None:
        move = np.subtract(now, last, out=workers.scratch(now.shape, np.float32))
        move *= np.float32(pace)
        last[:] = now
        now += move
        if floor is not None:
            np.maximum(now, np.multiply(last, np.float32(floor), out=move), out=now)

    workers.over(work, x, before)


def _agreement(x: Array, point: Array, change: Array, workers: Workers) -> tuple[float, float]:
    """⟨g, g_before⟩ and ⟨g, g⟩; `change` becomes g, `point` is spoilt. The sums are exact, so that their order does not
    matter.
    """
    products: list[float] = []
    squares: list[float] = []

    def work(now: Array, start: Array, g_before: Array) -> None:
        g = np.subtract(now, start, out=start)
        products.append(float(np.vdot(g, g_before)))
        squares.append(float(np.vdot(g, g)))
        g_before[:] = g

    workers.over(work, x, point, change)
    return math.fsum(products), math.fsum(squares)


def _leap(
    x: Array, point: Array, before: Array, on: np.float32, pace: np.float32, floor: float | None, workers: Workers
) -> None:
    """The step of the ν-method: the new point goes to x and `point`, the one before it to `before`."""

    def work(made: Array, z: Array, last: Array) -> None:
        move = workers.scratch(made.shape, np.float32)
        np.subtract(z, last, out=last)
        last *= on
        last += z
        np.subtract(made, z, out=move)
        move *= pace
        last += move
        if floor is not None:
            np.minimum(made, z, out=move)
            move *= np.float32(0.5)
            np.maximum(last, move, out=last)
        made[:] = last
        last[:] = z
        z[:] = made

    workers.over(work, x, point, before)
