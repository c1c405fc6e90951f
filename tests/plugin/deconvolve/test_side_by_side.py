"""Two layers next to each other or on one scale, and back again."""

import numpy as np
import pytest


def test_side_by_side_and_back(viewer, panel, shown):
    image, result, residual = shown
    residual.visible = True
    image.visible = False
    viewer.canvas.grid.stride = 2
    zoom = viewer.scene.camera.zoom
    panel.side_by_side.click()
    assert [layer for layer in viewer.layers if layer.visible] == [image, result]
    assert viewer.canvas.grid.enabled
    places = [viewer.canvas.grid.position(viewer.layers.index(layer), viewer.layers) for layer in (image, result)]
    assert places == [(0, 0), (0, 1)]
    panel.side_by_side.click()
    assert [layer.visible for layer in (image, result, residual)] == [False, True, True]
    assert (viewer.canvas.grid.enabled, viewer.canvas.grid.stride, tuple(viewer.canvas.grid.shape)) == (
        False,
        2,
        (-1, -1),
    )
    assert viewer.scene.camera.zoom == pytest.approx(zoom)
    panel.images.value = None
    panel.side_by_side.click()
    assert panel.status.text() == "Choose the original image to show it next to the result."
    assert not panel.side_by_side.isChecked()
    assert not viewer.canvas.grid.enabled
    panel.images.value = image
    viewer.layers.move(viewer.layers.index(image), len(viewer.layers))
    panel.side_by_side.click()
    assert [viewer.canvas.grid.position(viewer.layers.index(layer), viewer.layers) for layer in (image, result)] == [
        (0, 0),
        (0, 1),
    ]
    viewer.layers.remove(image)
    panel.side_by_side.click()
    assert not viewer.canvas.grid.enabled


def test_same_contrast_and_back_and_a_verdict(viewer, panel, shown):
    image, result, _ = shown
    before = [tuple(layer.contrast_limits) for layer in (image, result)]
    panel.same_contrast.click()
    (black, white), (zero, highest) = image.contrast_limits, result.contrast_limits
    assert zero == 0
    assert black >= 100, "the offset is not light"
    assert white - black == pytest.approx(highest), "as many counts are as bright"
    _, z = (int(at) for at in viewer.dims.current_step[:2])
    brightest = [np.percentile(layer.data[0, z], 99.95) for layer in (image, result)]
    assert highest == pytest.approx(max(brightest[0] - black, brightest[1]), rel=1e-4)
    panel.same_contrast.click()
    assert [tuple(layer.contrast_limits) for layer in (image, result)] == before
    assert "reduced χ²" in panel.verdict.text()
    panel.images.value = None
    panel.same_contrast.click()
    assert panel.status.text() == "Choose the original image to compare it with the result."
    assert not panel.same_contrast.isChecked()
