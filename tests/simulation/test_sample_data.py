"""Samples come with what is known of them, or say what to do."""

import json
import shutil
import sys

import numpy as np
import pytest

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.simulation.acquisition import Acquisition, acquire
from napari_deconvolution.simulation.sample_data import FOLDER, SAMPLES, real, simulated


@pytest.mark.parametrize("below", ["deconwolf-dapi", ""])
def test_the_nucleus_from_a_folder(data, tmp_path, monkeypatch, below):
    (tmp_path / below).mkdir(exist_ok=True)
    shutil.copy(data / "deconwolf-dapi" / "dapi_001.tif", tmp_path / below)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    image = real("dapi")
    assert image.describe() == "z=40 y=201 x=101"
    assert image.voxel == (0.3, 0.13, 0.13)
    assert image.channels[0].emission == 0.461
    assert image.optics == {"na": 1.45, "n_immersion": 1.512}
    json.dumps(image.record)


def test_another_file_of_that_name_is_refused(tmp_path, monkeypatch):
    (tmp_path / "dapi_001.tif").write_bytes(b"another")
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(ValueError, match="sha256 differs"):
        real("dapi")


def test_without_file_and_network(tmp_path, monkeypatch):
    pooch = pytest.importorskip("pooch")

    def unreachable(address, known_hash, **where):
        assert address == SAMPLES["dapi"].address
        assert known_hash == f"sha256:{SAMPLES['dapi'].sha256}"
        raise ConnectionError("no route")

    monkeypatch.setattr(pooch, "retrieve", unreachable)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(ConnectionError, match=f"connect to the internet, .* {FOLDER}"):
        real("dapi")


def test_without_file_and_pooch(monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match="pip install pooch"):
        real("dapi")


def test_unknown_names():
    with pytest.raises(ValueError, match="there are dapi"):
        real("gfp")
    with pytest.raises(ValueError, match="there is no specimen"):
        simulated("cow")


def test_a_simulated_sample_can_be_made_again_from_its_record():
    image, truth, kernel = simulated("beads", photons=200.0)
    assert image.describe() == truth.describe() == "z=32 y=128 x=128"
    assert image.voxel == truth.voxel == kernel.voxel == (0.25, 0.1, 0.1)
    assert kernel.samples.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    told = json.loads(json.dumps(image.record))["simulated"]
    again = acquire(
        told["specimen"],
        told["model"],
        Microscope.of(told["microscope"]),
        Grid.of(told["grid"]),
        Acquisition.of(told["acquisition"]),
    )
    for made, repeated in zip((truth, image, kernel), again, strict=True):
        np.testing.assert_array_equal(made.samples, repeated)
