"""The curves of an experiment show what they were given, in the window's colours, and leave matplotlib as it was."""

import sys

import numpy as np
import pytest

from napari_deconvolution.algorithms.metrics.spectra import Spectra
from napari_deconvolution.plots.experiment import curves

FREQUENCY = np.linspace(0, 5, 11)
GIVEN = {
    "profiles": {
        "truth": np.array([0.0, 10, 0, 10]),
        "image": np.array([4.0, 6, 4, 6]),
        "estimate": np.array([-1e6, 9, 1, 1e6]),
    },
    "spectra": Spectra(FREQUENCY, 1 - FREQUENCY / 5, 10 - 2 * FREQUENCY, FREQUENCY / 5, FREQUENCY / 10),
    "errors": [0.6, 0.3, 0.2, 0.25],
    "before": 0.4,
    "step": 0.5,
    "cut_off": 3.0,
}


def test_four_panels_show_it_all():
    matplotlib = pytest.importorskip("matplotlib")
    kept = dict(matplotlib.rcParams)
    figure = curves(**GIVEN, axis="z", paper="black", ink="white")
    assert dict(matplotlib.rcParams) == kept
    assert figure.get_facecolor()[:3] == (0, 0, 0)
    profile, detail, light, error = figure.axes
    for line, (name, values) in zip(profile.lines, GIVEN["profiles"].items(), strict=True):
        assert line.get_label() == name
        assert line.get_ydata() == pytest.approx(values)
        assert line.get_xdata() == pytest.approx([0.25, 0.75, 1.25, 1.75])
    assert profile.get_ylim()[0] > -5, "a wild estimate must not flatten the others"
    assert profile.get_ylim()[1] < 20
    assert profile.get_xlabel() == "z (µm)"
    shown = {line.get_label(): line.get_ydata() for line in detail.lines}
    spectra = GIVEN["spectra"]
    assert np.array_equal(shown["MTF"], spectra.transfer)
    assert np.array_equal(shown["image"], spectra.seen)
    assert np.array_equal(shown["estimate"], spectra.found)
    assert light.lines[0].get_ydata() == pytest.approx(np.maximum(spectra.snr[1:], 0.01))
    assert {line.get_xdata()[0] for line in (detail.lines[-1], light.lines[-1])} == {3.0}
    assert error.lines[0].get_ydata() == pytest.approx(GIVEN["errors"])
    assert (error.lines[1].get_xdata()[0], error.lines[1].get_ydata()[0]) == (2, 0.2)
    assert error.lines[2].get_ydata()[0] == 0.4
    assert [text.get_text() for text in error.get_legend().get_texts()][1] == "best: 0.200 after 2"


def test_without_matplotlib_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="pip install"):
        curves(**GIVEN)
