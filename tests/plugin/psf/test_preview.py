"""The preview of a PSF."""

import numpy as np
import pytest

from napari_deconvolution import MODELS, Microscope
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

WATER = Microscope(na=1.2, wavelength=0.461, n_immersion=1.333, n_sample=1.333)


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-deconvolution", "PSF generator")[1]


def finish(qtbot, widget):
    qtbot.waitUntil(lambda: not widget.task.running, timeout=30_000)


@pytest.mark.parametrize(
    ("model", "spacing"),
    [("gibson-lanni", (0.2, 0.08, 0.08)), ("richards-wolf", (0.2, 0.08, 0.08)), ("confocal", (0.1, 0.04, 0.04))],
    ids=["scalar", "vectorial", "confocal"],
)
def test_preview_and_psf(viewer, widget, qtbot, model, spacing, picture):
    pytest.importorskip("matplotlib")
    widget.recipe = PsfRecipe().assign(model=model, microscope=WATER, shape=(31, 65, 65), spacing=spacing)
    for scale in ("gamma", "log"):
        widget.preview_button.click()
        finish(qtbot, widget)
        preview = viewer.window.dock_widgets["PSF preview"]
        assert preview.isVisible()
        preview.scale.setCurrentIndex(("gamma", "log").index(scale))
        picture(f"preview-{model}-{scale}")
    assert not viewer.layers
    assert "FWHM" in preview.table.text()
    drawn, expected = preview.shown[0], widget.recipe.make().samples
    assert np.array_equal(drawn.samples, expected)
    axial, lateral = MODELS[model].nyquist(WATER)
    *_, transfer = preview.figure.figure.axes
    assert [line.get_xdata()[0] for line in transfer.lines[1::2]] == pytest.approx([1 / (2 * lateral), 1 / (2 * axial)])
    widget.parent().raise_()
    widget.task.run_button.click()
    finish(qtbot, widget)
    assert np.array_equal(viewer.layers[0].data, expected)
    picture(f"psf-{model}")


def test_preview_again_after_its_dock_was_closed(viewer, widget, qtbot):
    pytest.importorskip("matplotlib")
    widget.recipe = widget.recipe.assign(shape=(5, 21, 21))
    for _ in range(2):
        widget.preview_button.click()
        finish(qtbot, widget)
        preview = viewer.window.dock_widgets["PSF preview"]
        assert preview.isVisible()
        preview.parent().close()
        qtbot.wait(20)
