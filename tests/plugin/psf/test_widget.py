"""The PSF generator in a shown viewer: where values come from, groups, channels."""

import numpy as np
import pytest

from napari_deconvolution import MODELS
from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

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


def spin(form, name):
    return form.lines[name].native


def objective(widget):
    """Where its values come from."""
    return {name: origin for name, origin in widget.optics.origins.items() if not name.startswith("model")}


def finish(qtbot, widget):
    qtbot.waitUntil(lambda: not widget.task.running, timeout=30_000)


def test_where_values_come_from(viewer, widget, qtbot, two_channels):
    assert set(widget.optics.origins.values()) == {"default"}
    layer, _ = viewer.open(two_channels, plugin="napari-deconvolution")
    widget.images.value = layer
    told = {
        "na": "layer",
        "wavelength": "layer",
        "n_immersion": "layer",
        "n_coverslip": "default",
    }
    assert objective(widget) == told
    assert widget.sample.origins == {"n_sample": "default", "depth": "default"}
    assert widget.grid.origins == {"shape": "layer", "spacing": "layer"}
    spin(widget.optics, "na").setValue(1.1)
    assert objective(widget) == {**told, "na": "edited"}
    assert "edited" in widget.optics.lines["na"].label.text()
    bare = viewer.add_image(np.zeros((4, 5)), scale=(0.1, 0.1), units=("um", "um"))
    widget.images.value = bare
    assert objective(widget) == {**told, "na": "edited", "wavelength": "earlier layer", "n_immersion": "earlier layer"}


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
    assert {"na", "wavelength", "n_immersion", "n_coverslip", "model", "t_coverslip_design", "apodisation"} <= shown[
        "Microscope"
    ]
    widget.recipe = widget.recipe.assign(model="born-wolf")
    assert {name for name in widget.optics.origins if name.startswith("model")} == {"model"}
    widget.recipe = widget.recipe.assign(model="confocal")
    assert {"model.pinhole", "model.excitation", "model.detection", "model.detection.t_coverslip"} <= set(
        widget.optics.origins
    )
    assert not {"accuracy", "sampling", "focus", "defocus", "flip_z"} & {
        name.split(".")[-1] for name in widget.optics.origins
    }


def test_general_settings_hold_for_every_model(widget):
    spin(widget.focus, "focus").setCurrentText("Stage zero")
    spin(widget.accuracy, "accuracy").setText("1e-3")
    for name in ("born-wolf", "confocal"):
        spin(widget.optics, "model").setCurrentText(MODELS.label_of(name))
        assert widget.recipe.model == MODELS[name].replace(focus="stage", accuracy=1e-3)


def test_fields_of_models_tell_where_they_come_from_and_keep_it(widget):
    spin(widget.optics, "model").setCurrentText("Confocal")
    assert widget.optics.origins["model"] == "edited"
    assert widget.optics.origins["model.pinhole"] == "default"
    spin(widget.optics, "model.pinhole").setValue(2)
    spin(widget.optics, "model.detection.t_coverslip").setValue(160)
    for name in ("born-wolf", "confocal"):
        spin(widget.optics, "model").setCurrentText(MODELS.label_of(name))
    found = {name for name, origin in widget.optics.origins.items() if origin == "edited"}
    assert found == {"model", "model.pinhole", "model.detection.t_coverslip"}
    assert widget.recipe.model == MODELS["confocal"].assign(pinhole=2.0, **{"detection.t_coverslip": 160.0})


def test_the_excitation_of_a_layer_is_filled_in_for_one_psf(viewer, widget, qtbot, two_channels):
    dapi, gfp = viewer.open(two_channels, plugin="napari-deconvolution")
    widget.images.value = dapi
    spin(widget.optics, "model").setCurrentText("Confocal")
    assert (widget.recipe.model.excitation, widget.optics.origins["model.excitation"]) == (DAPI.excitation, "layer")
    widget.images.value = gfp
    assert (widget.recipe.model.excitation, widget.optics.origins["model.excitation"]) == (GFP.excitation, "layer")
    spin(widget.optics, "model.excitation").setValue(470)
    spin(widget.optics, "model.pinhole").setValue(2)
    assert (widget.recipe.model.excitation, widget.optics.origins["model.excitation"]) == (0.47, "edited")
    spin(widget.optics, "model").setCurrentText("Two-photon")
    widget.images.value = viewer.add_image(np.zeros((4, 5)), scale=(0.1, 0.1), units=("um", "um"))
    assert widget.optics.origins["model.excitation"] == "earlier layer"
    assert MODELS["two-photon"].replace(excitation=GFP.excitation) == widget.recipe.model


def test_a_layer_that_does_not_tell_is_looked_up_in_its_file(viewer, widget, qtbot, tmp_path):
    path = write(
        Image(np.ones((4, 20, 21), np.uint16), "zyx", SPACING, (GFP,), {"na": 1.2, "n_immersion": 1.333}),
        tmp_path / "one.ome.tif",
    )
    [layer] = viewer.open(path, plugin="napari")
    widget.images.value = layer
    qtbot.waitUntil(lambda: widget.grid.origins["spacing"] == "file", timeout=10_000)
    assert widget.recipe.grid.spacing == tuple(SPACING.values())
    assert widget.recipe.microscope.wavelength == GFP.emission
    spin(widget.optics, "model").setCurrentText("Confocal")
    assert (widget.recipe.model.excitation, widget.optics.origins["model.excitation"]) == (GFP.excitation, "file")
    assert widget.optics.origins["wavelength"] == "file"


def test_a_psf_for_each_channel(viewer, widget, qtbot, two_channels, picture):
    layers = viewer.open(two_channels, plugin="napari-deconvolution")
    widget.recipe = widget.recipe.assign(model="confocal")
    widget.images.value = layers[0]
    assert widget.each.isVisible()
    assert widget.named.text() == "DAPI 461 nm, GFP 509 nm"
    picture("channels")
    widget.task.run_button.click()
    finish(qtbot, widget)
    recipe = widget.recipe
    assert [layer.name for layer in viewer.layers[2:]] == ["PSF confocal DAPI 461 nm", "PSF confocal GFP 509 nm"]
    for layer, channel in zip(viewer.layers[2:], (DAPI, GFP), strict=True):
        expected = recipe.assign(wavelength=channel.emission, excitation=channel.excitation)
        assert PsfRecipe.of(layer.metadata["napari-deconvolution"]["psf"][0]["computed"]) == expected
        assert np.array_equal(layer.data, expected.make().samples)
    widget.each.setChecked(False)
    widget.task.run_button.click()
    finish(qtbot, widget)
    assert [layer.name for layer in viewer.layers[4:]] == ["PSF confocal"]
