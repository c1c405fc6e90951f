"""Progress in the terminal."""

from collections.abc import Generator
from typing import TypeVar

from ..recipes.batch import FileProgress
from ..recipes.progress import Progress
from ..runs import finished

R = TypeVar("R")


def write_line(text: str) -> None:
    """Print a line, above the progress bar if there is one."""
    from tqdm import tqdm

    tqdm.write(text)


BAR = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}, {desc}"


def follow(run: Generator[Progress | FileProgress, None, R]) -> R:
    """Run to the end, with a progress bar where there is a terminal."""
    from tqdm import tqdm

    with tqdm(total=1.0, disable=None, leave=False, bar_format=BAR) as bar:

        def show(progress: Progress | FileProgress) -> None:
            bar.set_description_str(progress.words, refresh=False)
            bar.update(progress.share - bar.n)

        return finished(run, show)
