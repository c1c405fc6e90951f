"""The voxel size: typed, from the file, set on the layer."""

import numpy as np
import pytest
import tifffile

from napari_deconvolution import Microscope
from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Channel, Image

NAME = "napari-deconvolution"
SPACING = (0.3, 0.1, 0.1)


@pytest.fixture
def stack():
    return np.random.default_rng(0).poisson(50, (6, 32, 33)).astype(np.uint16)


@pytest.fixture
def opened(viewer):
    """Open one of the widgets as the Plugins menu does."""

    def add(title):
        return viewer.window.add_plugin_dock_widget(NAME, title)[1]

    return add


def add(viewer, stack, **attributes):
    about = {"scale": SPACING, "units": ("um",) * 3, "axis_labels": tuple("zyx"), "name": "cell", **attributes}
    return viewer.add_image(stack, **about)


def test_voxel_size_from_the_file(viewer, opened, qtbot, stack, tmp_path, picture):
    about = {"z": 0.3, "y": 0.1, "x": 0.1}
    path = write(
        Image(stack, "zyx", about, (Channel("DAPI", 0.461),), {"na": 1.2, "n_immersion": 1.333}),
        tmp_path / "cell.ome.tif",
    )
    [layer] = viewer.open(path, plugin="napari")
    widget = opened("Deconvolve")
    assert str(layer.units[0]) == "pixel"
    assert widget.image.voxel.text.text() == ""
    assert widget.image.dimensions.axes.text() == "zyx"
    assert "assumed" in widget.image.dimensions.sizes.text()
    widget.image.voxel.from_file.click()
    qtbot.waitUntil(lambda: widget.image.voxel.text.text() == "0.3 0.1 0.1", timeout=10_000)
    assert widget.microscope.value.microscope == Microscope(na=1.2, n_immersion=1.333, wavelength=0.461)
    picture("from_file")
    viewer.dims.set_current_step(0, 2)
    widget.image.voxel.to_layer.click()
    assert viewer.dims.current_step[0] == 2
    assert tuple(layer.scale) == SPACING
    assert layer.axis_labels == ("z", "y", "x")
    assert [str(unit) for unit in layer.units] == ["micrometer"] * 3
    assert "assumed" not in widget.image.dimensions.sizes.text()


def test_file_that_does_not_tell(viewer, opened, qtbot, stack, tmp_path):
    tifffile.imwrite(tmp_path / "bare.tif", stack, photometric="minisblack")
    viewer.open(tmp_path / "bare.tif", plugin="napari")
    widget = opened("Deconvolve")
    widget.image.voxel.from_file.click()
    qtbot.waitUntil(lambda: bool(widget.task.status.text()), timeout=10_000)
    assert widget.task.status.text() == "bare.tif has no voxel size: type it, z y x in µm."


def test_a_scale_without_a_unit_is_offered_as_micrometres(viewer, opened, stack):
    viewer.add_image(stack, scale=SPACING, name="cell")
    widget = opened("Deconvolve")
    assert widget.image.voxel.text.text() == "0.3 0.1 0.1"
    assert widget.image.voxel.origin.text() == "The scale of the layer has no unit: taken as µm."
    assert widget.image.settings["spacing"] == SPACING
    widget.image.layers.value = viewer.add_image(stack, name="bare")
    assert widget.image.voxel.text.text() == ""
    assert widget.image.voxel.origin.text() == "The layer has no voxel size."
    widget.image.layers.value = viewer.add_image(stack, scale=(2, 2, 2), units=("s", "um", "um"), name="odd")
    assert widget.image.voxel.text.text() == ""
