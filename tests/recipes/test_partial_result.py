"""Runs that lose nothing: volumes that fail, runs that end early and go on, two runs on one result."""

import itertools
import json

import numpy as np
import pytest

from napari_deconvolution.images.image import Image
from napari_deconvolution.images.lazy import LazySamples
from napari_deconvolution.recipes.outcome import failures
from napari_deconvolution.recipes.partial_result import partial_result
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.record import Record, VolumeRecord
from napari_deconvolution.recipes.store import ESTIMATE, InMemory
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished

from .conftest import PSF

RECIPE = Recipe().assign(algorithm="richardson-lucy", iterations=2, offset=100)


def series(times=4):
    samples = np.random.default_rng(0).poisson(40, (times, 20, 22)).astype(np.float32) + 100
    return Image(samples, "tyx", {"y": 0.1, "x": 0.1}, name="cells")


def unreadable(samples):
    """The second volume cannot be read."""

    def fetch(index):
        if 1 in np.atleast_1d(np.arange(len(samples))[index[0]]):
            raise OSError("chunk 1 cannot be read")
        return samples[index]

    return LazySamples(samples.shape, samples.dtype, fetch)


def with_plane(image, value):
    samples = image.samples.copy()
    samples[1] = value
    return samples


BAD = {
    "dark": (lambda image: with_plane(image, 0), "all of its voxels have the value 0"),
    "below the offset": (lambda image: with_plane(image, image.samples[1] - 60), "nothing would be left above it"),
    "NaN": (lambda image: with_plane(image, np.nan), "NaN or infinite"),
    "over-exposed": (lambda image: with_plane(image, 65535), "all of its voxels have the value 65535"),
    "an unreadable chunk": (lambda image: unreadable(image.samples), "chunk 1 cannot be read"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_volume_that_fails_is_told_and_the_run_goes_on(kind):
    make, sentence = BAD[kind]
    image = series(3)
    good = finished(run_image(image, RECIPE, PSF)).image
    bad = finished(run_image(image.replace(samples=make(image)), RECIPE, PSF)).image
    assert np.isnan(bad.samples[1]).all()
    assert (bad.samples[[0, 2]] == good.samples[[0, 2]]).all()
    record = Record.of(json.loads(json.dumps(bad.record)))
    assert [bool(run.failed) for run in record.runs] == [False, True, False]
    assert failures(record).startswith("t=1: ")
    assert sentence in failures(record)


def test_a_volume_that_fails_can_be_left_as_it_was():
    image = series(3).replace(samples=with_plane(series(3), 7))
    result = finished(run_image(image, RECIPE.replace(unusable="image"), PSF)).image
    assert (result.samples[1] == 7).all()
    lost = image.replace(samples=unreadable(image.samples))
    assert np.isnan(finished(run_image(lost, RECIPE.replace(unusable="image"), PSF)).image.samples[1]).all()


def test_if_no_volume_can_be_used_the_first_says_why():
    image = series(2)
    with pytest.raises(ValueError, match="NaN or infinite"):
        finished(run_image(image.replace(samples=image.samples * np.nan), RECIPE, PSF))


@pytest.mark.parametrize("settings", [{}, {"warm_start": True}, {"stop": "held-out", "gain": 1.0, "residual": True}])
def test_a_run_that_was_ended_goes_on_and_gives_the_same(tmp_path, settings):
    recipe, image, output = RECIPE.assign(iterations=6, **settings), series(), tmp_path / "out.ome.tif"
    whole = finished(run_image(image, recipe, PSF))
    ended = []
    with pytest.raises(KeyboardInterrupt, match=r"2 finished volumes are kept in .*\.out\.ome\.tif\.partial"):  # noqa: PT012, SIM117
        with partial_result(output, {"recipe": 1}) as store:
            for progress in run_image(image, recipe, PSF, store=store):
                if progress.volume == 2:
                    raise KeyboardInterrupt
    with partial_result(output, {"recipe": 1}) as store:
        assert (store.resumed, store.done) == (True, 2)
        result = finished(run_image(image, recipe, PSF, store=store), ended.append)
        assert min(progress.volume for progress in ended if progress.step) == 2
        assert (np.asarray(result.image.samples) == whole.image.samples).all()
        assert result.others.keys() == whole.others.keys()
        for name, other in whole.others.items():
            assert (np.asarray(result.others[name].samples) == other.samples).all()
    assert [run.reason for run in Record.of(result.image.record).runs] == [
        run.reason for run in Record.of(whole.image.record).runs
    ]
    assert not list(tmp_path.iterdir())


def test_a_volume_that_was_half_written_is_done_again(tmp_path):
    with partial_result(tmp_path / "out.tif", {}) as store:
        store.begin({"t": 2}, (3, 4))
        store.write({"t": 0}, {ESTIMATE: np.ones((3, 4))}, VolumeRecord(index={"t": 0}))
        (file,) = store.folder.glob("*.npy")
        file.write_bytes(file.read_bytes()[:100])
        assert store.finished({"t": 0}) is None
        store.write({"t": 0}, {ESTIMATE: np.ones((3, 4))}, VolumeRecord(index={"t": 0}, failed="dark"))
        assert store.finished({"t": 1}) is None


def test_what_another_run_has_left_is_not_removed_unasked(tmp_path):
    def left(identity, overwrite=False):
        with partial_result(tmp_path / "out.tif", identity, overwrite) as store:
            store.begin({}, (3, 4))
            store.write({}, {ESTIMATE: np.ones((3, 4))}, VolumeRecord())
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left on device\. 1 finished volume is kept"):
        left({"recipe": 1})
    with pytest.raises(FileExistsError, match="holds 1 finished volumes of another image or recipe"):
        left({"recipe": 2})
    with pytest.raises(OSError, match="1 finished volume is kept"):
        left({"recipe": 2}, overwrite=True)


def test_the_second_of_two_runs_on_one_result_is_told(tmp_path):
    with (
        partial_result(tmp_path / "out.tif", {}),
        pytest.raises(OSError, match=r"out\.tif is being written by another run"),
        partial_result(tmp_path / "out.tif", {}),
    ):
        pass
    with partial_result(tmp_path / "out.tif", {}):
        pass


def test_both_stores_give_back_what_they_were_given(tmp_path):
    rng = np.random.default_rng(0)
    with partial_result(tmp_path / "out.tif", {}) as disk:
        memory = InMemory()
        for store in (disk, memory):
            store.begin({"t": 2, "c": 3}, (4, 5))
        for t, c in itertools.product(range(2), range(3)):
            maps = {ESTIMATE: rng.random((4, 5)).astype(np.float32)}
            maps |= {"left out": np.ones((4, 5), bool)} if c == 1 else {}
            for store in (disk, memory):
                store.write({"t": t, "c": c}, maps, VolumeRecord(index={"t": t, "c": c}))
        assert disk.arrays().keys() == memory.arrays().keys()
        for name, samples in memory.arrays().items():
            assert (np.asarray(disk.arrays()[name]) == samples).all()
