"""The deconvolution widget: runs, what they leave behind, and where values come from."""

import os
import subprocess
import sys

import numpy as np
import pytest

from napari_deconvolution.plugin.commands import deconvolve
from napari_deconvolution.recipes.recipe import Recipe

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"
HEAVY = """
import sys, napari
before = set(sys.modules)
from napari_deconvolution.plugin.deconvolve.widget import DeconvolveWidget
viewer = napari.Viewer(show=False)
DeconvolveWidget(viewer)
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(new & {"matplotlib", "tifffile", "pooch", "pandas", "numba"}), "matplotlib" in sys.modules)
viewer.close()
"""


def test_every_channel_and_time_point_of_a_layer(viewer, widget, qtbot, cells, add, run, quick, optics):
    series = np.stack([np.stack([cells, cells[:, ::-1]])] * 2)
    source = add(viewer, series, scale=(2.0, 1.0, 0.25, 0.1, 0.1), translate=(0, 0, 1, 2, 3))
    widget.recipe = widget.recipe.assign(**quick)
    assert widget.image.dimensions.channel.text() == "all"
    assert widget.psfs.names == ["channel 0", "channel 1"]
    run(qtbot, widget)
    assert "the emission wavelength of channel 0, 1 is not known" in widget.task.status.text()
    widget.channels.value = widget.recipe.assign(emissions=(0.5, 0.6))
    run(qtbot, widget)
    result = viewer.layers[-1]
    assert result.data.shape == series.shape
    assert tuple(result.scale) == tuple(source.scale)
    assert tuple(result.translate) == tuple(source.translate)
    [(alone, _, _)] = deconvolve(
        series[1, 1], spacing=(0.25, 0.1, 0.1), **{**quick, "microscope": optics.replace(wavelength=0.6)}
    )
    assert (result.data[1, 1] == alone).all()
    widget.image.dimensions.channel.setValue(1)
    assert widget.psfs.names == [""]
    run(qtbot, widget)
    assert viewer.layers[-1].data.shape == (2, 7, 64, 60)


def test_settings_of_a_result_are_loaded(viewer, widget, qtbot, cells, add, run, quick):
    add(viewer, cells)
    recipe = widget.recipe.assign(**quick, penalty="total-variation")
    widget.recipe = recipe
    run(qtbot, widget)
    widget.recipe = widget.recipe.assign(algorithm="tikhonov", offset=3, na=0.5)
    record = viewer.layers["cell richardson-lucy"].metadata[NAME]
    widget.load(Recipe.of(record["recipe"]))
    assert widget.recipe == recipe


def test_closing_the_viewer_during_a_run(screen, qtbot, plugins, make_napari_viewer, cells, add, quick):
    viewer = make_napari_viewer(show=True)
    add(viewer, cells)
    widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    widget.recipe = widget.recipe.assign(**{**quick, "iterations": 100_000})
    stopped = []
    widget.task.run_button.click()
    (worker,) = widget.task.running
    worker.finished.connect(lambda: stopped.append(True))
    qtbot.wait(200)
    viewer.close()
    qtbot.waitUntil(lambda: bool(stopped), timeout=30_000)


def test_a_multiscale_layer(viewer, widget, qtbot, cells, finish, run, quick):
    source = viewer.add_image(
        [cells, cells[:, ::2, ::2]], scale=(0.25, 0.1, 0.1), units=("um",) * 3, axis_labels=tuple("zyx"), name="cell"
    )
    widget.recipe = widget.recipe.assign(**quick)
    assert "the finest of 2 levels" in widget.image.dimensions.sizes.text()
    run(qtbot, widget)
    assert viewer.layers[-1].data.shape == cells.shape
    assert tuple(viewer.layers[-1].scale) == tuple(source.scale)
    widget.previews.button.click()
    finish(qtbot, widget)
    assert viewer.layers[PREVIEW].data.shape == cells.shape


def test_opening_the_widget_imports_nothing_heavy(screen, tmp_path):
    about = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "settings.yaml")}
    done = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, env=about, check=False)
    assert done.stdout.split("\n")[0] == "[] False", done.stdout + done.stderr[-2000:]


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
def test_a_layer_that_is_turned_keeps_its_place(viewer, widget, qtbot, cells, add, run, quick):
    source = add(viewer, cells, rotate=(10, 20, 30), shear=(0.1, 0.0, 0.2), affine=np.diag([1.0, 1.0, 2.0, 1.0]))
    widget.recipe = widget.recipe.assign(**quick)
    run(qtbot, widget)
    result = viewer.layers["cell richardson-lucy"]
    assert np.allclose(result._data_to_world.affine_matrix, source._data_to_world.affine_matrix)


def test_optics_of_another_image_are_not_taken_for_those_of_this_one(viewer, widget, qtbot, cells, add):
    told = {"napari-deconvolution.acquisition": {"optics": {"na": 0.8}, "channels": [{"emission": 0.6}]}}
    add(viewer, cells, metadata=told)
    assert widget.microscope.origins["na"] == "layer"
    assert "NA 0.8 oil · 600 nm · partly assumed" in widget.optics.fold.button.text()
    add(viewer, cells, name="other")
    widget.image.layers.value = viewer.layers["other"]
    assert widget.microscope.origins["na"] == "earlier layer"
    assert "of an earlier layer" in widget.optics.fold.button.text()


def test_the_excitation_that_the_layer_tells_fills_a_model_that_has_one(viewer, widget, qtbot, cells, add):
    told = {"napari-deconvolution.acquisition": {"channels": [{"emission": 0.6, "excitation": 0.561}]}}
    add(viewer, cells, metadata=told)
    box = widget.microscope.lines["model"].native
    box.setCurrentIndex(box.findData("confocal"))
    assert widget.recipe.model.excitation == 0.561
    assert widget.microscope.origins["model.excitation"] == "layer"


def test_the_way_in_which_the_layer_was_taken_chooses_the_model(viewer, widget, qtbot, cells):
    channel = {"name": "GFP", "emission": 0.509, "excitation": 0.488, "pinhole": 0.8, "modality": "confocal"}
    about = {"metadata": {"napari-deconvolution.acquisition": {"channels": [channel]}}}
    confocal = viewer.add_image(np.ones((4, 20, 21)), scale=(0.3, 0.1, 0.1), units=("um",) * 3, **about)
    widget.image.layers.value = confocal
    model = widget.recipe.model
    assert (model.name, model.excitation, model.pinhole) == ("confocal", 0.488, 0.8)
    assert widget.microscope.origins["model"] == widget.microscope.origins["model.excitation"]
    widget.recipe = widget.recipe.assign(model="born-wolf")
    viewer.layers.remove(confocal)
    widget.image.layers.value = viewer.add_image(np.ones((4, 20, 21)), **about)
    assert widget.recipe.model.name == "born-wolf", "a model that was chosen stays"
