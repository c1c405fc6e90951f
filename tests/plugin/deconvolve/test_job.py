"""Jobs for layers: what is missing or contradictory is refused in a sentence."""

import numpy as np

from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


def test_channels_that_do_not_tell_their_wavelengths_are_refused(viewer, widget, qtbot, cells, tmp_path, run, quick):
    write(Image(np.stack([cells, cells]), "czyx", {"z": 0.25, "y": 0.1, "x": 0.1}), tmp_path / "two.ome.tif")
    viewer.open(tmp_path / "two.ome.tif", plugin=NAME)
    widget.image.all_layers.setChecked(True)
    widget.recipe = widget.recipe.assign(**quick)
    run(qtbot, widget)
    assert "The emission wavelength of two 0, two 1 is not known" in widget.task.status.text()
    widget.channels.value = widget.recipe.assign(emissions=(0.5, 0.6))
    run(qtbot, widget)
    assert [layer.metadata[NAME]["recipe"]["microscope"]["wavelength"] for layer in viewer.layers[2:]] == [0.5, 0.6]
    widget.image.all_layers.setChecked(False)
    assert widget.recipe.channels.emissions == ()
    run(qtbot, widget)
    assert len(viewer.layers) == 5


def test_a_psf_is_no_image(viewer, widget, qtbot, run):
    generator = viewer.window.add_plugin_dock_widget(NAME, "PSF generator")[1]
    generator.recipe = PsfRecipe().assign(model="gaussian", shape=(5, 15, 15))
    run(qtbot, generator)
    run(qtbot, widget)
    assert "is a PSF: choose it as the PSF" in widget.task.status.text()


def test_image_and_psf_are_told_apart(viewer, widget, qtbot, run):
    viewer.open_sample(NAME, "beads")
    assert widget.image.layer.name == "beads"
    widget.psfs.first.value = widget.image.layer
    run(qtbot, widget)
    assert "is chosen as the image and as its PSF" in widget.task.status.text()
