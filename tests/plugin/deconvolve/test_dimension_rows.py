"""Axes, sizes and channel of an image."""

import numpy as np
import pytest

from napari_deconvolution.plugin.layers.layer_source import Source


@pytest.fixture
def rows(screen, qtbot):
    from napari_deconvolution.plugin.deconvolve.dimension_rows import DimensionRows

    made = DimensionRows()
    qtbot.addWidget(made)
    return made


def test_labels_of_the_layer_or_the_usual_axes(rows):
    labelled = Source(np.zeros((2, 3, 4, 5)), labels=tuple("czyx"))
    rows.take(labelled)
    assert rows.describe(labelled)
    assert (rows.letters, rows.sizes.text()) == ("czyx", "c=2 z=3 y=4 x=5")
    assert not rows.channel.isHidden()
    assert rows.channel.maximum() == 1
    bare = Source(np.zeros((3, 4, 5)))
    rows.take(bare)
    assert rows.describe(bare)
    assert rows.sizes.text() == "z=3 y=4 x=5; assumed: the layer has no axis labels"
    assert rows.channel.isHidden()


def test_one_channel_or_all(rows):
    rows.take(Source(np.zeros((2, 4, 5)), labels=tuple("cyx")))
    assert rows.chosen_channel is None
    assert rows.channel.text() == "all"
    rows.channel.setValue(1)
    assert rows.chosen_channel == 1
    rows.axes.setText("zyx")
    assert rows.chosen_channel is None, "there is no such axis"


def test_axes_that_do_not_fit_are_refused_in_words(rows, qtbot):
    source = Source(np.zeros((3, 4, 5)))
    rows.axes.setText("yx")
    assert not rows.describe(source)
    assert "yx" in rows.sizes.text()
    with qtbot.waitSignal(rows.axes_edited):
        qtbot.keyClicks(rows.axes, "z\r")
