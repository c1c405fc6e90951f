"""Progress in the terminal."""

import sys
import time
from collections.abc import Generator
from typing import Protocol, TypeVar

from ..arrays import best_engine
from ..options import PROGRAM
from ..runs import finished

R = TypeVar("R")

LONG = 20.0
"""Seconds of a run that is worth a word on how to shorten it."""


def write_line(text: str) -> None:
    """Print a line, above the progress bar if there is one."""
    from tqdm import tqdm

    tqdm.write(text)


BAR = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}, {desc}"


class Showable(Protocol):
    """Progress of any kind of run."""

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""

    @property
    def words(self) -> str:
        """The same for a person."""


def follow(run: Generator[Showable, None, R]) -> R:
    """Run to the end, with a progress bar where there is a terminal; then say if faster transforms are missing."""
    from tqdm import tqdm

    began = time.perf_counter()

    with tqdm(total=1.0, disable=None, leave=False, bar_format=BAR) as bar:

        def show(progress: Showable) -> None:
            bar.set_description_str(progress.words, refresh=False)
            bar.update(progress.share - bar.n)

        outcome = finished(run, show)
    if best_engine().name == "scipy" and time.perf_counter() - began > LONG:
        faster = f"with ducc0 an iteration takes a quarter less time (pip install '{PROGRAM}[fast]')"
        print(f"Fourier transforms by scipy: {faster}", file=sys.stderr)
    return outcome
