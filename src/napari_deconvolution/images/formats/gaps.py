"""Acquisitions that were stopped: the time points that are whole are read, and the others are named."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def whole_times(samples: Any, axes: str, there: NDArray[np.bool_], path: Path) -> Any:
    """The samples up to the first time point that lacks a plane.

    Parameters
    ----------
    samples
        With all the planes that were planned.
    axes
        A letter for each of their dimensions.
    there
        Whether a plane was taken, along the first axes of the samples.
    path
        The file, for messages.

    Raises
    ------
    ValueError
        If no time point is whole, or planes are missing from between others.
    """
    if there.all():
        return samples
    missing = f"{there.size - np.count_nonzero(there)} of its {there.size} planes are missing"
    at = axes.find("t")
    if 0 <= at < there.ndim:
        whole = np.asarray(np.moveaxis(there, at, 0).reshape(there.shape[at], -1).all(axis=1))
        times = int(np.argmin(whole))
        if times and not whole[times:].any():
            last = len(whole) - 1
            rest = f"time point {last} is" if times == last else f"time points {times} to {last} are"
            warnings.warn(
                f"{path} was stopped early, or a file of its set is not there ({missing}): time points 0 to "
                f"{times - 1} are read; {rest} left out.",
                stacklevel=6,
            )
            return samples[(slice(None),) * at + (slice(0, times),)]
    raise ValueError(
        f"{path} is incomplete: {missing}, and are in no file next to it. Copy all files of the set into one folder."
    )
