"""What a worker does: one tile, from reading its window to the marker that says it is done."""

import time
from collections.abc import Generator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..algorithms.stopping.step import Step
from ..arrays import Array
from ..recipes.recipe import Recipe
from ..runs import finished
from .folder import RunFolder
from .survey import window


@lru_cache(maxsize=1)
def folder_at(path: str, run: str) -> RunFolder:
    """The folder of a run, opened once by each process; a later run at the same place is another one."""
    return RunFolder(Path(path))


def deconvolve_tile(path: str, run: str, number: int, threads: int) -> int:
    """Deconvolve one tile and write it into the store; returns its number. For workers of any kind.

    Parameters
    ----------
    path
        Of the folder of the run, as every worker sees it.
    run
        Which run it is.
    number
        Which tile.
    threads
        To use.
    """
    return finished(tile_steps(folder_at(path, run), number, threads))


def tile_steps(folder: RunFolder, number: int, threads: int) -> Generator[Step, None, int]:
    """The same step by step."""
    began = time.perf_counter()
    tile = folder.tiling[number]
    channel = folder.channel(tile)
    recipe, level = folder.recipes[channel]
    values = window(folder.image, tile)
    offset, background, *_ = recipe.camera.known
    told: dict[str, Any] = {"sum_before": float(values[tile.inside].sum(dtype=np.float64))}
    told["sum_before"] -= (offset + background) * values[tile.inside].size
    if _dark(values, recipe):
        estimate: Array = np.zeros(values.shape, np.float32)
    else:
        run = recipe.replace(threads=threads).steps(
            _bearable(values, recipe), folder.formation(channel), spacing=folder.image.voxel, level=level, known=True
        )
        result = yield from run
        estimate = result.image
        if result.masked is not None:
            told["left_out"] = int(np.count_nonzero(result.masked[tile.inside]))
    core = np.ascontiguousarray(estimate[tile.inside])
    folder.root["0"][(*tile.index.values(), *tile.core)] = core
    told |= {"sum_after": float(core.sum(dtype=np.float64)), "peak": float(core.max())}
    folder.mark(tile, told | {"seconds": round(time.perf_counter() - began, 3)})
    return number


def _dark(values: np.ndarray, recipe: Recipe) -> bool:
    """Nothing of it is above offset and background, so that there is no specimen in it."""
    offset, background, *_ = recipe.camera.known
    return recipe.algorithm.needs_counts and bool(np.nanmax(values) <= offset + background)


def _bearable(values: np.ndarray, recipe: Recipe) -> np.ndarray:
    """A tile that is no brighter than the offset on average, without what counts of photons would be cut at anyhow."""
    offset, _, gain, read_noise = recipe.camera.known
    if not recipe.algorithm.needs_counts or float(np.nanmean(values, dtype=np.float64)) > offset:
        return values
    return np.maximum(values.astype(np.float32), np.float32(offset - read_noise**2 / gain))
