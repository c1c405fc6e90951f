"""Layouts and notes of dock widgets."""

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QResizeEvent, QShowEvent
from qtpy.QtWidgets import QFormLayout, QGroupBox, QLabel, QScrollArea, QVBoxLayout, QWidget

FAINT, HINT, FAILURE = "#858b95", "#bd7f1e", "#e54b4b"
"""Text colours, readable on light and dark: additional, warning, error."""


def column(widget: QWidget, *parts: QWidget, margin: int = 0) -> QVBoxLayout:
    """Put the parts into the widget, one below the other."""
    below = QVBoxLayout(widget)
    below.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        below.addWidget(part)
    return below


def group(title: str, *parts: QWidget) -> QGroupBox:
    """A frame with a title."""
    box = QGroupBox(title)
    column(box, *parts, margin=6)
    return box


def scrolling(content: QWidget) -> QScrollArea:
    """Vertical scrolling where the window is too low; never horizontal."""
    area = _Scrolling()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area


class _Scrolling(QScrollArea):
    """As wide as its content needs, whatever rows it has at the moment."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.setMinimumWidth(watched.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        return bool(super().eventFilter(watched, event))


def rows(widget: QWidget | None = None) -> QFormLayout:
    """Labels on the left, fields on the right, as wide as possible."""
    lines = QFormLayout(widget)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    lines.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return lines


def add_row(lines: QFormLayout, label: str, field: QWidget, at: int = -1) -> "Note":
    """Insert a row before another one, or at the end; returns its label."""
    text = row_label(label, field)
    lines.insertRow(at, text, field)
    return text


def row_label(label: str, field: QWidget) -> "Note":
    """The label of a field, as wide in all forms, so that fields are aligned; long labels take several lines."""
    text = Note()
    text.setFixedWidth(text.fontMetrics().horizontalAdvance("Refractive index of "))
    text.setText(label)
    text.setBuddy(field)
    field.setMinimumWidth(text.fontMetrics().horizontalAdvance("from the optics") + 20)
    return text


class Note(QLabel):
    """A text that takes as many lines as it needs; a scroll area alone would not give it the height."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setIndent(0)  # else the height for a width is that of a narrower text

    def setText(self, sentence: str) -> None:
        super().setText(sentence)
        self._fit()

    def say(self, sentence: str, colour: str = "") -> None:
        """Show a sentence in a colour; an empty one takes no room."""
        self.setStyleSheet(f"color: {colour}" if colour else "")
        self.setText(sentence)
        self.setVisible(bool(sentence))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # the font is that of the viewer only now

    def _fit(self) -> None:
        self.setMinimumHeight(0)  # below which a height for a width would not fall
        self.setMinimumHeight(max(self.heightForWidth(self.width()), 0))
