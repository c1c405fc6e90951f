"""Progress in the terminal."""

from collections.abc import Generator
from typing import Protocol, TypeVar

from ..runs import finished

R = TypeVar("R")

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
    """Run to the end, with a progress bar where there is a terminal."""
    from tqdm import tqdm

    with tqdm(total=1.0, disable=None, leave=False, bar_format=BAR) as bar:

        def show(progress: Showable) -> None:
            bar.set_description_str(progress.words, refresh=False)
            bar.update(progress.share - bar.n)

        return finished(run, show)
