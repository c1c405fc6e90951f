"""What all tiles share, and what a worker does with it."""

from contextlib import closing

import numpy as np
import pytest

from napari_deconvolution import read
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.runs import finished
from napari_deconvolution.scale.progress import SETTINGS, WORKING
from napari_deconvolution.scale.run import TiledRun
from napari_deconvolution.scale.settle import settle
from napari_deconvolution.scale.survey import window
from napari_deconvolution.scale.tiles import Tiling
from napari_deconvolution.scale.tiles_record import tiles_record
from napari_deconvolution.scale.work import deconvolve_tile
from napari_deconvolution.scale.workers import Done, alone


def test_the_settings_are_those_of_the_brightest_tile_and_the_seam_is_there(stack, recipe):
    image, psf = read(stack), StationaryPsf(np.asarray(recipe.read_psfs(read(stack))[0].samples))
    stages = []
    tiling = Tiling({}, (4, 70, 90), 32, (8, 7))
    settled = finished(settle(image, tiling, recipe, psf, None), lambda at: stages.append(at[0]))
    assert stages == sorted(stages)
    assert set(stages) == {0, 1}
    fixed = settled.recipe
    assert (fixed.stop.name, fixed.iterations, fixed.camera.background, fixed.camera.offset) == ("none", 8, 2.0, 10.0)
    assert settled.level == pytest.approx(np.asarray(image.samples).mean() - 12, rel=0.1)
    bright = window(image, tiling[settled.tile])
    assert bright.max() >= 0.8 * np.asarray(image.samples).max()
    narrow = finished(settle(image, Tiling({}, (4, 70, 90), 32, (8, 1)), recipe, psf, None))
    assert narrow.seam > 10 * settled.seam, "with a margin of one voxel it shows"


def test_a_worker_needs_a_path_and_a_number(tmp_path, stack, recipe):
    run = TiledRun.planned(stack, tmp_path / "a.ome.zarr", recipe, edge=64)
    with closing(run.steps()) as steps:
        phases = [next(step for step in steps if step.phase == phase).phase for phase in (SETTINGS, WORKING)]
    assert phases == [SETTINGS, WORKING]
    folder = run.folder
    assert deconvolve_tile(str(folder.path), folder.job["id"], 3, 1) == 3
    assert folder.done() == {3}
    others = [each for each in alone(folder, [0, 1, 2, 99], 1) if isinstance(each, Done)]
    assert [each.number for each in others if not each.why] == [0, 1, 2]
    assert others[-1].why == "there are 4 tiles, and no number 99"
    record = tiles_record(folder, run.image)
    assert record.runs[0].sum_before == pytest.approx(float((np.asarray(run.image.samples) - 12.0).sum()))
    assert record.runs[0].sum_after == pytest.approx(float(folder.root["0"][:].sum()), rel=1e-6)
    assert record.further["tiles"] == {
        "count": 4,
        "edge": 64,
        "margin": [8, 7],
        "seam": [folder.job["channels"]["0"]["seam"]],
        "settings_found_on": [folder.job["channels"]["0"]["tile"]],
    }
