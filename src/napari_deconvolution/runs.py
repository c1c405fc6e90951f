"""Runs are generators: every yield is progress, what they return is the result, and closing them cancels."""

from collections.abc import Callable, Generator
from typing import TypeVar

S = TypeVar("S")
R = TypeVar("R")


def finished(walk: Generator[S, None, R], watch: Callable[[S], object] | None = None) -> R:
    """Run to the end and return the result.

    Parameters
    ----------
    watch
        Called with everything that is yielded.

    >>> def count():
    ...     yield 1
    ...     yield 2
    ...     return "done"
    >>> finished(count(), print)
    1
    2
    'done'
    """
    while True:
        try:
            step = next(walk)
        except StopIteration as end:
            result: R = end.value
            return result
        if watch is not None:
            watch(step)
