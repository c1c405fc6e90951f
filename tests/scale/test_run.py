"""Runs in tiles: what comes out, what is kept after an end, and what is refused."""

import multiprocessing
import os
import shutil
import signal
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest

from napari_deconvolution import deconvolve_file, deconvolve_tiles, read, write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.scale import run as running
from napari_deconvolution.scale.run import TiledRun

from .conftest import SPACING, counts, digest


def test_tiles_come_near_the_whole_and_tell_how_they_were_made(tmp_path, stack, recipe):
    whole = deconvolve_file(stack, recipe).image
    shares = []
    tiled = deconvolve_tiles(
        stack, tmp_path / "a.ome.zarr", recipe, edge=32, watch=lambda progress: shares.append(progress.share)
    )
    assert np.abs(tiled.samples - whole.samples).max() < 0.005 * whole.samples.max()
    assert (tiled.voxel, tiled.channels, tiled.axes) == (whole.voxel, whole.channels, whole.axes)
    record = Record.of(tiled.record)
    assert record.further["tiles"]["count"] == 9
    assert record.further["tiles"]["margin"] == [8, 7]
    assert 0 < record.further["tiles"]["seam"][0] < 0.005
    assert record.runs[0].sum_before == pytest.approx(Record.of(whole.record).runs[0].sum_before)
    assert record.runs[0].sum_after == pytest.approx(float(whole.samples.sum()), rel=1e-3)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_run_that_ended_goes_on_and_the_result_is_the_same_to_the_last_bit(tmp_path, stack, recipe):
    deconvolve_tiles(stack, tmp_path / "straight.ome.zarr", recipe, edge=32)
    output = tmp_path / "resumed.ome.zarr"
    with closing(TiledRun.planned(stack, output, recipe, edge=32).steps()) as steps:
        next(step for step in steps if step.done == 4)
    again = TiledRun.planned(stack, output, recipe, edge=64)
    assert again.folder.done() == {0, 1, 2, 3}
    assert not output.exists()
    assert len(running.remaining(again.plan, again.folder).tiling) == 9, "the tiles are those that it was begun with"
    (done_before,) = {path.stat().st_mtime_ns for path in again.folder.notes.glob("done/0.json")}
    steps = again.steps()
    first = next(steps)
    assert (first.done, (again.folder.notes / "done" / "0.json").stat().st_mtime_ns) == (4, done_before)
    for _ in steps:
        pass
    assert digest(output) == digest(tmp_path / "straight.ome.zarr")
    assert not list(tmp_path.glob(".*"))


def test_a_second_run_on_one_output_is_told_and_the_first_goes_on(tmp_path, stack, recipe):
    output = tmp_path / "a.ome.zarr"
    with closing(TiledRun.planned(stack, output, recipe, edge=32).steps()) as first:
        next(first)
        with pytest.raises(BlockingIOError, match=r"a.ome.zarr is being written by another run: wait"):
            deconvolve_tiles(stack, output, recipe, edge=32, overwrite=True)
        for _ in first:
            pass
    assert read(output).samples.shape == read(stack).samples.shape
    assert not list(tmp_path.glob(".*"))


def test_an_unfinished_run_of_other_settings_is_not_lost_unasked(tmp_path, stack, recipe):
    output = tmp_path / "a.ome.zarr"
    with closing(TiledRun.planned(stack, output, recipe, edge=32).steps()) as steps:
        next(step for step in steps if step.done == 1)
    other = recipe.replace(iterations=3)
    with pytest.raises(FileExistsError, match=r"A run with other settings was begun for .*a.ome.zarr and lies in"):
        deconvolve_tiles(stack, output, other, edge=32)
    moved = shutil.copytree(stack, tmp_path / "copy.ome.zarr")
    with pytest.raises(FileExistsError, match="A run on another image was begun"):
        deconvolve_tiles(moved, output, recipe, edge=32)
    deconvolve_tiles(stack, output, other, edge=32, overwrite=True)
    assert Record.of(read(output).record).runs[0].iterations == 3


def test_a_tile_that_cannot_be_read_is_told_and_the_others_are_made(tmp_path, recipe):
    stack = write(Image(counts(2, 40, 300), "zyx", SPACING), tmp_path / "stack.zarr", version="0.4")
    output, chunk = tmp_path / "a.ome.zarr", stack / "0" / "0" / "0" / "2"
    content = chunk.read_bytes()
    run = TiledRun.planned(stack, output, recipe, edge=128)
    steps = run.steps()
    next(step for step in steps if step.phase == "deconvolving")
    chunk.write_bytes(b"damaged")
    with pytest.raises(ValueError, match=r"2 of 3 tiles failed, tile 1 \(y 0 to 39, x 128 to 255\) for insta.*kept"):
        for _ in steps:
            pass
    assert run.folder.done() == {0}, "what lies next to the chunk needs it too"
    chunk.write_bytes(content)
    deconvolve_tiles(stack, output, recipe, edge=128)
    assert output.exists()


def test_every_volume_of_a_series_with_channels_and_the_dark_ones_too(tmp_path, recipe):
    samples = np.stack([[counts(3, 40, 60), counts(3, 40, 60, seed=1)], [counts(3, 40, 60, seed=2)] * 2])
    samples[1, 1] = 10
    image = Image(samples, "tczyx", SPACING, (Channel("a", 0.5), Channel("b", 0.6)))
    path, recipe = write(image, tmp_path / "series.ome.zarr"), recipe.replace(psf=2 * recipe.psf)
    tiled = deconvolve_tiles(path, tmp_path / "a.ome.zarr", recipe, edge=32)
    record = Record.of(tiled.record)
    assert [dict(each.index) for each in record.runs] == [{"t": t, "c": c} for t in (0, 1) for c in (0, 1)]
    assert not np.asarray(tiled.samples[1, 1]).any(), "nothing is above offset and background"
    first = write(image.select(t=0), tmp_path / "first.ome.zarr")
    alone = deconvolve_file(first, recipe).image.samples
    assert np.abs(np.asarray(tiled.samples[0]) - alone).max() < 0.005 * alone.max()
    second = deconvolve_tiles(path, tmp_path / "b.ome.zarr", recipe.replace(channel=1), edge=32)
    np.testing.assert_array_equal(second.samples[0], tiled.samples[0, 1])


def test_the_default_finds_its_settings_once(tmp_path, stack, recipe):
    usual = recipe.assign(algorithm="maximum-likelihood", iterations=200, background=None, gain=0.65)
    run = Record.of(deconvolve_tiles(stack, tmp_path / "a.ome.zarr", usual, edge=32).record).runs[0]
    assert run.algorithm["weight"] > 0
    assert 0 < run.estimated_from_image["background"] < 20
    assert run.reason.startswith(f"{run.iterations} iterations, as found on tile ")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"uncertainty": 4}, "uncertainty looks at a whole volume, and this one is deconvolved in tiles"),
        ({"algorithm": "tikhonov"}, "tikhonov chooses its weight from the whole image"),
        ({"boundary": "periodic"}, "periodic wraps around the whole image"),
        ({"depth_varying": True}, "depth_varying: all tiles have one PSF"),
        (
            {"memory": 0.05},
            r"Not even a small tile fits into 50 MB of memory: it needs 0.\d GB, for its margin",
        ),
    ],
)
def test_what_cannot_be_done_in_tiles_is_said_before_anything_is(tmp_path, stack, recipe, settings, said):
    with pytest.raises((ValueError, MemoryError), match=said):
        deconvolve_tiles(stack, tmp_path / "a.ome.zarr", recipe.assign(**settings))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["psf.tif", "stack.ome.zarr"]


def test_too_small_a_disk_and_another_format_are_found_before(tmp_path, stack, recipe, monkeypatch):
    with pytest.raises(ValueError, match=r"tiles are written into an OME-Zarr; end the name in .ome.zarr"):
        deconvolve_tiles(stack, tmp_path / "a.ome.tif", recipe)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(OSError, match=r"The result may take 0 MB on the disk of .*, and 0 MB are free: make room"):
        deconvolve_tiles(stack, tmp_path / "a.ome.zarr", recipe)


@pytest.mark.slow
def test_processes_make_the_same_and_a_killed_one_is_made_up_for(tmp_path, stack, recipe):
    deconvolve_tiles(stack, tmp_path / "straight.ome.zarr", recipe, edge=32)
    output, killed = tmp_path / "a.ome.zarr", False
    for step in TiledRun.planned(stack, output, recipe, edge=32, workers=2).steps():
        if step.phase == "deconvolving" and step.done == 2 and not killed:
            victim, killed = multiprocessing.active_children()[0], True
            os.kill(victim.pid, signal.SIGKILL)
    assert killed
    assert digest(output) == digest(tmp_path / "straight.ome.zarr")


@pytest.mark.slow
def test_a_cluster_makes_the_same_and_goes_on_after_its_scheduler_was_restarted(tmp_path, stack, recipe):
    distributed = pytest.importorskip("distributed")
    deconvolve_tiles(stack, tmp_path / "straight.ome.zarr", recipe, edge=32)
    output = tmp_path / "a.ome.zarr"
    about = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(memory_limit="2GB", **about) as local, distributed.Client(local) as client:
        run = TiledRun.planned(stack, output, recipe, edge=32, client=client)
        assert run.plan.workers == 2
        with closing(run.steps()) as steps:
            next(step for step in steps if step.done == 3)
    assert len(run.folder.done()) >= 3
    with distributed.LocalCluster(memory_limit="2GB", **about) as local, distributed.Client(local) as client:
        deconvolve_tiles(stack, output, recipe, edge=32, client=client)
    assert digest(output) == digest(tmp_path / "straight.ome.zarr")


def test_missing_voxels_are_left_out_of_their_tiles(tmp_path, recipe):
    samples = counts(3, 40, 70).astype(np.float32)
    samples[1, 5:9, 40:44] = np.nan
    path = write(Image(samples, "zyx", SPACING), tmp_path / "gaps.ome.zarr")
    tiled = deconvolve_tiles(path, tmp_path / "a.ome.zarr", recipe.assign(missing=True, background=None), edge=32)
    assert np.isfinite(np.asarray(tiled.samples)).all()
    assert Record.of(tiled.record).runs[0].left_out["voxels"] >= 16
