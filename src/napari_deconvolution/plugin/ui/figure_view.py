"""A matplotlib figure in a widget."""

from typing import Any

from qtpy.QtWidgets import QSizePolicy, QWidget

from .parts import column


class FigureView(QWidget):
    """Shows one figure at a time, as wide as there is room. matplotlib is imported with the first one.

    Parameters
    ----------
    width, height
        Pixels that a figure needs at least.
    """

    def __init__(self, width: int = 0, height: int = 0) -> None:
        super().__init__()
        self.size_needed = width, height
        self.canvas: Any = None
        self.frame = column(self)

    @property
    def figure(self) -> Any:
        """The figure on display; None if there is none."""
        return None if self.canvas is None else self.canvas.figure

    def display(self, figure: Any) -> None:
        """Show a figure in place of the one before; None for none."""
        if self.canvas is not None:
            self.canvas.setParent(None)
            self.canvas = None
        if figure is None:
            return
        from matplotlib.backends import backend_qtagg

        canvas: Any = backend_qtagg.FigureCanvasQTAgg
        self.canvas = canvas(figure)
        self.canvas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.canvas.setMinimumSize(*self.size_needed)
        self.frame.addWidget(self.canvas, 1)
