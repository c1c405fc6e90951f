"""Entries of the command palette."""

from types import SimpleNamespace

import pytest


class Dock:
    """A widget in a dock that a menu has opened, or that is opened now."""

    def __init__(self):
        self.done = []

    def parentWidget(self):
        return SimpleNamespace(show=lambda: self.done.append("shown"), raise_=lambda: self.done.append("raised"))

    def open_batch(self):
        self.done.append("batch")


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        ("open_deconvolve", "Deconvolve"),
        ("open_batch", "Deconvolve"),
        ("open_psf", "PSF generator"),
        ("open_lab", "Deconvolution lab"),
    ],
)
def test_a_widget_is_opened_once(screen, entry, title):
    from napari_deconvolution.plugin import palette

    asked, docks = [], {}

    def add(plugin, name):
        asked.append((plugin, name))
        docks[f"{name} ({plugin})"] = Dock()
        return None, docks[f"{name} ({plugin})"]

    viewer = SimpleNamespace(window=SimpleNamespace(dock_widgets=docks, add_plugin_dock_widget=add))
    getattr(palette, entry)(viewer)
    getattr(palette, entry)(viewer)
    assert asked == [("napari-deconvolution", title)]
    (dock,) = docks.values()
    assert [word for word in dock.done if word != "batch"] == ["shown", "raised"]
    assert dock.done.count("batch") == (2 if entry == "open_batch" else 0)
