"""A matplotlib figure as a widget."""

from typing import Any

from qtpy.QtWidgets import QSizePolicy, QWidget


def figure_canvas(figure: Any, smallest: tuple[int, int] = (0, 0)) -> QWidget:
    """A widget that shows a figure and is as large as its dock allows, but no smaller than so many pixels."""
    from matplotlib.backends import backend_qtagg

    kind: Any = backend_qtagg.FigureCanvasQTAgg
    canvas: QWidget = kind(figure)
    canvas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
    canvas.setMinimumSize(*smallest)
    return canvas
