"""Microscopes are loaded from files and saved."""

import pytest

from napari_deconvolution import MODELS, Microscope
from napari_deconvolution.recipes.microscope_file import read_microscope, write_microscope
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

WATER = Microscope(na=1.2, wavelength=0.461, n_immersion=1.333, n_sample=1.333)


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-deconvolution", "PSF generator")[1]


def spin(form, name):
    return form.lines[name].native


def test_profile(viewer, widget, tmp_path):
    recipe = PsfRecipe().assign(model="confocal", pinhole=1.7, microscope=WATER)
    spin(widget.optics, "na").setValue(1.6)  # which no oil allows: a profile helps all the same
    widget.buttons.load(str(write_microscope(tmp_path / "in.json", recipe.model, WATER)))
    assert (widget.recipe.model, widget.recipe.microscope) == (recipe.model, WATER)
    forms = (widget.optics, widget.sample, widget.focus, widget.accuracy)
    assert {origin for form in forms for origin in form.origins.values()} == {"profile"}
    widget.buttons.save(str(tmp_path / "out"))
    assert PsfRecipe().assign(**read_microscope(tmp_path / "out.json")) == recipe
    assert widget.task.status.text() == "Saved as out.json."


def test_a_profile_in_the_other_widget(viewer, tmp_path):
    widget = viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolve")[1]
    model = MODELS["confocal"].replace(pinhole=1.7)
    widget.optics.buttons.load(str(write_microscope(tmp_path / "a.json", model, WATER)))
    assert (widget.recipe.model, widget.recipe.microscope) == (model, WATER)


def test_a_file_that_is_no_profile_is_a_sentence(widget, tmp_path, monkeypatch):
    from qtpy.QtWidgets import QFileDialog, QPushButton

    (tmp_path / "a.json").write_text("[]")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "a.json"), ""))
    before = widget.recipe
    widget.buttons.findChildren(QPushButton)[0].click()
    assert "is no microscope file" in widget.task.status.text()
    assert widget.recipe == before
