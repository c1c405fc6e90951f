"""Which PSF: a layer for each channel, or computed from the optics."""

import numpy as np

from napari_deconvolution.plugin.commands import deconvolve
from napari_deconvolution.recipes.psf_recipe import PsfRecipe


def test_a_psf_layer_for_each_channel(viewer, widget, qtbot, cells, add, run, quick, optics):
    add(viewer, np.stack([cells, cells]))
    kernels = [
        PsfRecipe()
        .assign(model="gaussian", microscope=optics.replace(wavelength=w), shape=(9, 41, 41), spacing=(0.25, 0.1, 0.1))
        .make()
        for w in (0.5, 0.6)
    ]
    layers = [
        viewer.add_image(kernel.samples, name=f"psf {k}", scale=(0.25, 0.1, 0.1), units=("um",) * 3)
        for k, kernel in enumerate(kernels)
    ]
    widget.image.layers.value = viewer.layers["cell"]
    widget.recipe = widget.recipe.assign(**quick)
    widget.psfs.first.value = layers[0]
    assert len(widget.psfs.further) == 1
    run(qtbot, widget)
    widget.psfs.further[0][1].value = layers[1]
    run(qtbot, widget)
    [(alone, _, _)] = deconvolve(
        cells, kernels[1].samples, **quick, spacing=(0.25, 0.1, 0.1), psf_spacing=(0.25, 0.1, 0.1)
    )
    assert (viewer.layers[-1].data[1] == alone).all()


def test_back_to_computed_psfs(viewer, widget, qtbot, cells, add):
    add(viewer, cells)
    viewer.add_image(np.ones((3, 5, 5)), name="bead")
    widget.psfs.first.value = viewer.layers["bead"]
    assert widget.optics.fold.button.text() == "▸ PSF of the layer bead"
    widget.optics.fold.button.click()
    assert not widget.microscope.isVisible()
    widget.psfs.compute()
    assert widget.microscope.isVisible()
    assert not widget.psfs.voxel.isVisible()
