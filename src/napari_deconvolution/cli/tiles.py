"""The options of a run in tiles, and such a run."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..images.files import writer_of
from ..images.image import Image
from ..recipes.recipe import Recipe
from ..scale.deconvolve_tiles import fits_in_memory
from ..scale.run import TiledRun, remaining
from .files import typed
from .options import CommandLine
from .progress import follow


def add_options(line: CommandLine) -> None:
    """How a run in tiles is shared out."""
    group = line.add_argument_group(
        "tiles", "for results in OME-Zarr; used wherever the whole does not fit into memory"
    )
    about = "show the tiles, the memory, the time and the disk that the run would take, and do nothing"
    group.add_argument("--plan", default=False, action="store_true", help=about)
    about = "processes that work on tiles; they share memory limit and threads (default: 1)"
    group.add_argument("--workers", default=None, type=int, metavar="N", help=about)
    about = "scheduler of a dask cluster, whose workers do the tiles"
    group.add_argument("--dask", default=None, metavar="ADDRESS", help=about)
    about = "length of a tile along y and x: 32, 64 or a multiple of 128 (default: the cheapest that fits into memory)"
    group.add_argument("--tile", default=None, type=int, metavar="N", help=about)
    about = "version of OME-Zarr that is written, 0.5 or 0.4 (default: 0.5)"
    group.add_argument("--zarr-version", default=None, metavar="V", help=about)


def wanted(options: argparse.Namespace, path: Path, image: Image, recipe: Recipe, psfs: Sequence[Image]) -> bool:
    """Whether a run in tiles is asked for, or the whole does not fit into memory and can be written in tiles."""
    if options.plan or any(value is not None for value in (options.workers, options.dask, options.tile)):
        return True
    return writer_of(path).folders and not fits_in_memory(image, recipe, psfs or None)


def run(
    options: argparse.Namespace, path: Path, recipe: Recipe, psfs: Sequence[Image], argv: Sequence[str]
) -> Image | None:
    """Plan it, show the plan, and do it; None if only the plan was asked for.

    Raises
    ------
    ValueError
        If a number makes no sense.
    """
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers {options.workers}: one is the least.")
    if options.dtype == "uint16":
        raise ValueError("--dtype uint16 needs the maximum of the whole result before it is written: leave it out.")
    if options.tile is not None and options.tile not in (32, 64) and (options.tile < 128 or options.tile % 128):
        raise ValueError(f"--tile {options.tile}: take 32, 64 or a multiple of 128.")
    with _client(options.dask) as client:
        planned = TiledRun.planned(
            options.input,
            path,
            recipe,
            psfs or None,
            workers=options.workers or 1,
            client=client,
            edge=options.tile,
            version=options.zarr_version or "0.5",
            overwrite=options.overwrite,
            command=typed("deconvolve", argv),
        )
        plan = remaining(planned.plan, planned.folder)
        print(f"plan: {plan.words}")
        if options.plan:
            print(plan.table)
            return None
        if planned.folder.begun:
            print(f"{len(planned.folder.done())} tiles of a run that was begun are done")
        try:
            return follow(planned.steps())
        except KeyboardInterrupt as stop:
            kept = f"the tiles that are done are kept in {planned.folder.path}"
            raise type(stop)(f"{kept}; the same command goes on with the others.") from stop


@contextmanager
def _client(address: str | None) -> Iterator[Any]:
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        remedy = 'pip install "napari-deconvolution[dask]"'
        raise ImportError(f"--dask needs the package distributed, which is not installed: {remedy}.") from error
    with Client(address, timeout=10) as client:
        yield client
