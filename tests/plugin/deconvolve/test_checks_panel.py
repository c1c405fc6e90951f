"""Checks and their fixes."""

import numpy as np

from napari_deconvolution.recipes.psf_recipe import PsfRecipe

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


def test_checks_and_their_remedies(viewer, widget, qtbot, cells, add, run, quick):
    holed = cells.copy()
    holed[3, 4, 5] = np.nan
    add(viewer, holed)
    widget.recipe = widget.recipe.assign(**{**quick, "background": 0, "offset": 0})
    qtbot.waitUntil(lambda: len(widget.checks.list.buttons) == 2, timeout=30_000)
    assert [button.text() for button in widget.checks.list.buttons] == ["Leave them out", "Estimate the background"]
    widget.checks.list.buttons[0].click()
    qtbot.waitUntil(lambda: len(widget.checks.list.buttons) == 1, timeout=30_000)
    widget.checks.list.buttons[0].click()
    qtbot.waitUntil(lambda: not widget.checks.list.buttons, timeout=30_000)
    assert widget.recipe.camera.missing
    assert widget.recipe.camera.background is None
    run(qtbot, widget)
    assert np.isfinite(viewer.layers["cell richardson-lucy"].data).all()
    assert viewer.layers["cell richardson-lucy, left out"].data.sum() == 1


def test_an_off_centre_psf_is_fixed(viewer, widget, qtbot, cells, add, quick, optics):
    kernel = PsfRecipe().assign(model="gaussian", microscope=optics, shape=(9, 41, 41), spacing=(0.25, 0.1, 0.1)).make()
    add(viewer, cells)
    viewer.add_image(np.roll(kernel.samples, 2, 2), name="bead", scale=(0.25, 0.1, 0.1), units=("um",) * 3)
    widget.image.layers.value = viewer.layers["cell"]
    widget.recipe = widget.recipe.assign(**quick)
    widget.psfs.first.value = viewer.layers["bead"]
    qtbot.waitUntil(lambda: any("off-centre" in each.sentence for each in widget.checks.list.findings), timeout=30_000)
    next(button for button in widget.checks.list.buttons if button.text() == "Centre it").click()
    assert widget.recipe.measured.psf_origin == "centre"


def test_an_image_that_is_there_is_checked_and_without_one_nothing_is(viewer, cells, monkeypatch, add):
    from napari_deconvolution.plugin.deconvolve import checks_panel

    monkeypatch.setattr(checks_panel, "create_worker", lambda *a, **k: None)
    empty = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    assert not empty.checks.debounce.isActive()
    assert not empty.checks.list.findings
    add(viewer, cells)
    assert empty.checks.debounce.isActive()
