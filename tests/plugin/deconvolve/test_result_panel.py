"""The result panel in a shown viewer: what it draws is what the layers and the record hold."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution.plugin.commands import deconvolve
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.recipe_file import read_recipe
from napari_deconvolution.recipes.repeat import as_command, as_python
from napari_deconvolution.recipes.report_text import report

NAME = "napari-deconvolution"
OPTICS = {"na": 1.2, "wavelength": 0.461, "n_immersion": 1.333, "n_sample": 1.333}
ABOUT = {"name": "cell", "scale": (2.0, 0.3, 0.1, 0.1), "units": ("s", "um", "um", "um"), "axis_labels": tuple("tzyx")}
TITLES = ["Profile", "Convergence", "Residual", "Reproducibility", "Report"]


@pytest.fixture(scope="module")
def stack():
    return np.random.default_rng(0).poisson(50, (2, 4, 24, 26)).astype(np.uint16) + np.uint16(100)


@pytest.fixture(scope="module")
def made(stack):
    asked = {"residual": True, "reproducibility": True, "gain": 1.0, "offset": 100.0}
    return deconvolve((stack, ABOUT, "image"), algorithm="richardson-lucy", iterations=6, **asked, **OPTICS)


@pytest.fixture
def panel(viewer):
    from napari_deconvolution.plugin.deconvolve.result_panel import ResultPanel

    panel = ResultPanel(viewer)
    viewer.window.add_dock_widget(panel, name="Result", area="right", add_vertical_stretch=False)
    return panel


@pytest.fixture
def shown(viewer, panel, stack, made):
    """The panel with image and result, as after a run."""
    from napari.layers import Layer

    image = viewer.add_image(stack, **ABOUT)
    results = [viewer.add_layer(Layer.create(*each)) for each in made]
    panel.take(image, results)
    return image, *results


def turn(panel, title):
    panel.pages.setCurrentIndex(TITLES.index(title))


def axes(panel):
    return panel.picture.figure.axes


def press(panel, label):
    from qtpy.QtWidgets import QPushButton

    next(button for button in panel.findChildren(QPushButton) if button.text() == label).click()


def picture(viewer, qtbot, name):
    """Keep a picture of the window where a folder for them is named."""
    folder = os.environ.get("PICTURES")
    if folder:
        viewer.window.resize(1280, 800)
        qtbot.wait(400)
        viewer.window.screenshot(Path(folder, f"{name}.png"), canvas_only=False, flash=False)


def test_nothing_to_show_is_a_sentence(viewer, panel, stack):
    viewer.add_image(stack, **ABOUT)
    panel.reset_choices()
    assert "no result yet" in panel.note.text()
    assert panel.results.choices == ()
    assert not panel.repeat.isEnabled()


def test_only_estimates_are_offered_and_their_image_is_found(viewer, panel, shown):
    image, result, residual = shown
    assert residual.name == "cell richardson-lucy, residual"
    assert (panel.results.choices, panel.images.value) == ((result,), image)
    other = viewer.add_image(np.zeros((4, 9, 9)), name="small")
    panel.reset_choices()
    panel.images.value = other
    assert "choose another image" in panel.note.text()
    viewer.layers.remove(other)
    viewer.layers.remove(image)
    panel.reset_choices()
    assert panel.images.value is None
    panel.look()
    assert len(axes(panel)) == 1


def test_profile_is_that_of_both_layers_at_the_shown_place_or_along_a_selected_line(viewer, panel, shown, stack, qtbot):
    pytest.importorskip("matplotlib")
    _, result, _ = shown
    viewer.dims.set_point((0, 1), (2.0, 0.9))  # t = 1, z = 3
    panel.look()
    left, right = axes(panel)
    row = int(panel.picture.figure.axes[0].get_title().split("y=")[1].split(",")[0])
    assert left.lines[0].get_ydata() == pytest.approx(stack[1, 3, row] - 100.0)
    assert right.lines[0].get_ydata() == pytest.approx(result.data[1, 3, row])
    assert left.lines[0].get_xdata()[-1] == pytest.approx(25 * 0.1)
    picture(viewer, qtbot, "result-profile")
    lines = viewer.add_shapes([np.array([[0.5, 0.4], [2.0, 0.4]])], shape_type="line")  # y from 5 to 20 at x = 4, in µm
    lines.selected_data = {0}
    qtbot.waitUntil(lambda: "selected line" in axes(panel)[0].get_title(), timeout=3000)
    at = panel.drawn[1].place
    assert axes(panel)[0].lines[0].get_ydata() == pytest.approx(stack[at[0][1], at[1][1], 5:21, 4] - 100.0)
    assert axes(panel)[0].lines[0].get_xdata()[-1] == pytest.approx(1.5)
    lines.selected_data = set()
    qtbot.waitUntil(lambda: "brightest row" in axes(panel)[0].get_title(), timeout=3000)


def test_pages_show_the_record_of_the_volume_in_the_colours_of_the_theme(viewer, panel, shown, qtbot):
    pytest.importorskip("matplotlib")
    from matplotlib.colors import to_rgba
    from napari.utils.theme import get_theme

    _, result, residual = shown
    viewer.dims.set_point((0, 1), (2.0, 0.3))
    record = result.metadata[NAME]
    run = record["runs"][1]
    turn(panel, "Convergence")
    assert axes(panel)[0].lines[0].get_ydata() == pytest.approx([row[2] for row in run["history"]])
    turn(panel, "Residual")
    assert np.array_equal(axes(panel)[0].images[0].get_array(), residual.data[1, 1])
    assert axes(panel)[1].lines[0].get_ydata() == pytest.approx(run["residual"]["power"][1:])
    turn(panel, "Reproducibility")
    assert axes(panel)[0].lines[0].get_ydata() == pytest.approx(run["reproducibility"]["correlation"])
    turn(panel, "Report")
    assert panel.text.toPlainText() == report(record, 1)
    assert panel.volumes.currentText() == "t=1"
    picture(viewer, qtbot, "result-report")
    viewer.dims.set_point((0, 1), (0.0, 0.6))
    panel.look()
    panel.volumes.setCurrentIndex(1)
    panel.volumes.activated.emit(1)
    assert tuple(viewer.dims.point[:2]) == pytest.approx((2.0, 0.6))
    assert panel.drawn[1].number == 1
    turn(panel, "Profile")
    for theme in ("light", "dark"):
        viewer.theme = theme
        panel.look()
        assert panel.picture.figure.get_facecolor() == to_rgba(get_theme(theme).background.as_hex())


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
    assert (viewer.canvas.grid.enabled, viewer.canvas.grid.stride, tuple(viewer.canvas.grid.shape)) == (False, 2, (-1, -1))
    assert viewer.scene.camera.zoom == pytest.approx(zoom)
    panel.images.value = None
    panel.side_by_side.click()
    assert panel.status.text() == "Choose the image before, to place it beside the result."
    assert not panel.side_by_side.isChecked()
    assert not viewer.canvas.grid.enabled
    panel.images.value = image
    viewer.layers.move(viewer.layers.index(image), len(viewer.layers))
    panel.side_by_side.click()
    assert [viewer.canvas.grid.position(viewer.layers.index(layer), viewer.layers) for layer in (image, result)] == [(0, 0), (0, 1)]
    viewer.layers.remove(image)
    panel.side_by_side.click()
    assert not viewer.canvas.grid.enabled


def test_texts_settings_and_files_are_those_of_the_result(panel, shown, qtbot, tmp_path, monkeypatch):
    from qtpy.QtGui import QGuiApplication
    from qtpy.QtWidgets import QFileDialog

    record = shown[1].metadata[NAME]
    press(panel, "Copy as Python")
    assert QGuiApplication.clipboard().text() == as_python(record)
    press(panel, "Copy as command line")
    assert QGuiApplication.clipboard().text() == as_command(record)
    turn(panel, "Report")
    press(panel, "Copy report")
    assert QGuiApplication.clipboard().text() == report(record, panel.drawn[1].number)
    with qtbot.waitSignal(panel.load_asked) as asked:
        press(panel, "Load settings")
    assert asked.args == [Recipe.of(record["recipe"])]
    said = []
    for label, name in (("Save recipe …", "sharp"), ("Save table …", "updates")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        press(panel, label)
        said.append(panel.status.text())
    assert said == ["Saved as sharp.json.", "Saved as updates.csv."]
    assert read_recipe(tmp_path / "sharp.json") == Recipe.of(shown[1].metadata[NAME]["recipe"])
    assert len((tmp_path / "updates.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 6
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "where.json"), ""))
    press(panel, "Save recipe …")
    assert "make it first" in panel.status.text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    press(panel, "Save table …")
    assert panel.status.text() == ""


def test_what_was_not_asked_for_is_said(viewer, panel):
    from napari.layers import Layer

    image = viewer.add_image(np.random.default_rng(0).random((16, 17)) + 1, name="plane")
    psf = np.exp(-np.add.outer(*[np.arange(-6, 7) ** 2 / 4] * 2))
    [result] = deconvolve(image, psf, algorithm="wiener")
    panel.take(image, [viewer.add_layer(Layer.create(*result))])
    assert not panel.volumes.isVisible()
    for title, words in (("Convergence", "direct filter"), ("Residual", "no residual"), ("Reproducibility", "not compared")):
        turn(panel, title)
        assert words in panel.note.text()
        assert panel.picture is None
    turn(panel, "Profile")
    assert panel.note.text() == ""
    assert axes(panel)[0].get_xlabel() == "along the line (voxels)"


def test_nothing_is_drawn_while_hidden_and_matplotlib_may_be_missing(viewer, panel, shown, monkeypatch):
    panel.parent().hide()
    assert not panel.timer.isActive()
    drawn = panel.drawn
    turn(panel, "Convergence")
    assert panel.drawn is drawn
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    panel.parent().show()
    assert 'pip install "napari-deconvolution[plot]"' in panel.note.text()


def test_a_truth_is_compared_with_in_the_report(viewer, panel, shown, stack):
    from napari_deconvolution.algorithms.metrics.errors import compare

    truth = viewer.add_image(stack.astype(np.float32) ** 2, **{**ABOUT, "name": "truth"})
    panel.reset_choices()
    panel.truths.value = truth
    viewer.dims.set_current_step(0, 1)
    turn(panel, "Report")
    panel.look()
    near = compare(shown[1].data[1], truth.data[1])
    assert f"NRMSE {near.nrmse:.4g}, SNR {near.snr:.4g} dB" in panel.text.toPlainText()
