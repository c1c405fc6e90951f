"""What bioio opens: its scenes as images. A stand-in with the attributes that bioio documents takes its place."""

import sys
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pytest

from napari_deconvolution.images.files import read
from napari_deconvolution.images.formats import registry
from napari_deconvolution.images.formats.bioio import BioIo

SAMPLES = np.random.default_rng(0).integers(0, 999, (2, 1, 2, 3, 8, 9), np.uint16)
Sizes = namedtuple("Sizes", "Z Y X")


class Lazy:
    """An array that is computed when it is asked to be."""

    def __init__(self, values):
        self.values, self.shape, self.dtype = values, values.shape, values.dtype

    def __getitem__(self, index):
        return Lazy(self.values[index])

    def compute(self):
        return self.values


class Opened:
    """A file of two scenes."""

    scenes = ("A1", "B2")
    dims = SimpleNamespace(order="TCZYX")
    physical_pixel_sizes = Sizes(None, 0.1, -0.1)
    channel_names = ("DAPI", "GFP")

    def __init__(self, path):
        self.current_scene = "A1"

    def set_scene(self, number):
        self.current_scene = self.scenes[number]

    @property
    def dask_data(self):
        return Lazy(SAMPLES[self.scenes.index(self.current_scene)])


def test_scenes_are_images(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bioio", SimpleNamespace(BioImage=Opened))
    monkeypatch.setattr(registry, "FORMATS", [*registry.FORMATS, BioIo()])
    (tmp_path / "cell.dv").write_bytes(b"?")
    image = read(tmp_path / "cell.dv", series="B2")
    assert image.describe() == "c=2 z=3 y=8 x=9"
    assert dict(image.spacing) == {"y": 0.1, "x": 0.1}
    assert [channel.name for channel in image.channels] == ["DAPI", "GFP"]
    assert (np.asarray(image.samples) == SAMPLES[1, 0]).all()


def test_without_bioio_the_file_is_named(tmp_path):
    if any(isinstance(each, BioIo) for each in registry.FORMATS):
        pytest.skip("bioio is installed")
    (tmp_path / "cell.dv").write_bytes(b"?")
    with pytest.raises(ValueError, match="is a DeltaVision file: open it with bioio and bioio-dv"):
        read(tmp_path / "cell.dv")
