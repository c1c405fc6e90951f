"""Files through npe2 and through the viewer model, without a screen."""

import npe2
import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.formats.tiff import read, write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plugin.reader import calibration, get_reader

layers = pytest.importorskip("napari.layers")
NAME = "napari-deconvolution"


@pytest.fixture
def channels(tmp_path):
    """An OME-TIFF of two channels."""
    samples = np.random.default_rng(0).integers(0, 999, (2, 3, 8, 9), np.uint16)
    about = (Channel("DAPI", 0.461, colour="#0000ff"), Channel("GFP", 0.509, colour="#00ff00"))
    image = Image(samples, "czyx", {"z": 0.3, "y": 0.1, "x": 0.1}, about, {"na": 1.4}, {"made": "here"})
    return samples, write(image, tmp_path / "cell.ome.tif")


def test_channels_become_layers(plugins, channels):
    samples, path = channels
    dapi, gfp = npe2.read([str(path)], stack=False, plugin_name=NAME)
    assert np.array_equal(dapi[0], samples[0])
    assert np.array_equal(gfp[0], samples[1])
    assert (dapi[1]["name"], gfp[1]["name"]) == ("cell DAPI", "cell GFP")
    assert dapi[1]["scale"] == (0.3, 0.1, 0.1)
    assert dapi[1]["units"] == ("µm",) * 3
    assert gfp[1]["metadata"]["napari-deconvolution.acquisition"]["channels"][0]["emission"] == 0.509
    assert gfp[1]["metadata"]["napari-deconvolution"] == {"made": "here"}


def test_through_viewer_model_and_back(plugins, channels, tmp_path):
    from napari.components import ViewerModel

    samples, path = channels
    viewer = ViewerModel()
    opened = viewer.open(path, plugin=NAME)
    assert [tuple(layer.scale) for layer in opened] == [(0.3, 0.1, 0.1)] * 2
    assert [str(unit) for unit in opened[0].units] == ["micrometer"] * 3
    assert npe2.write(str(tmp_path / "back.ome.tif"), [layer.as_layer_data_tuple() for layer in opened], plugin_name=NAME)
    back, there = read(tmp_path / "back.ome.tif"), read(path)
    assert np.array_equal(back.samples, samples)
    assert (back.axes, back.spacing, back.optics) == (there.axes, there.spacing, there.optics)
    assert [(c.emission, c.colour) for c in back.channels] == [(0.461, "#0000ff"), (0.509, "#00ff00")]
    assert npe2.write(str(tmp_path / "one.tif"), [opened[1].as_layer_data_tuple()], plugin_name=NAME)
    assert read(tmp_path / "one.tif").channels == (Channel("GFP", 0.509, colour="#00ff00"),)


def test_writer_refuses_what_is_not_one_image(plugins, tmp_path):
    a = layers.Image(np.zeros((8, 9)), name="a").as_layer_data_tuple()
    b = layers.Image(np.zeros((8, 8)), name="b").as_layer_data_tuple()
    stack = layers.Image(np.zeros((3, 8, 8)), name="stack").as_layer_data_tuple()
    with pytest.raises(ValueError, match="not channels of one image"):
        npe2.write(str(tmp_path / "a.tif"), [a, b], plugin_name=NAME)
    with pytest.raises(ValueError, match="does not say what its axes are"):
        npe2.write(str(tmp_path / "a.tif"), [stack], plugin_name=NAME)
    assert not list(tmp_path.iterdir())


def test_file_without_axes_is_opened_unlabelled(plugins, data):
    path = data / "deconwolf-dapi" / "dapi_001.tif"
    [(samples, attributes, _)] = npe2.read([str(path)], stack=False, plugin_name=NAME)
    assert samples.shape == (40, 201, 101)
    assert attributes["axis_labels"] == ("-3", "y", "x")
    assert attributes["units"] == ("pixel",) * 3
    with pytest.raises(ValueError, match=r"dapi_001.tif does not tell its voxel size"):
        calibration(path, "zyx")


def test_what_is_no_tiff_is_left_to_others(tmp_path):
    assert get_reader("cell.czi") is None
    assert get_reader(["a.tif", "b.png"]) is None
    assert get_reader("cell.tif") is get_reader(["a.tif", "b.TIFF"]) is not None
    broken = tmp_path / "broken.tif"
    tifffile.imwrite(broken, np.zeros((4, 64, 64), np.uint16), photometric="minisblack")
    broken.write_bytes(broken.read_bytes()[:-9000])
    with pytest.raises(ValueError, match=r"broken\.tif"):
        get_reader(str(broken))(str(broken))


@pytest.mark.parametrize("key", ["filaments", "beads", "nucleus"])
def test_simulated_samples(plugins, key):
    from napari.components import ViewerModel

    viewer = ViewerModel()
    viewer.open_sample(NAME, key)
    psf, truth, image = viewer.layers
    assert image.data.shape == truth.data.shape
    assert (image.visible, truth.visible, psf.visible) == (True, False, False)
    assert all(tuple(layer.scale) == (0.25, 0.1, 0.1) for layer in viewer.layers)
    assert psf.data.sum() == pytest.approx(1, rel=1e-4)


def test_real_sample(plugins, data, monkeypatch):
    from napari.components import ViewerModel

    monkeypatch.setenv("NAPARI_DECONVOLUTION_DATA", str(data))
    [layer] = ViewerModel().open_sample(NAME, "dapi")
    assert tuple(layer.scale) == (0.3, 0.13, 0.13)
    assert layer.metadata["napari-deconvolution.acquisition"]["optics"]["na"] == 1.45
