"""The layers of the lab: a set of its own, updated in place."""

import numpy as np
import pytest

from napari_deconvolution.runs import finished
from napari_deconvolution.teaching.experiment import Experiment

NAMES = ["lab: truth", "lab: image", "lab: estimate", "lab: PSF"]
QUICK = Experiment().assign(shape=(32, 64), iterations=8)
DEEP = QUICK.assign(
    shape=(10, 12, 16), spacing=(0.3, 0.1, 0.1), na=1.2, n_sample=1.333, depth=10.0, axis="z", specimen="bars"
)


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolution lab")[1]


def run(qtbot, widget, experiment):
    widget.experiment = experiment
    widget.task.run_button.click()
    qtbot.waitUntil(lambda: not widget.task.running, timeout=30_000)


def names(viewer):
    return [layer.name for layer in viewer.layers]


def test_layers_are_brought_up_to_date_in_place_also_by_another_lab(viewer, widget, qtbot):
    from napari_deconvolution.plugin.lab.widget import LabWidget

    pytest.importorskip("matplotlib")
    other = viewer.add_image(np.ones((5, 6)), name="lab: truth")
    run(qtbot, widget, QUICK)
    ours = list(viewer.layers)[1:]
    assert len(ours) == 4
    ours[2].visible = False
    run(qtbot, widget, QUICK.assign(photons=10.0, iterations=3))
    assert list(viewer.layers)[1:] == ours
    assert not ours[2].visible
    assert np.array_equal(ours[2].data, finished(QUICK.assign(photons=10.0, iterations=3).run()).result.image)
    viewer.layers.remove(ours[0])
    again = LabWidget(viewer)
    qtbot.addWidget(again)
    run(qtbot, again, QUICK)
    assert len(viewer.layers) == 5
    assert ours[1] in viewer.layers
    assert other in viewer.layers
    assert np.array_equal(other.data, np.ones((5, 6)))


def test_from_planes_to_volumes_and_back(viewer, widget, qtbot, picture):
    pytest.importorskip("matplotlib")
    run(qtbot, widget, QUICK)
    run(qtbot, widget, DEEP.assign(assumed_depth=0.0))
    picture("lab-deep")
    assert names(viewer) == [*NAMES, "lab: assumed PSF"]
    findings = finished(DEEP.run())
    assert viewer.layers[0].axis_labels == ("y", "z", "x")
    assert np.array_equal(viewer.layers[1].data, findings.image.transpose(1, 0, 2))
    assert tuple(viewer.layers[0].scale) == (0.1, 0.3, 0.1)
    focus = [layer.data_to_world([n // 2 for n in layer.data.shape])[0] for layer in viewer.layers]
    assert focus == pytest.approx([viewer.dims.point[0]] * 5)
    run(qtbot, widget, QUICK)
    assert names(viewer) == NAMES
    assert {layer.ndim for layer in viewer.layers} == {2}
