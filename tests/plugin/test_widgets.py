"""The dock widgets in a shown viewer."""

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Microscope
from napari_deconvolution.plugin.commands import deconvolve
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

NAME = "napari-deconvolution"
SPACING = (0.3, 0.1, 0.1)
METHOD = "richardson-lucy"
OPTICS = Microscope(na=1.2, wavelength=0.461, n_immersion=1.333, n_sample=1.333)


@pytest.fixture
def stack():
    return np.random.default_rng(0).poisson(50, (6, 32, 33)).astype(np.uint16)


@pytest.fixture
def opened(viewer):
    """Open one of the widgets as the Plugins menu does."""

    def add(title):
        return viewer.window.add_plugin_dock_widget(NAME, title)[1]

    return add


def add(viewer, stack, **attributes):
    about = {"scale": SPACING, "units": ("um",) * 3, "axis_labels": tuple("zyx"), "name": "cell", **attributes}
    return viewer.add_image(stack, **about)


def finish(qtbot, widget):
    qtbot.waitUntil(lambda: not widget.task.running, timeout=30_000)


def test_result_is_a_new_layer_in_the_same_place(viewer, opened, qtbot, stack, picture):
    source = add(viewer, stack, translate=(0, 5, 6), colormap="magenta")
    widget = opened("Deconvolve")
    widget.recipe = widget.recipe.assign(algorithm=METHOD, iterations=4, microscope=OPTICS)
    for _ in range(2):
        widget.task.run_button.click()
        finish(qtbot, widget)
    assert [layer.name for layer in viewer.layers] == ["cell", "cell richardson-lucy", "cell richardson-lucy [1]"]
    result = viewer.layers[1]
    for attribute in ("scale", "translate"):
        assert np.array_equal(getattr(result, attribute), getattr(source, attribute)), attribute
    assert (result.units, result.axis_labels, result.colormap.name) == (source.units, source.axis_labels, "magenta")
    [(samples, attributes, _)] = deconvolve(stack, algorithm=METHOD, iterations=4, spacing=SPACING, microscope=OPTICS)
    assert np.array_equal(result.data, samples)
    assert result.metadata[NAME]["recipe"] == attributes["metadata"][NAME]["recipe"]
    assert np.array_equal(source.data, stack)
    assert "4 iterations done" in widget.task.status.text()
    picture("deconvolved")


def test_cancel_leaves_the_viewer_as_it_was(viewer, opened, qtbot, stack):
    add(viewer, stack)
    widget = opened("Deconvolve")
    widget.recipe = widget.recipe.assign(algorithm=METHOD, iterations=100_000, microscope=OPTICS)
    numbers = []
    widget.task.run_button.click()
    widget.task.running[0].yielded.connect(lambda progress: numbers.append(progress.share))
    qtbot.waitUntil(lambda: len(numbers) > 3, timeout=30_000)
    assert widget.task.bar.isVisible()
    assert "left" in widget.task.bar.format()
    widget.task.cancel_button.click()
    finish(qtbot, widget)
    assert [layer.name for layer in viewer.layers] == ["cell"]
    assert widget.task.status.text() == "Cancelled; no layer was changed."
    assert widget.task.run_button.isEnabled()
    assert not widget.task.cancel_button.isEnabled()


def test_layer_removed_while_running(viewer, opened, qtbot, stack):
    add(viewer, stack)
    widget = opened("Deconvolve")
    widget.recipe = widget.recipe.assign(algorithm=METHOD, iterations=30, microscope=OPTICS)
    widget.task.run_button.click()
    viewer.layers.clear()
    finish(qtbot, widget)
    assert [layer.name for layer in viewer.layers] == ["cell richardson-lucy"]
    assert tuple(viewer.layers[0].scale) == SPACING


def test_empty_viewer(viewer, opened):
    widget = opened("Deconvolve")
    widget.task.run_button.click()
    assert widget.task.status.text() == "There is no image layer to choose: open an image first."


def test_errors_are_sentences(viewer, opened, qtbot, stack):
    from napari.utils.notifications import notification_manager

    add(viewer, stack, scale=(1, 1, 1), units=("pixel",) * 3)
    widget = opened("Deconvolve")
    said = []
    notification_manager.notification_ready.connect(
        lambda event: said.append(event.notification.message if hasattr(event, "notification") else str(event))
    )
    widget.task.run_button.click()
    assert (
        widget.task.status.text() == "The voxel size of 'cell' is not known: take it from the file, or type it in µm."
    )
    (complaint,) = widget.complaints
    assert complaint.text() == widget.task.status.text()
    assert complaint.isVisibleTo(widget), "under the field, which has been opened"
    assert "border" in widget.image.voxel.text.styleSheet()
    widget.image.voxel.text.clear()
    qtbot.keyClicks(widget.image.voxel.text, "0.3 0.1")
    assert not widget.complaints
    assert not widget.image.voxel.text.styleSheet()
    widget.task.run_button.click()
    assert "type one positive number in µm for each of z y x" in widget.task.status.text()
    widget.image.voxel.text.setText("0.3 0.1 0.1")
    qtbot.keyClicks(widget.image.dimensions.axes, "\b\b\btyx\r")
    widget.image.voxel.text.setText("0.1 0.1")
    widget.recipe = widget.recipe.assign(algorithm=METHOD, background=1e6)
    widget.task.run_button.click()
    finish(qtbot, widget)
    assert widget.task.status.text().startswith("background = 1e+06: the brightest voxel")
    assert len(said) == 3
    (complaint,) = widget.complaints
    assert complaint.isVisibleTo(widget)
    assert complaint.field is widget.camera.lines["background"].native
    assert [layer.name for layer in viewer.layers] == ["cell"]


def test_time_series_and_channels(viewer, opened, qtbot):
    samples = np.random.default_rng(0).poisson(50, (2, 3, 20, 21)).astype(np.float32)
    layer = viewer.add_image(
        samples, scale=(1, 1, 0.1, 0.1), units=("pixel", "pixel", "um", "um"), axis_labels=tuple("tcyx"), name="film"
    )
    widget = opened("Deconvolve")
    widget.image.dimensions.channel.setValue(2)
    widget.recipe = widget.recipe.assign(algorithm=METHOD, iterations=2, microscope=OPTICS)
    widget.task.run_button.click()
    finish(qtbot, widget)
    result = viewer.layers[-1]
    assert result is not layer
    assert result.axis_labels == ("t", "y", "x")
    [(expected, _, _)] = deconvolve(
        samples[1, 2], algorithm=METHOD, iterations=2, spacing=(0.1, 0.1), microscope=OPTICS
    )
    assert np.array_equal(result.data[1], expected)


def test_psf_generator_and_its_layer_as_psf(viewer, opened, qtbot, stack, picture):
    add(viewer, stack)
    generator = opened("PSF generator")
    generator.recipe = generator.recipe.replace(microscope=OPTICS)
    generator.images.value = viewer.layers["cell"]
    generator.task.run_button.click()
    finish(qtbot, generator)
    layer = viewer.layers[-1]
    assert layer.data.shape[0] == 2 * stack.shape[0] - 1
    assert tuple(layer.scale) == SPACING
    assert layer.axis_labels == ("z", "y", "x")
    recipe = PsfRecipe.of(layer.metadata[NAME]["psf"][0]["computed"])
    assert recipe.microscope == OPTICS
    assert np.array_equal(layer.data, recipe.make().samples)
    picture("psf")

    widget = opened("Deconvolve")
    widget.image.layers.value = viewer.layers["cell"]
    widget.psfs.first.value = layer
    assert widget.psfs.voxel.text() == "0.3 0.1 0.1"
    assert not widget.optics.computed.isVisibleTo(widget.optics.fold.content)
    widget.recipe = widget.recipe.assign(algorithm=METHOD, iterations=3)
    widget.task.run_button.click()
    finish(qtbot, widget)
    [(expected, _, _)] = deconvolve(stack, layer, METHOD, iterations=3, spacing=SPACING)
    assert np.array_equal(viewer.layers[-1].data, expected)


def test_one_algorithm_of_every_family_runs(viewer, opened, qtbot, stack):
    add(viewer, stack[:, :12, :12])
    widget = opened("Deconvolve")
    for number, (algorithm, *_) in enumerate(ALGORITHMS.families().values()):
        widget.recipe = widget.recipe.assign(algorithm=algorithm, iterations=2, microscope=OPTICS)
        widget.task.run_button.click()
        finish(qtbot, widget)
        assert len(viewer.layers) == 2 + number, f"{algorithm}: {widget.task.status.text()}"


def test_forms_fit_the_width_of_the_dock(viewer, opened, stack):
    add(viewer, stack)
    for title in ("Deconvolve", "PSF generator"):
        widget = opened(title)
        assert widget.minimumSizeHint().width() <= (320 if title == "Deconvolve" else 420), title


def test_menus_and_the_palette_open_the_widgets(viewer, stack):
    from napari._app_model import get_app_model
    from qtpy.QtWidgets import QApplication, QMainWindow

    add(viewer, stack)
    window = next(top for top in QApplication.topLevelWidgets() if isinstance(top, QMainWindow) and top.isVisible())

    def entries(*path):
        actions = window.menuBar().actions()
        for step in path:
            menu = next(action for action in actions if action.text().replace("&", "") == step).menu()
            menu.aboutToShow.emit()
            actions = menu.actions()
        return {action.text().partition(" (")[0]: action for action in actions}

    together = entries("Plugins", "Deconvolution")
    assert set(together) >= {"Deconvolve", "PSF generator", "Deconvolution lab", "Help"}
    for action in (together["Help"], entries("Layers", "Filter")["Deconvolve"]):
        assert action.isEnabled()
        action.trigger()
    assert "PSF generator" in entries("File", "New Layer")
    assert "Deconvolution lab" in entries("Layers", "Visualize")
    app = get_app_model()
    app.commands.execute_command(f"{NAME}.open_psf").result()
    app.commands.execute_command(f"{NAME}.open_batch").result()
    opened = viewer.window.dock_widgets
    for title in ("Help", "Deconvolve", "PSF generator"):
        assert any(name.startswith(title) for name in opened), title
    assert next(dock for name, dock in opened.items() if name.startswith("Deconvolve")).files.button.isChecked()
