"""Which image: channels of a layer and of a file, voxel size of the layer and of its file."""

import numpy as np
import pytest

from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Channel, Image

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


def test_the_channels_of_a_file_that_are_layers_of_their_own(viewer, widget, qtbot, cells, tmp_path, run):
    colours = (Channel("DAPI", 0.461), Channel("GFP", 0.509))
    write(
        Image(
            np.stack([cells, cells]), "czyx", {"z": 0.25, "y": 0.1, "x": 0.1}, colours, {"na": 0.9, "n_immersion": 1.0}
        ),
        tmp_path / "two.ome.tif",
    )
    viewer.open(tmp_path / "two.ome.tif", plugin=NAME)
    assert widget.microscope.origins["na"] == "layer"
    assert widget.image.all_layers.text() == "All 2 channels of the file"
    widget.image.all_layers.setChecked(True)
    widget.recipe = widget.recipe.assign(algorithm="richardson-lucy", iterations=3, model="gaussian")
    run(qtbot, widget)
    assert len(viewer.layers) == 4
    for layer, emission, number in zip(viewer.layers[2:], (0.461, 0.509), (0, 1), strict=True):
        record = layer.metadata[NAME]
        assert record["recipe"]["microscope"]["wavelength"] == emission
        assert record["recipe"]["channel"] == number
        assert record["recipe"]["axes"] is None


@pytest.mark.parametrize(
    ("add", "sentence"),
    [
        (
            lambda viewer: viewer.add_image(np.zeros((20, 20, 3), np.uint8), name="photo", rgb=True),
            "'photo' is shown as a colour picture",
        ),
        (
            lambda viewer: viewer.add_labels(np.zeros((20, 20), int), name="cells"),
            "'cells' holds labels; choose an image layer",
        ),
    ],
)
def test_layers_that_are_no_images(viewer, add, sentence):
    add(viewer)
    widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    widget.task.run_button.click()
    assert sentence in widget.task.status.text()
