"""The estimate during a run: copies of it, taken at intervals."""

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ...recipes.progress import Progress
from ...runs import relayed

R = TypeVar("R")

INTERVAL = 0.7
"""Seconds between copies: copying a volume takes time, and redrawing its layer more."""


@dataclass(frozen=True, eq=False)
class LiveEstimate:
    """How far a run has come, and at intervals its estimate."""

    progress: Progress
    estimate: np.ndarray[Any, Any] | None = None
    """A copy, of the present volume; None between copies and during the search for the stop."""

    @property
    def share(self) -> float:
        """Fraction of the whole, 0 to 1."""
        return self.progress.share

    @property
    def words(self) -> str:
        """The same in words."""
        return self.progress.words

    @property
    def criterion(self) -> tuple[str, float] | None:
        """Name and value of the criterion: misfit of held-out photons, else the misfit; None if not measured."""
        step = self.progress.step
        if step is None:
            return None
        if step.criterion is not None:
            return step.phase, step.criterion
        value = step.divergence if step.divergence is not None else step.misfit
        return None if value is None else ("misfit", value)


def with_estimates(run: Generator[Progress, None, R], interval: float = INTERVAL) -> Generator[LiveEstimate, None, R]:
    """A run with copies of the estimate, taken in its own thread before the next iteration changes it."""
    last = -interval

    def taken(progress: Progress) -> LiveEstimate:
        nonlocal last
        step, now, estimate = progress.step, time.monotonic(), None
        if step is not None and not step.phase and step.iteration and now - last >= interval:
            last, estimate = now, step.estimate[step.inside].copy()
        return LiveEstimate(progress, estimate)

    return relayed(run, taken)
