"""Samples that stay in their file until they are needed: a volume when its turn comes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from math import prod
from typing import Any, Self

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import DTypeLike, NDArray

Index = int | slice


class LazySamples(NDArrayOperatorsMixin):
    """An array in a file. Cutting and transposing read nothing; whatever else is done with it reads what is left.

    Parameters
    ----------
    shape, dtype
        Of the whole.
    fetch
        Reads a part: given an integer or a slice with a positive step for each axis, it returns what numpy would.

    Examples
    --------
    >>> whole = np.arange(24).reshape(2, 3, 4)
    >>> samples = LazySamples(whole.shape, whole.dtype, lambda at: whole[at])
    >>> part = samples.transpose(2, 0, 1)[1:3, 0]
    >>> part.shape, int(part.max()), (part + 1).tolist()
    ((2, 3), 10, [[2, 6, 10], [3, 7, 11]])
    """

    def __init__(self, shape: Sequence[int], dtype: DTypeLike, fetch: Callable[[tuple[Index, ...]], Any]) -> None:
        self.dtype = np.dtype(dtype)
        self._fetch = fetch
        self._chosen: tuple[int | range, ...] = tuple(range(size) for size in shape)
        self._order = tuple(range(len(shape)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Length along every axis."""
        return tuple(len(self._range(axis)) for axis in self._order)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self._order)

    @property
    def size(self) -> int:
        """Number of samples."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that the samples take in memory."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def transpose(self, *axes: Any) -> Self:
        """The same with its axes in another order, as numpy has it."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = range(self.ndim)[::-1] if order is None or not len(order) else order
        return self._view(self._chosen, tuple(self._order[axis] for axis in order))

    def squeeze(self, axis: Sequence[int]) -> Self:
        """Without these axes of length 1."""
        chosen = list(self._chosen)
        for at in axis:
            chosen[self._order[at]] = self._range(self._order[at])[0]
        return self._view(tuple(chosen), tuple(a for at, a in enumerate(self._order) if at not in axis))

    def within(self, context: Callable[[], AbstractContextManager[None]]) -> Self:
        """The same, read inside a context: one that says what went wrong with the file, for instance."""
        fetch, view = self._fetch, self._view(self._chosen, self._order)

        def fetched(index: tuple[Index, ...]) -> Any:
            with context():
                return fetch(index)

        view._fetch = fetched
        return view

    def __getitem__(self, key: Any) -> Any:
        keys = key if isinstance(key, tuple) else (key,)
        if any(not isinstance(part, (int, np.integer, slice)) and part is not Ellipsis for part in keys):
            return np.asarray(self)[key]
        if Ellipsis in keys:
            at = keys.index(Ellipsis)
            keys = keys[:at] + (slice(None),) * (self.ndim - len(keys) + 1) + keys[at + 1 :]
        chosen = list(self._chosen)
        for axis, part in zip(self._order, keys, strict=False):
            chosen[axis] = self._range(axis)[part]
        order = tuple(axis for axis in self._order if isinstance(chosen[axis], range))
        return self._view(tuple(chosen), order) if order else np.asarray(self._read(tuple(chosen), ()))[()]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("samples in a file cannot be had without a copy.")
        return np.asarray(self._read(self._chosen, self._order), self.dtype if dtype is None else dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keys: Any) -> Any:
        return getattr(ufunc, method)(*(np.asarray(x) if isinstance(x, LazySamples) else x for x in inputs), **keys)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"samples in a file have no attribute {name!r}")
        return getattr(np.asarray(self), name)

    def __repr__(self) -> str:
        return f"LazySamples(shape={self.shape}, dtype={self.dtype})"

    def _range(self, axis: int) -> range:
        chosen = self._chosen[axis]
        assert isinstance(chosen, range)
        return chosen

    def _view(self, chosen: tuple[int | range, ...], order: tuple[int, ...]) -> Self:
        view = type(self)((), self.dtype, self._fetch)
        view._chosen, view._order = chosen, order
        return view

    def _read(self, chosen: tuple[int | range, ...], order: tuple[int, ...]) -> NDArray[Any]:
        """Fetch a part; ranges that run backwards are fetched forwards, and turned."""
        ranges = [part for part in chosen if isinstance(part, range)]
        part = np.asarray(self._fetch(tuple(_slice(part) if isinstance(part, range) else part for part in chosen)))
        part = part[tuple(slice(None, None, -1 if each.step < 0 else 1) for each in ranges)]
        kept = [axis for axis, each in enumerate(chosen) if isinstance(each, range)]
        return part.transpose([kept.index(axis) for axis in order])


def by_planes(
    outer: Sequence[int],
    plane: Sequence[int],
    dtype: DTypeLike,
    session: Callable[[], AbstractContextManager[Callable[[int], Any]]],
) -> LazySamples:
    """Samples that are read plane by plane.

    Parameters
    ----------
    outer
        Lengths of the axes in front of those of a plane; planes are counted along the last of them first.
    plane
        Shape of one plane.
    dtype
        Of the samples.
    session
        Opens the file: what it gives returns the plane of a number.

    Examples
    --------
    >>> from contextlib import nullcontext
    >>> by_planes((2, 3), (4, 5), "u2", lambda: nullcontext(lambda k: np.full((4, 5), k)))[:, 1, 0, 0].tolist()
    [1, 4]
    """
    numbers = np.arange(prod(outer)).reshape(tuple(outer))

    def fetch(index: tuple[Index, ...]) -> NDArray[Any]:
        wanted, inside = np.asarray(numbers[index[: numbers.ndim]]), index[numbers.ndim :]
        shape = tuple(len(range(n)[at]) for n, at in zip(plane, inside, strict=True) if isinstance(at, slice))
        found = np.empty(wanted.shape + shape, dtype)
        with session() as read:
            for at in np.ndindex(wanted.shape):
                found[at] = np.asarray(read(int(wanted[at]))).reshape(tuple(plane))[inside]
        return found

    return LazySamples((*outer, *plane), dtype, fetch)


def changed(samples: Any, dtype: DTypeLike, change: Callable[[NDArray[Any]], NDArray[Any]]) -> LazySamples:
    """Samples that are changed one by one, when they are read.

    >>> changed(np.arange(6).reshape(2, 3), "f4", lambda part: part / 2)[1].tolist()
    [1.5, 2.0, 2.5]
    """
    kind = np.dtype(dtype)
    return LazySamples(samples.shape, kind, lambda index: change(np.asarray(samples[index])).astype(kind, copy=False))


def in_parts(samples: Any) -> Iterator[NDArray[Any]]:
    """All samples, a part at a time, in order: what has more than three axes volume by volume.

    >>> [part.shape for part in in_parts(np.zeros((2, 2, 5, 6, 7)))]
    [(5, 6, 7), (5, 6, 7), (5, 6, 7), (5, 6, 7)]
    """
    for at in np.ndindex(samples.shape[:-3]):
        yield np.asarray(samples[at])


def _slice(part: range) -> slice:
    forwards = part if part.step > 0 else part[::-1]
    return slice(forwards.start, forwards.stop, forwards.step)
