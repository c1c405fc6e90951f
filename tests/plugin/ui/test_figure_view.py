"""A figure in a widget, one at a time."""

import pytest


def test_one_figure_takes_the_place_of_another(screen, qtbot):
    figure = pytest.importorskip("matplotlib.figure")
    from napari_deconvolution.plugin.ui.figure_view import FigureView

    view = FigureView(120, 80)
    qtbot.addWidget(view)
    assert view.figure is None
    first, second = figure.Figure(), figure.Figure()
    view.display(first)
    assert view.figure is first
    assert (view.canvas.minimumWidth(), view.canvas.minimumHeight()) == (120, 80)
    view.display(second)
    assert view.figure is second
    assert view.frame.count() == 1
    view.display(None)
    assert view.figure is None
    assert view.frame.count() == 0
