"""The teaching lab in a shown viewer: lessons, the form, curves, and what goes wrong."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from napari_deconvolution.runs import finished
from napari_deconvolution.teaching.experiment import Experiment
from napari_deconvolution.teaching.lessons import LESSONS

NAMES = ["lab: truth", "lab: image", "lab: estimate", "lab: PSF"]
QUICK = Experiment().assign(shape=(32, 64), iterations=8)


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolution lab")[1]


def run(qtbot, widget, experiment):
    widget.experiment = experiment
    widget.task.run_button.click()
    qtbot.waitUntil(lambda: not widget.task.running, timeout=30_000)


def names(viewer):
    return [layer.name for layer in viewer.layers]


def test_opening_it_computes_nothing_and_loads_no_matplotlib():
    code = (
        "import sys, napari_deconvolution.plugin.lab.widget\n"
        "print('matplotlib' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_lessons_set_the_form(viewer, widget):
    assert not viewer.layers
    assert not widget.back.isEnabled()
    for number, lesson in enumerate(LESSONS):
        assert widget.experiment == lesson.experiment
        assert lesson.title in widget.text.text()
        assert f"{number + 1} of 6" in widget.title.text()
        widget.next.click()
    assert not widget.next.isEnabled()
    for lesson in LESSONS[-2::-1]:
        widget.back.click()
        assert widget.experiment == lesson.experiment
    assert not viewer.layers


def test_the_forms_show_every_parameter_once():
    from napari_deconvolution.plugin.lab.widget import PARTS

    shown = [name for part in PARTS.values() for name in part]
    assert sorted(shown) == sorted(parameter.name for parameter in Experiment.parameters())


def test_a_run_shows_layers_curves_and_errors(viewer, widget, qtbot, picture):
    pytest.importorskip("matplotlib")
    run(qtbot, widget, QUICK)
    picture("lab")
    expected = finished(QUICK.run())
    assert names(viewer) == NAMES
    for layer, data in zip(viewer.layers, (expected.truth, expected.image, expected.result.image), strict=False):
        assert np.array_equal(layer.data, data)
        assert tuple(layer.scale) == QUICK.grid.spacing
        assert Experiment.of(layer.metadata["napari-deconvolution"]["experiment"]) == QUICK
    boxes = [layer.extent.world for layer in viewer.layers]
    for one, other in pairwise(boxes):
        assert (one[1] < other[0]).any() or (other[1] < one[0]).any(), "two pictures overlap"
    assert widget.tabs.currentIndex() == 1
    error = widget.curves.figure.axes[-1]
    assert error.lines[0].get_ydata() == pytest.approx(expected.errors)
    assert (
        f"image {expected.before:.3f}, estimate {expected.errors[-1]:.3f} after 8 iterations"
        in widget.task.status.text()
    )


def test_what_cannot_be_done_is_a_sentence(viewer, widget, qtbot):
    run(qtbot, widget, QUICK.assign(axis="z"))
    assert "has no z; choose x" in widget.task.status.text()
    assert not viewer.layers


def test_cancel_leaves_the_viewer_as_it_was(viewer, widget, qtbot):
    widget.experiment = QUICK.assign(iterations=10_000)
    widget.task.run_button.click()
    qtbot.waitUntil(lambda: "of 10000" in widget.task.bar.format(), timeout=20_000)
    widget.task.cancel_button.click()
    qtbot.waitUntil(lambda: not widget.task.running, timeout=10_000)
    assert not viewer.layers


def test_without_matplotlib_the_layers_are_there_all_the_same(viewer, widget, qtbot, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    run(qtbot, widget, QUICK)
    assert names(viewer) == NAMES
    assert "pip install" in widget.task.status.text()
