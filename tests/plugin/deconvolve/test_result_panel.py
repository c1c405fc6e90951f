"""The result panel in a shown viewer: choices, report, texts and files."""

import sys

import numpy as np

from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.recipe_file import read_recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.repeat import as_command, as_python
from napari_deconvolution.recipes.report_text import report

NAME = "napari-deconvolution"
ABOUT = {"name": "cell", "scale": (2.0, 0.3, 0.1, 0.1), "units": ("s", "um", "um", "um"), "axis_labels": tuple("tzyx")}
TITLES = ["Profile", "Convergence", "Residual", "Reproducibility", "Report"]


def turn(panel, title):
    panel.pages.setCurrentIndex(TITLES.index(title))


def axes(panel):
    return panel.figure.figure.axes


def press(panel, label):
    from qtpy.QtWidgets import QPushButton

    next(button for button in panel.findChildren(QPushButton) if button.text() == label).click()


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


def test_texts_settings_and_files_are_those_of_the_result(panel, shown, qtbot, tmp_path, monkeypatch):
    from qtpy.QtGui import QGuiApplication
    from qtpy.QtWidgets import QFileDialog

    record = Record.of(shown[1].metadata[NAME])
    press(panel, "Copy as Python")
    assert QGuiApplication.clipboard().text() == as_python(record)
    press(panel, "Copy as command line")
    assert QGuiApplication.clipboard().text() == as_command(record)
    turn(panel, "Report")
    press(panel, "Copy report")
    assert QGuiApplication.clipboard().text() == report(record, panel.drawn[1].number)
    with qtbot.waitSignal(panel.load_asked) as asked:
        press(panel, "Load settings")
    assert asked.args == [Recipe.of(record.settings)]
    said = []
    for label, name in (("Save recipe …", "sharp"), ("Save table …", "iterations")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        press(panel, label)
        said.append(panel.status.text())
    assert said == ["Saved as sharp.json.", "Saved as iterations.csv."]
    assert read_recipe(tmp_path / "sharp.json") == Recipe.of(shown[1].metadata[NAME]["recipe"])
    assert len((tmp_path / "iterations.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 6
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "where.json"), ""))
    press(panel, "Save recipe …")
    assert "make it first" in panel.status.text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    press(panel, "Save table …")
    assert panel.status.text() == ""


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
