"""A real nucleus through every door: the same voxels, sharper, without a frame, with its voxel size."""

import npe2
import numpy as np
import pytest
import tifffile
from npe2 import PluginManager

from napari_deconvolution import Grid, Microscope, deconvolve, psf
from napari_deconvolution.cli import main

VOXEL = (0.3, 0.13, 0.13)
OPTICS = {"na": 1.45, "wavelength": 0.461, "n_immersion": 1.512, "n_sample": 1.512}
METHOD = {"algorithm": "richardson-lucy", "iterations": 20}


@pytest.fixture(scope="module")
def path(data):
    return data / "deconwolf-dapi" / "dapi_001.tif"


@pytest.fixture(scope="module")
def stack(path):
    return tifffile.imread(path)


@pytest.fixture(scope="module")
def sharp(stack):
    """Through the Python door."""
    microscope = Microscope(**OPTICS)
    h = psf("gibson-lanni", microscope, Grid.for_image(stack.shape, VOXEL, microscope))
    return deconvolve(stack, h, **METHOD).image


@pytest.fixture(scope="module")
def written(path, tmp_path_factory):
    """Through the command line, with the optics as a person types them."""
    out = tmp_path_factory.mktemp("dapi") / "sharp.ome.tif"
    optics = ["--na", "1.45", "--wavelength", "461nm", "--n-immersion", "1.512", "--n-sample", "1.512"]
    method = ["--algorithm", "richardson-lucy", "--iterations", "20"]
    spacing = ["--axes", "zyx", "--spacing", "0.3", "0.13", "0.13"]
    assert main(["deconvolve", str(path), "-o", str(out), *spacing, *optics, *method]) == 0
    return out


def test_the_command_line_gives_the_same_voxels(sharp, written):
    np.testing.assert_array_equal(tifffile.imread(written), sharp)


def test_the_file_tells_its_voxel_size(written):
    with tifffile.TiffFile(written) as tiff:
        pixels = tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"]["Pixels"]
    sizes = [pixels[f"PhysicalSize{axis}"] for axis in "ZYX"]
    units = {pixels.get(f"PhysicalSize{axis}Unit", "µm") for axis in "ZYX"}
    assert sizes == pytest.approx(VOXEL)
    assert units == {"µm"}


def test_napari_opens_it_with_its_voxel_size(written):
    PluginManager.instance().discover()
    [(_, attributes, kind)] = npe2.read([str(written)], stack=False, plugin_name="napari-deconvolution")
    assert kind == "image"
    assert attributes["scale"] == pytest.approx(VOXEL)
    assert set(map(str, attributes["units"])) <= {"µm", "micrometer", "um"}


def test_the_plugin_commands_give_the_same_voxels(stack, sharp):
    manager = PluginManager.instance()
    manager.discover()
    grid = Grid.for_image(stack.shape, VOXEL, Microscope(**OPTICS))
    made = {"shape": grid.shape, "spacing": grid.spacing, **OPTICS}
    [(h, _, _)] = manager.commands.execute("napari-deconvolution.psf", (), made)
    given = {**METHOD, "spacing": VOXEL, "psf_spacing": VOXEL}
    [(image, attributes, kind)] = manager.commands.execute("napari-deconvolution.deconvolve", (stack, h), given)
    assert kind == "image"
    assert attributes["scale"] == pytest.approx(VOXEL)
    np.testing.assert_array_equal(image, sharp)


def test_the_nucleus_is_sharper(stack, sharp):
    """Texture: the power of fine structure against that of the whole, in the plane of focus."""

    def fine(plane):
        power = abs(np.fft.rfft2(plane - plane.mean())) ** 2
        radius = np.hypot(np.fft.fftfreq(plane.shape[0])[:, None], np.fft.rfftfreq(plane.shape[1]))
        return power[(radius > 0.04) & (radius < 0.2)].sum() / power.sum()

    assert fine(sharp[20]) > 1.5 * fine(stack[20].astype(float))


def test_haze_along_z_is_reduced(stack, sharp):
    """Light in the outermost planes, where only haze is, against that in the middle."""
    above = stack - np.percentile(stack, 0.1)

    def haze(volume):
        planes = volume.mean(axis=(1, 2))
        return planes[[0, 1, -2, -1]].mean() / planes.max()

    assert haze(sharp) < 0.6 * haze(above)


def test_there_is_no_frame_at_the_edges(sharp):
    """The outermost rows and columns are like those a little further in: neither dark nor bright."""
    middle = sharp[15:25]
    for axis in (1, 2):
        profile = middle.mean(axis=(0, 3 - axis))
        for edge, inside in ((profile[:2], profile[4:10]), (profile[-2:], profile[-10:-4])):
            assert edge.mean() < 3 * inside.mean() + 0.02 * middle.max()
            assert edge.mean() > 0.1 * inside.mean()
