"""The deconvolution widget: channels, checks, previews, presets, batches and what is left behind, in a shown viewer."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope
from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.images.formats.tiff import read, write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plugin.commands import deconvolve
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.simulation.acquisition import acquire

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"
STEPS = (0.6, 0.2, 0.2)
SPACING = dict(zip("zyx", STEPS, strict=True))
OPTICS = Microscope(na=0.9, wavelength=0.5, n_immersion=1.0)
QUICK = {"algorithm": "richardson-lucy", "iterations": 4, "model": "gaussian", "microscope": OPTICS, "offset": 100, "background": 20}


@pytest.fixture(scope="module")
def cells():
    """A small stack with background; not coarser than Nyquist."""
    return acquire("filaments", "gaussian", OPTICS, Grid(shape=(7, 64, 60), spacing=(0.25, 0.1, 0.1)), photons=400, seed=3)[1]


@pytest.fixture
def widget(viewer):
    made = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    yield made
    made.previews.live.setChecked(False)


def add(viewer, samples, **attributes):
    axes = "tczyx"[-samples.ndim :]
    scale = (1.0,) * (samples.ndim - 3) + (0.25, 0.1, 0.1)
    units = ("pixel",) * (samples.ndim - 3) + ("um",) * 3
    return viewer.add_image(samples, **{"scale": scale, "units": units, "axis_labels": tuple(axes), "name": "cell", **attributes})


def finish(qtbot, widget):
    qtbot.waitUntil(lambda: not widget.task.running, timeout=60_000)


def run(qtbot, widget):
    widget.task.run_button.click()
    finish(qtbot, widget)


def test_every_channel_and_time_point_of_a_layer(viewer, widget, qtbot, cells):
    series = np.stack([np.stack([cells, cells[:, ::-1]])] * 2)
    source = add(viewer, series, scale=(2.0, 1.0, 0.25, 0.1, 0.1), translate=(0, 0, 1, 2, 3))
    widget.recipe = widget.recipe.assign(**QUICK)
    assert widget.image.channel.text() == "all"
    assert widget.psfs.names == ["channel 0", "channel 1"]
    run(qtbot, widget)
    assert "does not tell the emission wavelength of channel 0, 1" in widget.task.status.text()
    widget.channels.value = widget.recipe.assign(emissions=(0.5, 0.6))
    run(qtbot, widget)
    result = viewer.layers[-1]
    assert result.data.shape == series.shape
    assert tuple(result.scale) == tuple(source.scale)
    assert tuple(result.translate) == tuple(source.translate)
    [(alone, _, _)] = deconvolve(series[1, 1], spacing=(0.25, 0.1, 0.1), **{**QUICK, "microscope": OPTICS.replace(wavelength=0.6)})
    assert (result.data[1, 1] == alone).all()
    widget.image.channel.setValue(1)
    assert widget.psfs.names == [""]
    run(qtbot, widget)
    assert viewer.layers[-1].data.shape == (2, 7, 64, 60)


def test_a_psf_layer_for_each_channel(viewer, widget, qtbot, cells):
    add(viewer, np.stack([cells, cells]))
    kernels = [
        PsfRecipe().assign(model="gaussian", microscope=OPTICS.replace(wavelength=w), shape=(9, 41, 41), spacing=(0.25, 0.1, 0.1)).make()
        for w in (0.5, 0.6)
    ]
    layers = [
        viewer.add_image(kernel.samples, name=f"psf {k}", scale=(0.25, 0.1, 0.1), units=("um",) * 3) for k, kernel in enumerate(kernels)
    ]
    widget.image.layers.value = viewer.layers["cell"]
    widget.recipe = widget.recipe.assign(**QUICK)
    widget.psfs.first.value = layers[0]
    assert len(widget.psfs.further) == 1
    run(qtbot, widget)
    widget.psfs.further[0][1].value = layers[1]
    run(qtbot, widget)
    [(alone, _, _)] = deconvolve(cells, kernels[1].samples, **QUICK, spacing=(0.25, 0.1, 0.1), psf_spacing=(0.25, 0.1, 0.1))
    assert (viewer.layers[-1].data[1] == alone).all()


def test_the_channels_of_a_file_that_are_layers_of_their_own(viewer, widget, qtbot, cells, tmp_path):
    colours = (Channel("DAPI", 0.461), Channel("GFP", 0.509))
    write(
        Image(np.stack([cells, cells]), "czyx", {"z": 0.25, "y": 0.1, "x": 0.1}, colours, {"na": 0.9, "n_immersion": 1.0}),
        tmp_path / "two.ome.tif",
    )
    viewer.open(tmp_path / "two.ome.tif", plugin=NAME)
    assert widget.microscope.origins["na"] == "layer"
    assert widget.image.all_layers.text() == "All 2 channels of the file"
    widget.image.all_layers.setChecked(True)
    widget.recipe = widget.recipe.assign(algorithm="richardson-lucy", iterations=3, model="gaussian")
    run(qtbot, widget)
    assert len(viewer.layers) == 4
    for layer, emission, number in zip(viewer.layers[2:], (0.461, 0.509), (0, 1), strict=True):
        record = layer.metadata[NAME]
        assert record["recipe"]["microscope"]["wavelength"] == emission
        assert record["recipe"]["channel"] == number
        assert record["recipe"]["axes"] is None


def test_preview_of_what_is_seen_equals_the_run(viewer, widget, qtbot, cells):
    add(viewer, cells, translate=(0, 10, 20))
    widget.recipe = widget.recipe.assign(**QUICK)
    viewer.add_shapes([[[0, 12, 21], [0, 12, 23.9], [0, 15.9, 23.9], [0, 15.9, 21]]], name="part")
    widget.previews.button.click()
    finish(qtbot, widget)
    shown = viewer.layers[PREVIEW]
    assert shown.data.shape == (7, 39, 29)
    assert tuple(shown.translate) == pytest.approx((0, 12, 21))
    assert "the rectangle" in widget.previews.region.text()
    part = shown.data.copy()
    run(qtbot, widget)
    assert PREVIEW not in viewer.layers
    whole = viewer.layers["cell richardson-lucy"].data
    assert abs(part - whole[:, 20:59, 10:39]).max() < 0.005 * whole.max()


def test_a_rectangle_beside_the_image(viewer, widget, qtbot, cells):
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**QUICK)
    viewer.add_shapes([[[0, 50, 50], [0, 50, 60], [0, 60, 60], [0, 60, 50]]], name="part")
    widget.previews.button.click()
    finish(qtbot, widget)
    assert "lies outside of the image" in widget.task.status.text()
    assert PREVIEW not in viewer.layers


def test_previews_follow_what_is_changed(viewer, widget, qtbot, cells):
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**QUICK)
    widget.previews.live.setChecked(True)
    qtbot.waitUntil(lambda: PREVIEW in viewer.layers and not widget.task.running, timeout=30_000)
    layer, before = viewer.layers[PREVIEW], viewer.layers[PREVIEW].data.copy()
    widget.recipe = widget.recipe.assign(iterations=9)
    qtbot.waitUntil(lambda: not np.array_equal(layer.data, before) and not widget.task.running, timeout=30_000)
    assert viewer.layers[PREVIEW] is layer
    assert [each.name for each in viewer.layers] == ["cell", PREVIEW]


def test_the_estimate_is_shown_while_it_improves_and_the_window_stays_alive(viewer, widget, qtbot, cells):
    from qtpy.QtCore import QTimer

    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**{**QUICK, "iterations": 100_000, "penalty": "total-variation"})
    turns, timer = [], QTimer()
    timer.timeout.connect(lambda: turns.append(time.monotonic()))
    timer.start(20)
    widget.task.run_button.click()
    qtbot.waitUntil(lambda: PREVIEW in viewer.layers, timeout=30_000)
    first = viewer.layers[PREVIEW].data.copy()
    qtbot.waitUntil(lambda: not np.array_equal(viewer.layers[PREVIEW].data, first), timeout=30_000)
    assert first.shape == cells.shape
    assert len(widget.previews.spark.values) > 5
    widget.task.run_button.click()  # a second run while one is going: nothing happens
    assert len(widget.task.running) == 1
    widget.task.cancel_button.click()
    finish(qtbot, widget)
    timer.stop()
    assert max(np.diff(turns)) < 1.0, "the event loop stood still"
    assert [layer.name for layer in viewer.layers] == ["cell"]


def test_checks_and_their_remedies(viewer, widget, qtbot, cells):
    holed = cells.copy()
    holed[3, 4, 5] = np.nan
    add(viewer, holed)
    widget.recipe = widget.recipe.assign(**{**QUICK, "background": 0, "offset": 0})
    qtbot.waitUntil(lambda: len(widget.checks.list.buttons) == 2, timeout=30_000)
    assert [button.text() for button in widget.checks.list.buttons] == ["Leave them out", "Measure the background"]
    widget.checks.list.buttons[0].click()
    qtbot.waitUntil(lambda: len(widget.checks.list.buttons) == 1, timeout=30_000)
    widget.checks.list.buttons[0].click()
    qtbot.waitUntil(lambda: not widget.checks.list.buttons, timeout=30_000)
    assert widget.recipe.camera.missing
    assert widget.recipe.camera.background is None
    run(qtbot, widget)
    assert np.isfinite(viewer.layers["cell richardson-lucy"].data).all()
    assert viewer.layers["cell richardson-lucy, left out"].data.sum() == 1


def test_a_psf_that_is_off_is_mended(viewer, widget, qtbot, cells):
    kernel = PsfRecipe().assign(model="gaussian", microscope=OPTICS, shape=(9, 41, 41), spacing=(0.25, 0.1, 0.1)).make()
    add(viewer, cells)
    viewer.add_image(np.roll(kernel.samples, 2, 2), name="bead", scale=(0.25, 0.1, 0.1), units=("um",) * 3)
    widget.image.layers.value = viewer.layers["cell"]
    widget.recipe = widget.recipe.assign(**QUICK)
    widget.psfs.first.value = viewer.layers["bead"]
    qtbot.waitUntil(lambda: any("off its centre" in each.sentence for each in widget.checks.list.findings), timeout=30_000)
    next(button for button in widget.checks.list.buttons if button.text() == "Recentre it").click()
    assert widget.recipe.measured.psf_origin == "centre"


def test_opening_the_widget_computes_nothing(viewer, cells, monkeypatch):
    from napari_deconvolution.plugin.deconvolve import checks_panel

    monkeypatch.setattr(checks_panel, "create_worker", lambda *a, **k: pytest.fail("something is computed"))
    add(viewer, cells)
    widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    assert not widget.checks.pause.isActive()
    assert not widget.checks.list.findings


def test_presets(viewer, widget, cells):
    add(viewer, cells)
    for name, preset in PRESETS.items():
        widget.method.preset.value = name
        assert widget.method.preset.value == name
        expected = Recipe().assign(**preset.values)
        assert (widget.recipe.algorithm, widget.recipe.stop, widget.recipe.report) == (expected.algorithm, expected.stop, expected.report)
    widget.method.form._group.members["iterations"].field.widget.value = 17
    assert widget.method.preset.value == "as set below"


def test_a_batch_and_a_second_one(viewer, widget, qtbot, cells, tmp_path):
    for name in ("a", "b"):
        write(Image(cells, "zyx", {"z": 0.25, "y": 0.1, "x": 0.1}), tmp_path / f"{name}.tif")
    write(Image(cells, "zyx"), tmp_path / "c.tif")
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**QUICK)
    widget.batch.take([str(tmp_path)])
    widget.batch.folder.setText(str(tmp_path / "sharp"))
    widget.batch.run.click()
    finish(qtbot, widget)
    assert widget.task.status.text() == "Batch of 3: 2 done, 1 failed."
    assert "c.tif: The voxel size of the image is not known" in widget.batch.outcomes.text()
    widget.batch.run.click()
    finish(qtbot, widget)
    assert widget.task.status.text() == "Batch of 3: 0 done, 2 done before, 1 failed."
    widget.batch.as_shown.setChecked(True)
    widget.batch.overwrite.setChecked(True)
    widget.batch.run.click()
    finish(qtbot, widget)
    assert widget.task.status.text() == "Batch of 3: 3 done."
    run(qtbot, widget)
    assert (read(tmp_path / "sharp" / "c_deconvolved.ome.tif").samples == viewer.layers["cell richardson-lucy"].data).all()


def test_settings_of_a_result_are_loaded(viewer, widget, qtbot, cells):
    add(viewer, cells)
    recipe = widget.recipe.assign(**QUICK, penalty="total-variation")
    widget.recipe = recipe
    run(qtbot, widget)
    widget.recipe = widget.recipe.assign(algorithm="tikhonov", offset=3, na=0.5)
    record = viewer.layers["cell richardson-lucy"].metadata[NAME]
    widget.load(Recipe.of(record["recipe"]))
    assert widget.recipe == recipe


def test_preferences(viewer, cells, tmp_path):
    from napari.settings import get_plugin_settings

    from napari_deconvolution.plugin.preferences import Preferences
    from napari_deconvolution.recipes.microscope_file import write_profile

    preferred = get_plugin_settings(NAME).deconvolution
    path = write_profile(tmp_path / "m.json", Recipe().model, OPTICS)
    try:
        preferred.threads, preferred.memory, preferred.output, preferred.microscope = 1, 2.5, str(tmp_path), str(path)
        assert Preferences.read() == Preferences(1, 2.5, str(tmp_path), str(path))
        add(viewer, cells)
        widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
        recipe = widget.recipe
        assert (recipe.threads, recipe.memory, recipe.microscope.na) == (1, 2.5, OPTICS.na)
        assert widget.batch.folder.text() == str(tmp_path)
        assert widget.microscope.origins["na"] == "profile"
        preferred.microscope = str(tmp_path / "gone.json")
        again = viewer.window.add_plugin_dock_widget(NAME, "PSF generator")[1]
        assert again is not None
    finally:
        preferred.threads, preferred.memory, preferred.output, preferred.microscope = 0, 0.0, "", ""


def test_a_psf_is_no_image(viewer, widget, qtbot):
    generator = viewer.window.add_plugin_dock_widget(NAME, "PSF generator")[1]
    generator.recipe = PsfRecipe().assign(model="gaussian", shape=(5, 15, 15))
    run(qtbot, generator)
    run(qtbot, widget)
    assert "is a PSF: choose it as the PSF" in widget.task.status.text()


def test_closing_the_viewer_during_a_run(screen, qtbot, plugins, make_napari_viewer, cells):
    viewer = make_napari_viewer(show=True)
    add(viewer, cells)
    widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    widget.recipe = widget.recipe.assign(**{**QUICK, "iterations": 100_000})
    stopped = []
    widget.task.run_button.click()
    (worker,) = widget.task.running
    worker.finished.connect(lambda: stopped.append(True))
    qtbot.wait(200)
    viewer.close()
    qtbot.waitUntil(lambda: bool(stopped), timeout=30_000)


@pytest.mark.parametrize(
    ("add", "sentence"),
    [
        (lambda viewer: viewer.add_image(np.zeros((20, 20, 3), np.uint8), name="photo", rgb=True), "'photo' is shown as a colour picture"),
        (lambda viewer: viewer.add_labels(np.zeros((20, 20), int), name="cells"), "'cells' holds labels; choose an image layer"),
    ],
)
def test_layers_that_are_no_images(viewer, add, sentence):
    add(viewer)
    widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
    widget.task.run_button.click()
    assert sentence in widget.task.status.text()


def test_a_multiscale_layer(viewer, widget, qtbot, cells):
    source = viewer.add_image([cells, cells[:, ::2, ::2]], scale=(0.25, 0.1, 0.1), units=("um",) * 3, axis_labels=tuple("zyx"), name="cell")
    widget.recipe = widget.recipe.assign(**QUICK)
    assert "the finest of 2 levels" in widget.image.sizes.text()
    run(qtbot, widget)
    assert viewer.layers[-1].data.shape == cells.shape
    assert tuple(viewer.layers[-1].scale) == tuple(source.scale)
    widget.previews.button.click()
    finish(qtbot, widget)
    assert viewer.layers[PREVIEW].data.shape == cells.shape


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


def test_opening_the_widget_imports_nothing_heavy(screen, tmp_path):
    about = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "settings.yaml")}
    done = subprocess.run([sys.executable, "-c", HEAVY], capture_output=True, text=True, env=about, check=False)
    assert done.stdout.split("\n")[0] == "[] False", done.stdout + done.stderr[-2000:]


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
def test_a_layer_that_is_turned_keeps_its_place(viewer, widget, qtbot, cells):
    source = add(viewer, cells, rotate=(10, 20, 30), shear=(0.1, 0.0, 0.2), affine=np.diag([1.0, 1.0, 2.0, 1.0]))
    widget.recipe = widget.recipe.assign(**QUICK)
    run(qtbot, widget)
    result = viewer.layers["cell richardson-lucy"]
    assert np.allclose(result._data_to_world.affine_matrix, source._data_to_world.affine_matrix)


def test_pictures(viewer, widget, qtbot, cells):
    """Nothing is cut off: every label of the form is as wide as its text."""
    from qtpy.QtWidgets import QLabel

    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**QUICK)
    viewer.window.resize(1280, 800)
    qtbot.wait(100)
    for label in widget.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.minimumSizeHint().width() - 1, label.text()


def test_optics_of_another_image_are_not_taken_for_those_of_this_one(viewer, widget, qtbot, cells):
    told = {"napari-deconvolution.acquisition": {"optics": {"na": 0.8}, "channels": [{"emission": 0.6}]}}
    add(viewer, cells, metadata=told)
    assert widget.microscope.origins["na"] == "layer"
    assert "NA 0.8" in widget.told.text()
    add(viewer, cells, name="other")
    widget.image.layers.value = viewer.layers["other"]
    assert widget.microscope.origins["na"] == "earlier layer"
    assert not widget.told.isVisible()


def test_the_excitation_that_the_layer_tells_fills_a_model_that_has_one(viewer, widget, qtbot, cells):
    told = {"napari-deconvolution.acquisition": {"channels": [{"emission": 0.6, "excitation": 0.561}]}}
    add(viewer, cells, metadata=told)
    box = widget.model._group.members["model"].box
    box.setCurrentIndex(box.findData("confocal"))
    assert widget.recipe.model.excitation == 0.561
    assert widget.model.origins["model.excitation"] == "layer"


def test_back_to_computed_psfs(viewer, widget, qtbot, cells):
    add(viewer, cells)
    viewer.add_image(np.ones((3, 5, 5)), name="bead")
    widget.psfs.first.value = viewer.layers["bead"]
    assert not widget.microscope.isVisible()
    widget.psfs.compute()
    assert widget.microscope.isVisible()
    assert not widget.psfs.voxel.isVisible()


def test_channels_that_do_not_tell_their_wavelengths_are_refused(viewer, widget, qtbot, cells, tmp_path):
    write(Image(np.stack([cells, cells]), "czyx", {"z": 0.25, "y": 0.1, "x": 0.1}), tmp_path / "two.ome.tif")
    viewer.open(tmp_path / "two.ome.tif", plugin=NAME)
    widget.image.all_layers.setChecked(True)
    widget.recipe = widget.recipe.assign(**QUICK)
    run(qtbot, widget)
    assert "The emission wavelength of two 0, two 1 is not known" in widget.task.status.text()
    widget.channels.value = widget.recipe.assign(emissions=(0.5, 0.6))
    run(qtbot, widget)
    assert [layer.metadata[NAME]["recipe"]["microscope"]["wavelength"] for layer in viewer.layers[2:]] == [0.5, 0.6]
    widget.image.all_layers.setChecked(False)
    assert widget.recipe.channels.emissions == ()
    run(qtbot, widget)
    assert len(viewer.layers) == 5


def test_image_and_psf_are_told_apart(viewer, widget, qtbot):
    viewer.open_sample(NAME, "beads")
    assert widget.image.layer.name == "beads"
    widget.psfs.first.value = widget.image.layer
    run(qtbot, widget)
    assert "is chosen as the image and as its PSF" in widget.task.status.text()


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
def test_the_preview_of_a_part_lies_on_it_in_a_layer_that_is_turned(viewer, widget, qtbot, cells):
    from napari_deconvolution.plugin.layers.layer_source import Source
    from napari_deconvolution.plugin.layers.preview_layer import Place

    source = add(viewer, cells, rotate=(10, 20, 30), shear=(0.1, 0.0, 0.2), affine=np.diag([1.0, 1.0, 2.0, 1.0]), translate=(1, 2, 3))
    part = {"y": slice(20, 50), "x": slice(7, 30)}
    samples, attributes = Place(Source.of(source), "zyx", {}, part).layer(cells[:, 20:50, 7:30])
    preview = viewer.add_image(samples, **attributes)
    assert np.allclose(preview.data_to_world((1, 2, 3)), source.data_to_world((1, 22, 10)))
