"""TIFF files are opened with voxel size, units, axes and channels."""

import npe2
import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plugin.reader import calibration, get_reader

NAME = "napari-deconvolution"


@pytest.fixture
def channels(tmp_path):
    """An OME-TIFF of two channels."""
    samples = np.random.default_rng(0).integers(0, 999, (2, 3, 8, 9), np.uint16)
    about = (Channel("DAPI", 0.461, colour="#0000ff"), Channel("GFP", 0.509, 0.488, "#00ff00", 1.2, "confocal"))
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
    with pytest.raises(ValueError, match=r"dapi_001.tif has no voxel size"):
        calibration(path, "zyx")


def test_a_list_of_planes_is_a_stack(plugins, tmp_path):
    planes = np.random.default_rng(0).integers(0, 999, (3, 8, 9), np.uint16)
    paths = [str(tmp_path / f"cell_z{at}.tif") for at in range(3)]
    for path, plane in zip(paths, planes, strict=True):
        tifffile.imwrite(path, plane)
    [(samples, attributes, _)] = npe2.read(paths, stack=True, plugin_name=NAME)
    assert np.array_equal(samples, planes)
    assert attributes["axis_labels"] == ("z", "y", "x")
    unnumbered = [str(tmp_path / f"{at}.tif") for at in range(3)]
    for path, plane in zip(unnumbered, planes, strict=True):
        tifffile.imwrite(path, plane)
    [(samples, attributes, _)] = npe2.read(unnumbered, stack=True, plugin_name=NAME)
    assert samples.shape == (3, 8, 9)
    assert attributes["axis_labels"] == ("-3", "y", "x"), "what the planes follow is not told"


def test_the_images_of_a_microscope_file_are_layers(plugins, data):
    pytest.importorskip("liffile")
    layers = npe2.read([str(data / "vendor-formats" / "two_channels_xz.lif")], stack=False, plugin_name=NAME)
    assert [layer[1]["name"] for layer in layers] == [
        f"{name} {dye}" for name in ("xzt", "xzy", "xz") for dye in ("Leica/FITC", "Leica/TRITC")
    ]
    kept = "napari-deconvolution.acquisition"
    assert [layer[1]["metadata"][kept].get("number") for layer in layers] == [0, 1, None, None, None, None]
    assert layers[2][1]["metadata"][kept]["channels"][0]["modality"] == "confocal"
    assert layers[2][1]["metadata"][kept]["optics"] == {"na": 1.3, "n_immersion": 1.46}


def test_large_images_stay_in_their_file(tmp_path, monkeypatch):
    from napari.components import ViewerModel

    from napari_deconvolution.images.lazy import LazySamples
    from napari_deconvolution.plugin import reader
    from napari_deconvolution.plugin.layers import layer_source

    monkeypatch.setattr(reader, "IN_MEMORY", 100)
    monkeypatch.setattr(layer_source, "LAZY", 100)
    samples = np.random.default_rng(0).integers(0, 999, (4, 30, 31), np.uint16)
    path = write(Image(samples, "zyx", {"z": 0.3, "y": 0.1, "x": 0.1}), tmp_path / "a.ome.tif")
    [layer_data] = reader.read_layers(str(path))
    assert isinstance(layer_data[0], LazySamples)
    viewer = ViewerModel()
    layer = viewer.add_image(layer_data[0], **layer_data[1])
    viewer.dims.set_current_step(0, 2)
    assert np.array_equal(layer._slice.image.raw, samples[2])


def test_what_is_no_image_is_left_to_others(tmp_path):
    assert get_reader("cell.xyz") is None
    assert get_reader(["a.tif", "b.png"]) is None
    assert get_reader("cell.tif") is get_reader(["a.tif", "b.TIFF"]) is not None
    broken = tmp_path / "broken.tif"
    tifffile.imwrite(broken, np.zeros((4, 64, 64), np.uint16), photometric="minisblack")
    broken.write_bytes(broken.read_bytes()[:-9000])
    with pytest.raises(ValueError, match=r"broken\.tif"):
        get_reader(str(broken))(str(broken))
