"""What tests of the plugin need."""

import contextlib
import importlib.util
import os
import sys
from pathlib import Path

import pytest

from napari_deconvolution import Grid, Microscope
from napari_deconvolution.simulation.acquisition import acquire


@pytest.fixture(
    scope="session"
)  # as the application of pytest-qt, which aborts where there is no screen, and before it
def screen() -> None:
    """napari with a screen; where there is none, tests that need it are skipped, but not in CI."""
    missing = [name for name in ("napari", "qtpy", "pytestqt") if importlib.util.find_spec(name) is None]
    if not missing and sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        missing = ["screen (run under xvfb-run)"]
    if missing:
        reason = f"there is no {', no '.join(missing)}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture(autouse=True)
def usual_preferences():
    """What one test sets is not for the next; where they are kept is said for all tests."""
    yield
    if "napari.settings" in sys.modules:
        with contextlib.suppress(AttributeError, KeyError):
            settings = sys.modules["napari.settings"].get_plugin_settings("napari-deconvolution").deconvolution
            settings.microscope = settings.opened = ""


@pytest.fixture
def viewer(screen, plugins, request):
    """A shown viewer that knows this plugin and napari's own."""
    return request.getfixturevalue("make_napari_viewer")(show=True)


@pytest.fixture
def plugins(npe2pm):
    """This plugin and napari's own as they are installed."""
    from npe2 import PluginManifest

    for name in ("napari-deconvolution", "napari"):
        npe2pm.register(PluginManifest.from_distribution(name))
    return npe2pm


@pytest.fixture
def picture(viewer, qtbot):
    """Keeps a picture of the window where a folder for them is named."""

    def keep(name):
        folder = os.environ.get("PICTURES")
        if folder:
            viewer.window.resize(1280, 800)
            qtbot.wait(400)
            viewer.window.screenshot(Path(folder, f"{name}.png"), canvas_only=False, flash=False)

    return keep


@pytest.fixture(scope="session")
def optics():
    return Microscope(na=0.9, wavelength=0.5, n_immersion=1.0)


@pytest.fixture(scope="session")
def quick(optics):
    """Settings of a deconvolution that takes no time."""
    about = {"algorithm": "richardson-lucy", "iterations": 4, "model": "gaussian", "microscope": optics}
    return {**about, "offset": 100, "background": 20}


@pytest.fixture(scope="session")
def cells(optics):
    """A small stack with background; not coarser than Nyquist."""
    grid = Grid(shape=(7, 64, 60), spacing=(0.25, 0.1, 0.1))
    return acquire("filaments", "gaussian", optics, grid, photons=400, seed=3)[1]


@pytest.fixture
def widget(viewer):
    """The deconvolution widget, as the Plugins menu opens it."""
    made = viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolve")[1]
    yield made
    made.previews.live.setChecked(False)


@pytest.fixture
def add():
    """Adds samples to a viewer as a layer with axes and voxel size."""

    def to(viewer, samples, **attributes):
        axes = "tczyx"[-samples.ndim :]
        scale = (1.0,) * (samples.ndim - 3) + (0.25, 0.1, 0.1)
        units = ("pixel",) * (samples.ndim - 3) + ("um",) * 3
        usual = {"scale": scale, "units": units, "axis_labels": tuple(axes), "name": "cell"}
        return viewer.add_image(samples, **{**usual, **attributes})

    return to


@pytest.fixture
def finish():
    """Waits for the task of a widget."""
    return lambda qtbot, widget: qtbot.waitUntil(lambda: not widget.task.running, timeout=60_000)


@pytest.fixture
def run(finish):
    """Presses Run, and waits."""

    def press(qtbot, widget):
        widget.task.run_button.click()
        finish(qtbot, widget)

    return press
