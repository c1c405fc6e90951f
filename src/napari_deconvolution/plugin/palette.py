"""What the command palette of napari offers by the words that people use: it opens one of the widgets."""

from typing import Any

from napari.viewer import Viewer

from .preferences import PLUGIN


def open_deconvolve(viewer: Viewer) -> None:
    """Show the form that deconvolves an image."""
    _open(viewer, "Deconvolve")


def open_batch(viewer: Viewer) -> None:
    """Show the same form, with the part for many files open."""
    _open(viewer, "Deconvolve").open_batch()


def open_psf(viewer: Viewer) -> None:
    """Show the form that makes a PSF."""
    _open(viewer, "PSF generator")


def open_lab(viewer: Viewer) -> None:
    """Show the lab."""
    _open(viewer, "Deconvolution lab")


def _open(viewer: Viewer, widget: str) -> Any:
    """The widget; that which a menu has opened before, if there is one."""
    for name, opened in viewer.window.dock_widgets.items():
        if name.startswith(f"{widget} ("):
            opened.parentWidget().show()
            opened.parentWidget().raise_()
            return opened
    return viewer.window.add_plugin_dock_widget(PLUGIN, widget)[1]
