"""Previews equal the run, and follow the settings."""

import numpy as np
import pytest

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


def test_preview_of_what_is_seen_equals_the_run(viewer, widget, qtbot, cells, add, finish, run, quick):
    add(viewer, cells, translate=(0, 10, 20))
    widget.recipe = widget.recipe.assign(**quick)
    viewer.add_shapes([[[0, 12, 21], [0, 12, 23.9], [0, 15.9, 23.9], [0, 15.9, 21]]], name="part")
    widget.previews.button.click()
    finish(qtbot, widget)
    shown = viewer.layers[PREVIEW]
    assert shown.data.shape == (7, 39, 29)
    assert tuple(shown.translate) == pytest.approx((0, 12, 21))
    assert "the rectangle" in widget.previews.part.text()
    part = shown.data.copy()
    run(qtbot, widget)
    assert PREVIEW not in viewer.layers
    whole = viewer.layers["cell richardson-lucy"].data
    assert abs(part - whole[:, 20:59, 10:39]).max() < 0.005 * whole.max()


def test_previews_follow_what_is_changed(viewer, widget, qtbot, cells, add, quick):
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**quick)
    widget.previews.live.setChecked(True)
    qtbot.waitUntil(lambda: PREVIEW in viewer.layers and not widget.task.running, timeout=30_000)
    layer, before = viewer.layers[PREVIEW], viewer.layers[PREVIEW].data.copy()
    widget.recipe = widget.recipe.assign(iterations=9)
    qtbot.waitUntil(lambda: not np.array_equal(layer.data, before) and not widget.task.running, timeout=30_000)
    assert viewer.layers[PREVIEW] is layer
    assert [each.name for each in viewer.layers] == ["cell", PREVIEW]
