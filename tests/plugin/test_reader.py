"""TIFF files are opened with voxel size, units, axes and channels."""

import npe2
import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.formats.tiff import write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plugin.reader import calibration, get_reader

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
