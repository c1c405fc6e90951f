"""Deconvolve a file that is larger than memory: the way in from Python."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..algorithms.forward.formation import PlannedPsf
from ..algorithms.memory import memory
from ..algorithms.system_memory import available
from ..images.image import Image
from ..recipes.channel_run import channel_runs
from ..recipes.given_psfs import Psfs
from ..recipes.recipe import Recipe
from ..runs import finished
from .plan import BASE
from .progress import TileProgress
from .run import TiledRun


def deconvolve_tiles(
    path: str | Path | Sequence[Path],
    output: str | Path,
    recipe: Recipe,
    psf: Psfs = None,
    *,
    workers: int = 1,
    client: Any = None,
    edge: int | None = None,
    version: str = "0.5",
    overwrite: bool = False,
    watch: Callable[[TileProgress], object] | None = None,
) -> Image:
    """Deconvolve an image of any size in tiles, and write the result into an OME-Zarr.

    Tiles are squares along y and x with a margin of half a PSF on every side, and whole along z. Each is deconvolved by
    itself with the same PSF, background, gain, weight and number of iterations, which are found once, on the brightest
    tile, and its margin is cut off. They are as large as the memory limit of the recipe allows. A run that was ended,
    whatever by, goes on where it was when the same function is called again.

    Parameters
    ----------
    path
        Of the image, or of all its files; an OME-Zarr is read fastest.
    output
        A name that ends in .ome.zarr or .zarr.
    recipe
        What to do; its `memory` is the limit in GB for all processes together.
    psf
        In place of the files of the recipe: one for each channel, as images of one volume or along an axis c.
    workers
        Processes on this machine; the threads of the recipe are shared out among them.
    client
        A `dask.distributed.Client`: its workers do the tiles instead, one for each of their threads. All have to see
        the files under the same paths.
    edge
        Length of a tile along y and x in voxels: 32, 64, or a multiple of 128; None: the cheapest that fits into
        memory.
    version
        Of OME-Zarr: "0.5" or "0.4".
    overwrite
        Replace a store of that name, and an unfinished run of other settings.
    watch
        Called with every `TileProgress`.

    Returns
    -------
    Image
        The result, its samples still in the store; its record tells the tiles, and the difference at a seam.

    Raises
    ------
    ValueError
        If something asked for needs the whole volume, or tiles failed (the others are kept).
    OSError
        If image or output cannot be read or written, or the disk has too little room.
    MemoryError
        If the limit is too small for the smallest tile; the message says what it needs.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from napari_deconvolution import Recipe, write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(Image(20 * np.eye(48), "yx", {"y": 0.1, "x": 0.1}), f"{folder}/line.ome.tif")
    ...     recipe = Recipe().assign(algorithm="richardson-lucy", na=0.9, n_immersion=1, iterations=3)
    ...     result = deconvolve_tiles(path, f"{folder}/sharp.ome.zarr", recipe, edge=32)
    ...     result.samples.shape, result.record["tiles"]["count"]
    ((48, 48), 4)
    """
    run = TiledRun.planned(
        path, output, recipe, psf, workers=workers, client=client, edge=edge, version=version, overwrite=overwrite
    )
    return finished(run.steps(), watch)


def fits_in_memory(image: Image, recipe: Recipe, psf: Psfs = None) -> bool:
    """Whether an image can be deconvolved without tiles: volume by volume, with all results in memory at the end.

    >>> import numpy as np
    >>> image = Image(np.zeros((4, 16, 16), np.uint16), "zyx", {"z": 0.3, "y": 0.1, "x": 0.1})
    >>> fits_in_memory(image, Recipe()), fits_in_memory(image, Recipe(memory=0.05))
    (True, False)
    """
    taken = recipe.taken(image)
    limit = recipe.most if recipe.most is not None else available()
    if limit is None:
        return True
    held = BASE + 4 * taken.samples.size + taken.samples.dtype.itemsize * math.prod(taken.volume)
    needed = 0
    for run in channel_runs(image, recipe, psf).values():
        formation = run.formation or PlannedPsf(run.recipe.grid(taken).shape)
        needed = max(needed, memory(run.recipe, taken.volume, formation))
    return held + needed <= limit
