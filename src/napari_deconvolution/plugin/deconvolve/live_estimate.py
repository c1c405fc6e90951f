"""The estimate while it improves: copies of it, taken now and then."""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ...recipes.volumes import Progress

R = TypeVar("R")

PAUSE = 0.7
"""Seconds between copies: a copy costs a passage through memory, and a redrawn layer more."""


@dataclass(frozen=True, eq=False)
class Glimpse:
    """Where a run is, and now and then the estimate."""

    progress: Progress
    estimate: np.ndarray[Any, Any] | None = None
    """A copy, of the volume that is worked on; None between copies and while the stop is searched for."""

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        return self.progress.share

    @property
    def words(self) -> str:
        """The same for a person."""
        return self.progress.words

    @property
    def criterion(self) -> tuple[str, float] | None:
        """What decides, and its value: what held-out photons say, or else the misfit; None where nothing is measured."""
        step = self.progress.step
        if step is None:
            return None
        if step.criterion is not None:
            return step.phase, step.criterion
        value = step.divergence if step.divergence is not None else step.misfit
        return None if value is None else ("misfit", value)


def glimpsed(walk: Generator[Progress, None, R], pause: float = PAUSE) -> Generator[Glimpse, None, R]:
    """A run with copies of the estimate, taken in its own thread before the next update changes it."""
    last = -pause
    try:
        while True:
            progress = next(walk)
            step, now, estimate = progress.step, time.monotonic(), None
            if step is not None and not step.phase and step.update and now - last >= pause:
                last, estimate = now, step.estimate[step.inside].copy()
            yield Glimpse(progress, estimate)
    except StopIteration as end:
        result: R = end.value
        return result
    finally:
        walk.close()
