"""Two layers next to each other, and back again."""

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
