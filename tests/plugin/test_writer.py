"""Image layers are saved with all that the file format holds."""

import npe2
import numpy as np
import pytest

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Channel, Image

layers = pytest.importorskip("napari.layers")
NAME = "napari-deconvolution"


@pytest.fixture
def channels(tmp_path):
    """An OME-TIFF of two channels."""
    samples = np.random.default_rng(0).integers(0, 999, (2, 3, 8, 9), np.uint16)
    about = (Channel("DAPI", 0.461, colour="#0000ff"), Channel("GFP", 0.509, 0.488, "#00ff00", 1.2, "confocal"))
    image = Image(samples, "czyx", {"z": 0.3, "y": 0.1, "x": 0.1}, about, {"na": 1.4}, {"made": "here"})
    return samples, write(image, tmp_path / "cell.ome.tif")


def test_through_viewer_model_and_back(plugins, channels, tmp_path):
    from napari.components import ViewerModel

    samples, path = channels
    viewer = ViewerModel()
    opened = viewer.open(path, plugin=NAME)
    assert [tuple(layer.scale) for layer in opened] == [(0.3, 0.1, 0.1)] * 2
    assert [str(unit) for unit in opened[0].units] == ["micrometer"] * 3
    assert npe2.write(
        str(tmp_path / "back.ome.tif"), [layer.as_layer_data_tuple() for layer in opened], plugin_name=NAME
    )
    back, there = read(tmp_path / "back.ome.tif"), read(path)
    assert np.array_equal(back.samples, samples)
    assert (back.axes, back.spacing, back.optics) == (there.axes, there.spacing, there.optics)
    assert [(c.emission, c.colour) for c in back.channels] == [(0.461, "#0000ff"), (0.509, "#00ff00")]
    assert npe2.write(str(tmp_path / "one.tif"), [opened[1].as_layer_data_tuple()], plugin_name=NAME)
    assert read(tmp_path / "one.tif").channels == (Channel("GFP", 0.509, 0.488, "#00ff00", 1.2, "confocal"),)


def test_writer_refuses_what_is_not_one_image(plugins, tmp_path):
    a = layers.Image(np.zeros((8, 9)), name="a").as_layer_data_tuple()
    b = layers.Image(np.zeros((8, 8)), name="b").as_layer_data_tuple()
    stack = layers.Image(np.zeros((3, 8, 8)), name="stack").as_layer_data_tuple()
    with pytest.raises(ValueError, match="not channels of one image"):
        npe2.write(str(tmp_path / "a.tif"), [a, b], plugin_name=NAME)
    with pytest.raises(ValueError, match="has no axis labels"):
        npe2.write(str(tmp_path / "a.tif"), [stack], plugin_name=NAME)
    assert not list(tmp_path.iterdir())
