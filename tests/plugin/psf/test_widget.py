"""The PSF generator in a shown viewer: what it tells, where values come from, the preview, channels, profiles."""

import os
from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution import MODELS, Microscope
from napari_deconvolution.images.formats.tiff import write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.microscope_file import read_profile, write_profile
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

WATER = Microscope(na=1.2, wavelength=0.461, n_immersion=1.333, n_sample=1.333)
DAPI, GFP = Channel("DAPI", 0.461, 0.405), Channel("GFP", 0.509, 0.488)
SPACING = {"z": 0.2, "y": 0.07, "x": 0.07}


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-deconvolution", "PSF generator")[1]


@pytest.fixture
def two_channels(tmp_path):
    samples = np.random.default_rng(0).poisson(20, (2, 4, 24, 25)).astype(np.uint16)
    optics = {"na": 1.2, "n_immersion": 1.333}
    return write(Image(samples, "czyx", SPACING, (DAPI, GFP), optics), tmp_path / "two.ome.tif")


def labels(form):
    lines = form.rows
    return [lines.itemAt(row, lines.ItemRole.LabelRole).widget().text() for row in range(lines.rowCount())]


def spin(form, name):
    return dict(form._group.lines())[name].native


def finish(qtbot, widget):
    qtbot.waitUntil(lambda: not widget.task.running, timeout=30_000)


def picture(viewer, qtbot, name):
    """Keep a picture of the window where a folder for them is named."""
    folder = os.environ.get("PICTURES")
    if folder:
        viewer.window.resize(1280, 800)
        qtbot.wait(400)
        viewer.window.screenshot(Path(folder, f"{name}.png"), canvas_only=False, flash=False)


def test_resolution_and_nyquist_follow_the_numbers(widget, qtbot):
    assert widget.limits.text() == "Resolution ≥ 188, z 561 nm; Nyquist 94, z 280 nm."
    spin(widget.microscope, "wavelength").setValue(700)
    qtbot.waitUntil(lambda: "Resolution ≥ 250," in widget.limits.text(), timeout=2000)
    spin(widget.grid, "spacing").setText("0.2 0.2 0.2")
    qtbot.waitUntil(lambda: "Spacing y, x loses detail: 1.6 times Nyquist." in widget.limits.text(), timeout=2000)
    assert widget.limits.styleSheet()
    spin(widget.microscope, "na").setValue(1.6)
    qtbot.waitUntil(lambda: "na = 1.6 with n_immersion" in widget.limits.text(), timeout=2000)


def test_rays_that_do_not_travel_in_the_sample_are_told_of(widget, qtbot):
    spin(widget.sample, "n_sample").setValue(1.33)
    qtbot.waitUntil(lambda: "those rays are left out" in widget.limits.text(), timeout=2000)
    spin(widget.model, "model").setCurrentText("richards-wolf")
    qtbot.waitUntil(lambda: "those rays are evanescent there, and kept" in widget.limits.text(), timeout=2000)


def test_limits_are_those_of_the_modality(widget, qtbot):
    wide = widget.limits.text()
    widget.recipe = widget.recipe.assign(model="confocal", excitation=0.525)
    qtbot.waitUntil(lambda: widget.limits.text() != wide, timeout=2000)
    assert "Resolution ≥ 94, z 280 nm; Nyquist 47, z 140 nm." in widget.limits.text()


def test_where_values_come_from(viewer, widget, qtbot, two_channels):
    assert set(widget.microscope.origins.values()) == {"default"}
    layer, _ = viewer.open(two_channels, plugin="napari-deconvolution")
    widget.images.value = layer
    told = {
        "na": "layer",
        "wavelength": "layer",
        "n_immersion": "layer",
        "n_coverslip": "default",
    }
    assert widget.microscope.origins == told
    assert widget.sample.origins == {"n_sample": "default", "depth": "default"}
    assert widget.grid.origins == {"shape": "layer", "spacing": "layer"}
    spin(widget.microscope, "na").setValue(1.1)
    assert widget.microscope.origins == {**told, "na": "edited"}
    assert any("NA" in text and "edited" in text for text in labels(widget.microscope))
    bare = viewer.add_image(np.zeros((4, 5)), scale=(0.1, 0.1), units=("um", "um"))
    widget.images.value = bare
    assert widget.microscope.origins == {**told, "na": "edited", "wavelength": "earlier layer", "n_immersion": "earlier layer"}


def test_parameters_are_grouped_and_only_those_of_the_chosen_model_are_shown(widget):
    from qtpy.QtWidgets import QGroupBox

    from napari_deconvolution.plugin.ui.form import Form

    groups = {box.title(): box for box in widget.findChildren(QGroupBox)}
    assert list(groups) == ["Image", "Microscope", "Sample", "Sampling", "Accuracy"]
    forms = {name: box.findChildren(Form) for name, box in groups.items() if name != "Image"}
    shown = {name: {held.split(".")[-1] for form in found for held in form.origins} for name, found in forms.items()}
    assert shown["Sample"] == {"n_sample", "depth"}
    assert shown["Sampling"] == {"shape", "spacing", "focus", "defocus", "flip_z"}
    assert shown["Accuracy"] == {"accuracy", "sampling"}
    assert {"na", "wavelength", "n_immersion", "n_coverslip", "model", "t_coverslip_design", "apodisation"} <= shown["Microscope"]
    widget.recipe = widget.recipe.assign(model="born-wolf")
    assert set(widget.model.origins) == {"model"}
    widget.recipe = widget.recipe.assign(model="confocal")
    assert {"model.pinhole", "model.excitation", "model.detection", "model.detection.t_coverslip"} <= set(widget.model.origins)
    assert not {"accuracy", "sampling", "focus", "defocus", "flip_z"} & {name.split(".")[-1] for name in widget.model.origins}


def test_general_settings_hold_for_every_model(widget):
    spin(widget.focus, "focus").setCurrentText("stage")
    spin(widget.accuracy, "accuracy").setText("1e-3")
    for name in ("born-wolf", "confocal"):
        spin(widget.model, "model").setCurrentText(name)
        assert widget.recipe.model == MODELS[name].replace(focus="stage", accuracy=1e-3)


def test_fields_of_models_tell_where_they_come_from_and_keep_it(widget):
    spin(widget.model, "model").setCurrentText("confocal")
    assert widget.model.origins["model"] == "edited"
    assert widget.model.origins["model.pinhole"] == "default"
    spin(widget.model, "model.pinhole").setValue(2)
    spin(widget.model, "model.detection.t_coverslip").setValue(160)
    for name in ("born-wolf", "confocal"):
        spin(widget.model, "model").setCurrentText(name)
    found = {name for name, origin in widget.model.origins.items() if origin == "edited"}
    assert found == {"model", "model.pinhole", "model.detection.t_coverslip"}
    assert widget.recipe.model == MODELS["confocal"].assign(pinhole=2.0, **{"detection.t_coverslip": 160.0})


def test_the_excitation_of_a_layer_is_filled_in_for_one_psf(viewer, widget, qtbot, two_channels):
    dapi, gfp = viewer.open(two_channels, plugin="napari-deconvolution")
    widget.images.value = dapi
    spin(widget.model, "model").setCurrentText("confocal")
    assert (widget.recipe.model.excitation, widget.model.origins["model.excitation"]) == (DAPI.excitation, "layer")
    widget.images.value = gfp
    assert (widget.recipe.model.excitation, widget.model.origins["model.excitation"]) == (GFP.excitation, "layer")
    spin(widget.model, "model.excitation").setValue(470)
    spin(widget.model, "model.pinhole").setValue(2)
    assert (widget.recipe.model.excitation, widget.model.origins["model.excitation"]) == (0.47, "edited")
    spin(widget.model, "model").setCurrentText("two-photon")
    widget.images.value = viewer.add_image(np.zeros((4, 5)), scale=(0.1, 0.1), units=("um", "um"))
    assert widget.model.origins["model.excitation"] == "earlier layer"
    assert MODELS["two-photon"].replace(excitation=GFP.excitation) == widget.recipe.model


def test_a_layer_that_does_not_tell_is_looked_up_in_its_file(viewer, widget, qtbot, tmp_path):
    path = write(
        Image(np.ones((4, 20, 21), np.uint16), "zyx", SPACING, (GFP,), {"na": 1.2, "n_immersion": 1.333}), tmp_path / "one.ome.tif"
    )
    [layer] = viewer.open(path, plugin="napari")
    widget.images.value = layer
    qtbot.waitUntil(lambda: widget.grid.origins["spacing"] == "file", timeout=10_000)
    assert widget.recipe.grid.spacing == tuple(SPACING.values())
    assert widget.recipe.microscope.wavelength == GFP.emission
    spin(widget.model, "model").setCurrentText("confocal")
    assert (widget.recipe.model.excitation, widget.model.origins["model.excitation"]) == (GFP.excitation, "file")
    assert widget.microscope.origins["wavelength"] == "file"


def test_a_psf_for_each_channel(viewer, widget, qtbot, two_channels):
    layers = viewer.open(two_channels, plugin="napari-deconvolution")
    widget.recipe = widget.recipe.assign(model="confocal")
    widget.images.value = layers[0]
    assert widget.each.isVisible()
    assert widget.named.text() == "DAPI 461 nm, GFP 509 nm"
    picture(viewer, qtbot, "channels")
    widget.task.run_button.click()
    finish(qtbot, widget)
    recipe = widget.recipe
    assert [layer.name for layer in viewer.layers[2:]] == ["PSF confocal DAPI 461 nm", "PSF confocal GFP 509 nm"]
    for layer, channel in zip(viewer.layers[2:], (DAPI, GFP), strict=True):
        expected = recipe.assign(wavelength=channel.emission, excitation=channel.excitation)
        assert PsfRecipe.of(layer.metadata["napari-deconvolution"]["psf"]) == expected
        assert np.array_equal(layer.data, expected.make().samples)
    widget.each.setChecked(False)
    widget.task.run_button.click()
    finish(qtbot, widget)
    assert [layer.name for layer in viewer.layers[4:]] == ["PSF confocal"]


@pytest.mark.parametrize(
    ("model", "spacing"),
    [("gibson-lanni", (0.2, 0.08, 0.08)), ("richards-wolf", (0.2, 0.08, 0.08)), ("confocal", (0.1, 0.04, 0.04))],
    ids=["scalar", "vectorial", "confocal"],
)
def test_preview_and_psf(viewer, widget, qtbot, model, spacing):
    pytest.importorskip("matplotlib")
    widget.recipe = PsfRecipe().assign(model=model, microscope=WATER, shape=(31, 65, 65), spacing=spacing)
    for scale in ("gamma", "log"):
        widget.preview_button.click()
        finish(qtbot, widget)
        preview = viewer.window.dock_widgets["PSF preview"]
        assert preview.isVisible()
        preview.scale.setCurrentIndex(("gamma", "log").index(scale))
        picture(viewer, qtbot, f"preview-{model}-{scale}")
    assert not viewer.layers
    assert "FWHM" in preview.table.text()
    drawn, expected = preview.shown[0], widget.recipe.make().samples
    assert np.array_equal(drawn.samples, expected)
    axial, lateral = MODELS[model].nyquist(WATER)
    *_, transfer = preview.picture.figure.axes
    assert [line.get_xdata()[0] for line in transfer.lines[1::2]] == pytest.approx([1 / (2 * lateral), 1 / (2 * axial)])
    widget.parent().raise_()
    widget.task.run_button.click()
    finish(qtbot, widget)
    assert np.array_equal(viewer.layers[0].data, expected)
    picture(viewer, qtbot, f"psf-{model}")


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


def test_profile(viewer, widget, tmp_path):
    recipe = PsfRecipe().assign(model="confocal", pinhole=1.7, microscope=WATER)
    spin(widget.microscope, "na").setValue(1.6)  # which no oil allows: a profile helps all the same
    widget.profile.load(str(write_profile(tmp_path / "in.json", recipe.model, WATER)))
    assert (widget.recipe.model, widget.recipe.microscope) == (recipe.model, WATER)
    forms = (widget.microscope, widget.sample, widget.model, widget.focus, widget.accuracy)
    assert {origin for form in forms for origin in form.origins.values()} == {"profile"}
    widget.profile.save(str(tmp_path / "out"))
    assert PsfRecipe().assign(**read_profile(tmp_path / "out.json")) == recipe
    assert widget.task.status.text() == "Saved as out.json."


def test_a_profile_in_the_other_widget(viewer, tmp_path):
    widget = viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolve")[1]
    model = MODELS["confocal"].replace(pinhole=1.7)
    widget.profile.load(str(write_profile(tmp_path / "a.json", model, WATER)))
    assert (widget.recipe.model, widget.recipe.microscope) == (model, WATER)


def test_a_file_that_is_no_profile_is_a_sentence(widget, tmp_path, monkeypatch):
    from qtpy.QtWidgets import QFileDialog, QPushButton

    (tmp_path / "a.json").write_text("[]")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "a.json"), ""))
    before = widget.recipe
    widget.profile.findChildren(QPushButton)[0].click()
    assert "is no microscope profile" in widget.task.status.text()
    assert widget.recipe == before
