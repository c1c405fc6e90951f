"""The real nucleus through the widget: the same voxels as from Python, shown with its voxel size."""

import numpy as np
import tifffile

from napari_deconvolution import Grid, Microscope, deconvolve, psf
from napari_deconvolution.plugin.layers.layer_source import Source

VOXEL = (0.3, 0.13, 0.13)
OPTICS = Microscope(na=1.45, wavelength=0.461, n_immersion=1.512, n_sample=1.512)


def test_the_widget_gives_the_same_voxels(viewer, qtbot, data):
    path = data / "deconwolf-dapi" / "dapi_001.tif"
    viewer.open(path, plugin="napari-deconvolution")
    widget = viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolve")[1]
    widget.image.dimensions.axes.clear()
    qtbot.keyClicks(widget.image.dimensions.axes, "zyx\r")
    widget.image.voxel.text.setText("0.3 0.13 0.13")
    widget.recipe = widget.recipe.assign(algorithm="richardson-lucy", iterations=5, microscope=OPTICS)
    widget.task.run_button.click()
    qtbot.waitUntil(lambda: not widget.task.running, timeout=60_000)
    result = viewer.layers[-1]
    assert tuple(result.scale) == (1, 1, 1), "it lies on the image, whose layer has no voxel size"
    assert Source.of(result).image().voxel == VOXEL
    widget.image.voxel.to_layer.click()
    for layer in viewer.layers:
        assert tuple(layer.scale) == VOXEL
        assert [str(unit) for unit in layer.units] == ["micrometer"] * 3
    stack = tifffile.imread(path)
    h = psf("gibson-lanni", OPTICS, Grid.for_image(stack.shape, VOXEL, OPTICS))
    expected = deconvolve(stack, h, "richardson-lucy", iterations=5, spacing=VOXEL).image
    assert np.array_equal(result.data, expected), widget.task.status.text()
