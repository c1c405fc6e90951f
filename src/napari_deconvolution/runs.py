"""Runs are generators: every yield is progress, what they return is the result, and closing them cancels."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")


def relayed(run: Generator[S, None, R], change: Callable[[S], T]) -> Generator[T, None, R]:
    """Pass on what a run yields, changed, and what it returns. Closing this closes the run.

    Parameters
    ----------
    run
        Any run.
    change
        Makes what is yielded of what the run yields, before the run goes on.

    >>> def count():
    ...     yield 1
    ...     yield 2
    ...     return "done"
    >>> doubled = relayed(count(), lambda number: 2 * number)
    >>> next(doubled), next(doubled)
    (2, 4)
    >>> finished(relayed(count(), lambda number: 2 * number), print)
    2
    4
    'done'
    """
    watched = _Returning(run)
    with closing(iter(watched)) as steps:
        for step in steps:
            yield change(step)
    return watched.returned


def begun(run: Generator[S, None, R], then: Callable[[], object]) -> Generator[S, None, R]:
    """A run that does something once it has begun, unless it cannot begin at all, or has nothing to do.

    >>> def count():
    ...     yield 1
    ...     return "done"
    >>> finished(begun(count(), lambda: print("begun")), print)
    begun
    1
    'done'
    """
    with closing(run):
        try:
            first = next(run)
        except StopIteration as end:
            return end.value
        then()
        yield first
        return (yield from run)


def finished(run: Generator[S, None, R], watch: Callable[[S], object] | None = None) -> R:
    """Run to the end and return the result.

    Parameters
    ----------
    run
        Any run.
    watch
        Called with everything that is yielded.

    >>> def count():
    ...     yield 1
    ...     return "done"
    >>> finished(count(), print)
    1
    'done'
    """
    watched = _Returning(run)
    for step in watched:
        if watch is not None:
            watch(step)
    return watched.returned


class _Returning(Generic[S, R]):
    """A run for a loop, which keeps what the run returns."""

    returned: R

    def __init__(self, run: Generator[S, None, R]) -> None:
        self.run = run

    def __iter__(self) -> Generator[S, None, None]:
        self.returned = yield from self.run
