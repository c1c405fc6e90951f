"""Many runs after each other leave nothing behind: no threads, no open files, no memory."""

import gc
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.batch import deconvolve_file, run_file
from napari_deconvolution.recipes.recipe import Recipe

SELF = Path("/proc/self")
METHODS = ("richardson-lucy", "maximum-likelihood", "wiener", "fista")
FIRST, RUNS = 40, 300
"""Runs after which caches are full, and those that are watched."""
MOST = 8e6
"""Bytes that memory may grow by: less than 30 kB a run."""


def held():
    """Threads, open files, and bytes in memory."""
    gc.collect()
    pages = int((SELF / "statm").read_text().split()[1])
    return threading.active_count(), len(os.listdir(SELF / "fd")), pages * os.sysconf("SC_PAGE_SIZE")


def run(number, folder):
    """A run to its end, written and read; one that is cancelled; one that is refused."""
    recipe = Recipe().assign(algorithm=METHODS[number % len(METHODS)], iterations=3, na=1.2)
    result = deconvolve_file(folder / "cell.ome.tif", recipe).image
    assert np.isfinite(read(write(result, folder / "sharp.ome.tif", overwrite=True)).samples).all()
    begun = run_file(folder / "cell.ome.tif", recipe)
    next(begun)
    begun.close()
    with pytest.raises(ValueError, match="is dark"):
        deconvolve_file(folder / "dark.ome.tif", recipe)


@pytest.mark.slow
@pytest.mark.skipif(not SELF.exists(), reason="open files and memory are counted on Linux")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_many_runs_leave_nothing_behind(tmp_path):
    counts, step = np.random.default_rng(0).poisson(30, (8, 16, 16)), {"z": 0.3, "y": 0.1, "x": 0.1}
    for name, factor in (("cell", 1), ("dark", 0)):
        write(Image((factor * counts).astype(np.uint16), "zyx", step), tmp_path / f"{name}.ome.tif")
    for number in range(FIRST):
        run(number, tmp_path)
    threads, files, memory = held()
    for number in range(RUNS):
        run(number, tmp_path)
    now = held()
    assert now[:2] == (threads, files)
    assert now[2] - memory < MOST
