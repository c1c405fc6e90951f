"""Plans: tiles that fit, that cost least, and that are told."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest

from napari_deconvolution import Recipe
from napari_deconvolution.algorithms.forward.formation import PlannedPsf, StationaryPsf
from napari_deconvolution.images.image import Image
from napari_deconvolution.scale import pace
from napari_deconvolution.scale.plan import check_disk, duration, planned, process_memory
from napari_deconvolution.scale.progress import TileProgress
from napari_deconvolution.scale.survey import surveyed, window
from napari_deconvolution.scale.tiles import Tiling

PSF = StationaryPsf(np.full((21, 61, 41), 1 / (21 * 61 * 41), np.float32))
SHAPE = (50, 2048, 2048)
JOB = Recipe().assign(algorithm="richardson-lucy", iterations=30, threads=1)


@pytest.mark.parametrize(("limit", "workers"), [(1.5e9, 1), (4e9, 1), (4e9, 3)])
def test_the_tiles_fit_and_no_others_that_fit_cost_less(limit, workers):
    plan = planned({}, SHAPE, JOB, PSF, 2, 1e-8, limit=limit, workers=workers)
    assert plan.memory <= limit
    assert plan.tiling.margin == (34, 24)
    for edge in (128, 256, 384, 512, 768, 1024, 1536):
        try:
            other = planned({}, SHAPE, JOB, PSF, 2, 1e-8, limit=limit, workers=workers, edge=edge)
        except MemoryError:
            continue
        assert other.seconds >= plan.seconds


def test_more_memory_makes_it_faster_and_everything_at_once_is_fastest():
    plans = [planned({"t": 3}, SHAPE, JOB, PSF, 2, 1e-8, limit=limit) for limit in (1e9, 2e9, 8e9, 1e12)]
    assert all(later.seconds <= earlier.seconds for earlier, later in itertools.pairwise(plans))
    assert len(plans[-1].tiling) == 3
    assert plans[-1].disk > 4 * 3 * math.prod(SHAPE)


def test_tiles_cover_the_image_once_and_their_windows_hold_the_margin():
    tiling = Tiling({"t": 2, "c": 2}, (3, 70, 100), 32, (9, 5))
    seen = np.zeros((2, 2, 3, 70, 100), int)
    for number, tile in enumerate(tiling):
        assert tile == tiling[number]
        seen[(tile.index["t"], tile.index["c"], *tile.core)] += 1
        for core, outer, by, n in zip(tile.core[1:], tile.window[1:], (9, 5), (70, 100), strict=True):
            assert (outer.start, outer.stop) == (max(core.start - by, 0), min(core.stop + by, n))
    assert (seen == 1).all()
    assert number == len(tiling) - 1
    with pytest.raises(IndexError, match="there are 48 tiles"):
        tiling[48]


def test_the_brightest_and_the_darkest_tile_are_found_and_fill_is_not_dark():
    samples = np.random.default_rng(0).poisson(20, (8, 64, 96)).astype(np.uint16)
    samples[:, 40:44, 70:74] += 500
    samples[:, :32, 32:64] = np.random.default_rng(1).poisson(10, (8, 32, 32))
    samples[:, 32:, :32] = 0
    image = Image(samples, "zyx")
    seen = surveyed(image, tiling := Tiling({}, (8, 64, 96), 32, (0, 0)), None)
    assert (seen.bright, seen.dark) == (tiling[5], tiling[1])
    assert seen.mean == pytest.approx(samples.mean(), rel=0.05)
    np.testing.assert_array_equal(window(image, tiling[1]), samples[:, :32, 32:64])


def test_the_pace_is_a_time_and_progress_never_leaves_its_range(tmp_path):
    rate = pace.pace(JOB, PSF, (4, 90, 80), (0.3, 0.1, 0.1), 1)
    assert 1e-10 < rate < 1e-5
    check_disk(planned({}, (4, 90, 80), JOB, PSF, 2, rate), tmp_path)
    assert duration(100) == "1.7 min"
    assert TileProgress("making the pyramid", 4, 4).share == 1


FRESH = """
import re, sys
from pathlib import Path
import numpy as np
from napari_deconvolution import Recipe, deconvolve_tiles, write
from napari_deconvolution.images.image import Image
from napari_deconvolution.scale.run import TiledRun

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    bell = [np.exp(-8 * (2 * (np.arange(n) - n // 2) / n) ** 2) for n in (39, 63, 63)]
    bell = (bell[0][:, None, None] * bell[1][:, None] * bell[2]).astype(np.float32)
    psf = write(Image(bell, "zyx"), folder / "p.tif")
    image = Image(np.random.default_rng(0).poisson(100, (40, 256, 256)).astype(np.uint16), "zyx")
    path = write(image, folder / "i.ome.zarr")
    recipe = Recipe().assign(algorithm=sys.argv[2], iterations=2, threads=1, background=1.0, psf=(str(psf),))
    del image
    run = TiledRun.planned(path, folder / "o.ome.zarr", recipe, edge=256)
    for _ in run.steps():
        pass
    print(int(run.plan.memory), 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a process")
@pytest.mark.parametrize("algorithm", ["richardson-lucy", "maximum-likelihood"])
def test_the_peak_of_the_process_is_predicted(tmp_path, algorithm):
    run = subprocess.run([sys.executable, "-c", FRESH, str(tmp_path), algorithm], capture_output=True, text=True)
    assert not run.returncode, run.stderr
    told, taken = map(int, run.stdout.split())
    assert taken <= told <= 1.2 * taken


def test_the_process_is_counted_with_what_it_reads_and_writes():
    formation = PlannedPsf((21, 61, 41))
    more = process_memory(JOB, (50, 512, 512), formation, 4) - process_memory(JOB, (50, 512, 512), formation, 2)
    assert more == 2 * 50 * 512 * 512
