"""A small curve of the stopping criterion during a run."""

import math

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from qtpy.QtWidgets import QWidget

from .parts import FAINT, HINT

HEIGHT = 36
LINE = "#4aa3df"


class Sparkline(QWidget):
    """The criterion of the current part of a run over its iterations, on a logarithmic scale; its minimum is marked."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setToolTip("<p>Stopping criterion by iteration: the misfit of held-out photons, then that of the run.</p>")
        self.clear()

    def clear(self) -> None:
        """Start a new curve."""
        self.name, self.values = "", list[float]()
        self.update()

    def add(self, name: str, value: float) -> None:
        """Add a value; another name starts another curve."""
        if name != self.name:
            self.name, self.values = name, []
        if math.isfinite(value):
            self.values.append(value)
            self.update()

    def points(self) -> list[tuple[float, float]]:
        """The curve, from 0 to 1 along both axes, upwards."""
        low = min(self.values)
        heights = [math.log(max(value, 1e-30)) if low > 0 else value for value in self.values]
        bottom, span = min(heights), (max(heights) - min(heights)) or 1.0
        last = max(len(heights) - 1, 1)
        return [(k / last, (height - bottom) / span) for k, height in enumerate(heights)]

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self.values) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide, high = self.width() - 8, self.height() - 8
        places = [QPointF(4 + x * wide, 4 + (1 - y) * high) for x, y in self.points()]
        painter.setPen(QPen(QColor(LINE), 1.5))
        painter.drawPolyline(QPolygonF(places))
        best = places[min(range(len(places)), key=lambda k: self.values[k])]
        painter.setBrush(QColor(HINT))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(best, 3, 3)
        painter.setPen(QColor(FAINT))
        font = painter.font()
        font.setPointSizeF(0.8 * font.pointSizeF())
        painter.setFont(font)
        painter.drawText(QRectF(4, 0, wide, 13), Qt.AlignmentFlag.AlignRight, f"{self.name}, {self.values[-1]:.4g}")
