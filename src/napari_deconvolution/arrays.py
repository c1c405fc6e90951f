"""One-axis FFTs into given buffers, and work shared out over threads.

Everything above this file works on float32 and complex64 arrays and knows neither which library transforms them nor how
many threads there are. Another kind of array would come in here, as one more engine.
"""

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import scipy.fft
from numpy.typing import NDArray

try:
    import ducc0.fft as ducc
except ImportError:
    ducc = None

Array = NDArray[np.float32]
Spectrum = NDArray[np.complex64]
At = Any
"""What indexes a piece of a volume: `...`, a slice, or a tuple of slices."""


class Engine(Protocol):
    """Unnormalised one-axis transforms; `sign` is the sign of the exponent, -1 for the usual forward transform."""

    name: str

    def r2c(self, a: Array, out: Spectrum, sign: int) -> None:
        """Real to half-complex, along the last axis."""

    def c2r(self, a: Spectrum, out: Array, sign: int) -> None:
        """Half-complex to real, along the last axis; may destroy `a`."""

    def c2c(self, a: Spectrum, out: Spectrum, sign: int, axis: int) -> None:
        """Complex to complex, along any axis; `out` may be `a`."""


class ScipyFFT:
    """scipy.fft: always there."""

    name = "scipy"

    def r2c(self, a: Array, out: Spectrum, sign: int) -> None:
        out[...] = scipy.fft.rfft(a) if sign < 0 else scipy.fft.ihfft(a, norm="forward")

    def c2r(self, a: Spectrum, out: Array, sign: int) -> None:
        n = out.shape[-1]
        out[...] = scipy.fft.irfft(a, n, norm="forward") if sign > 0 else scipy.fft.hfft(a, n)

    def c2c(self, a: Spectrum, out: Spectrum, sign: int, axis: int) -> None:
        if out is not a:
            out[...] = a
        if sign < 0:
            result = scipy.fft.fft(out, axis=axis, overwrite_x=True)
        else:
            result = scipy.fft.ifft(out, axis=axis, norm="forward", overwrite_x=True)
        if not np.shares_memory(result, out):
            out[...] = result


class DuccFFT:
    """ducc0.fft: the same, and nothing is allocated; used where it is installed."""

    name = "ducc0"

    def r2c(self, a: Array, out: Spectrum, sign: int) -> None:
        ducc.r2c(a, axes=(a.ndim - 1,), forward=sign < 0, out=out)

    def c2r(self, a: Spectrum, out: Array, sign: int) -> None:
        ducc.c2r(a, axes=(a.ndim - 1,), lastsize=out.shape[-1], forward=sign < 0, out=out, allow_overwriting_input=True)

    def c2c(self, a: Spectrum, out: Spectrum, sign: int, axis: int) -> None:
        ducc.c2c(a, axes=(axis,), forward=sign < 0, out=out)


def best_engine() -> Engine:
    """The fastest engine that is installed."""
    return DuccFFT() if ducc else ScipyFFT()


START, FACTORS, ODD = 1.1, {2: 0.13, 3: 0.25, 5: 0.3, 7: 0.45, 11: 0.6}, 0.1
"""Cost of a point of a transform in ns: constant, per prime factor of the length, additional for odd lengths.

Fitted to 310 lengths up to 1400, one real and one complex transform with ducc0; with scipy the proportions are alike.
Measured again by `benchmarks/lengths.py`.
"""


@cache
def friendly(n: int) -> int:
    """The length at or above `n` that transforms fastest: not always the next that has small factors.

    >>> friendly(127), friendly(2174)
    (128, 2240)
    """
    lengths = range(n, n + max(2, n // 6) + 1)
    return min(
        (length for length in lengths if _cost(length) < math.inf),
        key=_cost,
        default=int(scipy.fft.next_fast_len(n, real=True)),
    )


def _cost(length: int) -> float:
    rest, cost = length, START + ODD * (length % 2)
    for factor, price in FACTORS.items():
        while rest % factor == 0:
            rest //= factor
            cost += price
    return length * cost if rest == 1 else math.inf


class Workers:
    """A pool of threads that share out work along an axis. `threads`: how many; 0 for all cores."""

    def __init__(self, threads: int = 0) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None
        self._own = _Scratch()

    def each(self, n: int, size: int, work: Callable[[slice], None]) -> None:
        """Call work(slice) for consecutive slices of 0..n of at most `size`. Errors are raised once all have ended."""
        pieces = [slice(i, min(i + size, n)) for i in range(0, n, size)]
        if self._pool is None or len(pieces) == 1:
            return _run(work, pieces)
        cuts = [len(pieces) * i // self.threads for i in range(self.threads + 1)]
        jobs = [self._pool.submit(_run, work, pieces[a:b]) for a, b in pairwise(cuts)]
        wait(jobs)
        for job in jobs:
            job.result()
        return None

    def over(self, work: Callable[..., None], *arrays: Array, size: int = 1 << 17) -> None:
        """Call work(...) with the same stretch of each array from several threads; short ones make them wait."""
        flat = _flat(arrays)
        self.each(flat[0].size, size, lambda at: work(*(a[at] for a in flat)))

    def scratch(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """A buffer of the calling thread's own, the same one every time; what is in it is anyone's."""
        kept, key = self._own.buffers, (shape, dtype)
        if key not in kept:
            kept[key] = np.empty(shape, dtype)
        return kept[key]


class _Scratch(threading.local):
    def __init__(self) -> None:
        self.buffers: dict[Any, Any] = {}


ALONE = Workers(1)
"""No pool: the calling thread does it all."""


def _run(work: Callable[[slice], None], pieces: list[slice]) -> None:
    for piece in pieces:
        work(piece)


def chunks(*arrays: Array, size: int = 1 << 16) -> Iterator[tuple[Array, ...]]:
    """The same stretch of each array, as flat views small enough for the cache: for passes over whole arrays.

    Raises
    ------
    ValueError
        If an array is not contiguous: its flat form would be a copy.
    """
    flat = _flat(arrays)
    for i in range(0, flat[0].size, size):
        yield tuple(a[i : i + size] for a in flat)


def _flat(arrays: Sequence[Array]) -> list[Array]:
    if not all(a.flags.c_contiguous for a in arrays):
        raise ValueError("chunks() needs contiguous arrays: of others it would give copies.")
    return [a.reshape(-1) for a in arrays]


def at_least(a: Array, floor: float | np.float32, out: Array) -> Array:
    """The maximum of an array and a number: np.clip does it in vector instructions, np.maximum in three times as long.

    >>> a = np.array([1, 3], np.float32)
    >>> at_least(a, 2, out=a).tolist()
    [2.0, 3.0]
    """
    return np.clip(a, np.float32(floor), np.float32(np.inf), out=out)


def floor_of(y: Array) -> float:
    """What the model of data is kept above, so that it may be divided by: a millionth of their maximum.

    It is 1 where nothing is above zero.

    >>> floor_of(np.array([0, 2], np.float32)), floor_of(np.array([-5, 0], np.float32))
    (2e-06, 1.0)
    """
    peak = float(y.max())
    return 1e-6 * peak if peak > 0 else 1.0


def inner(a: Array, b: Array) -> float:
    """Σ a · b, in float64 over chunks; the same in every run."""
    return math.fsum(float(np.vdot(u, v)) for u, v in chunks(a, b))


def relative_change(now: Array, before: Array) -> float:
    """‖now − before‖ / ‖now‖, summed in float64 over chunks; `before` becomes `now`."""
    moved, size = [], []
    for new, old in chunks(now, before):
        np.subtract(new, old, out=old)
        moved.append(float(np.vdot(old, old)))
        size.append(float(np.vdot(new, new)))
        old[:] = new
    return math.sqrt(math.fsum(moved) / (math.fsum(size) or 1.0))
