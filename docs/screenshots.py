"""Make the pictures of the README: the three widgets in a shown viewer, on simulated specimens.

    python docs/screenshots.py [FOLDER]

Without a screen: xvfb-run -s "-screen 0 1400x900x24" python docs/screenshots.py, with QT_QPA_PLATFORM=xcb. It takes a
minute or two.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["NAPARI_CONFIG"] = str(Path(tempfile.mkdtemp(), "settings.yaml"))  # the preferences of nobody

import napari
from qtpy.QtWidgets import QApplication, QScrollArea

PLUGIN = "napari-deconvolution"
SIZE = 1280, 800


def opened(title):
    """A viewer with one of the widgets."""
    viewer = napari.Viewer(show=True)
    viewer.window.resize(*SIZE)
    return viewer, viewer.window.add_plugin_dock_widget(PLUGIN, title)[1]


def wait(seconds=0.5, until=None):
    """Let the window live."""
    began = time.monotonic()
    while time.monotonic() - began < seconds or (until is not None and not until()):
        QApplication.processEvents()
        time.sleep(0.01)


def idle(task):
    wait(until=lambda: not task.running)


def show(widget, part):
    """Scroll until a part of the form is at the top."""
    area = widget.findChildren(QScrollArea)[0]
    wait()
    area.verticalScrollBar().setValue(part.mapTo(area.widget(), part.rect().topLeft()).y())
    wait()


def keep(viewer, path):
    wait(1)
    viewer.window.screenshot(str(path), canvas_only=False, flash=False)
    viewer.close()
    wait()
    print(path)


def deconvolve(path):
    viewer, widget = opened("Deconvolve")
    viewer.open_sample(PLUGIN, "nucleus")
    image = next(layer for layer in viewer.layers if not {"truth", "psf"} & set(layer.name.lower().split()))
    kernel = next(layer for layer in viewer.layers if "psf" in layer.name.lower())
    widget.image.layers.value, widget.psfs.first.value = image, kernel
    widget.recipe = widget.recipe.assign(offset=100, background=20)
    widget.task.run_button.click()
    idle(widget.task)
    after = widget.after
    after.button.setChecked(True)
    for layer in viewer.layers:
        layer.visible = layer is image or layer is viewer.layers[-1]
    viewer.dims.set_point(0, image.scale[0] * (image.data.shape[0] // 2))  # the PSF has more planes than the image
    widget.results.side_by_side.click()
    show(widget, after)
    keep(viewer, path)


def psf(path):
    viewer, widget = opened("PSF generator")
    widget.recipe = widget.recipe.assign(
        model="gibson-lanni",
        na=1.4,
        wavelength=0.525,
        n_sample=1.36,
        depth=10,
        shape=(65, 127, 127),
        spacing=(0.16, 0.065, 0.065),
    )
    widget.task.run_button.click()
    idle(widget.task)
    widget.preview_button.click()
    idle(widget.task)
    viewer.dims.set_current_step(0, 32)
    keep(viewer, path)


def lab(path):
    viewer, widget = opened("Deconvolution lab")
    for _ in range(3):
        widget.next.click()
        wait()
    widget.task.run_button.click()
    idle(widget.task)
    keep(viewer, path)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("images"))
    for make in (deconvolve, psf, lab):
        make(folder / f"{make.__name__}.png")
