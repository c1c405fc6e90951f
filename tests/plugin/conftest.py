"""What tests of the plugin need."""

import contextlib
import importlib.util
import os
import sys

import pytest


@pytest.fixture(scope="session")  # as the application of pytest-qt, which aborts where there is no screen, and before it
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
            sys.modules["napari.settings"].get_plugin_settings("napari-deconvolution").deconvolution.microscope = ""


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
