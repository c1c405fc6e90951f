"""How the parts of a dock widget lie."""

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFormLayout, QGroupBox, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

FAINT, HINT, FAILURE = "#858b95", "#bd7f1e", "#e54b4b"
"""Colours of words, to be read on light and on dark: beside the matter, to be thought of, wrong."""


def column(widget: QWidget, *parts: QWidget, margin: int = 0) -> QVBoxLayout:
    """Put the parts into the widget, one below the other."""
    below = QVBoxLayout(widget)
    below.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        below.addWidget(part)
    return below


def group(title: str, *parts: QWidget) -> QGroupBox:
    """A frame with a title round it."""
    box = QGroupBox(title)
    column(box, *parts, margin=8)
    return box


class Section(QWidget):
    """A title that shows what is below it, or hides it; hidden at first."""

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self.title, self.content = title, QWidget()
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.setStyleSheet("text-align: left; padding: 4px")
        self.button.toggled.connect(self.open)
        column(self.content, content, margin=8)
        column(self, self.button, self.content)
        self.open(False)

    def open(self, shown: bool) -> None:
        """Show or hide."""
        self.button.setText(f"{'▾' if shown else '▸'} {self.title}")
        self.content.setVisible(shown)


def scrolling(content: QWidget) -> QScrollArea:
    """Up and down where the window is too low; never sideways."""
    area = _Scrolling()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(content)
    return area


class _Scrolling(QScrollArea):
    """As wide as its content needs, whatever rows that has at the moment."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.setMinimumWidth(watched.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        return bool(super().eventFilter(watched, event))


def rows(widget: QWidget | None = None) -> QFormLayout:
    """Labels on the left, fields on the right, as wide as there is room."""
    lines = QFormLayout(widget)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    lines.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return lines


def add_row(lines: QFormLayout, label: str, field: QWidget, at: int = -1) -> QLabel:
    """Add a row, at the end or above another one; labels are as wide in all forms, so that fields stand below each other."""
    text = QLabel(label)
    text.setMinimumWidth(text.fontMetrics().horizontalAdvance("Wavelength (nm) "))
    field.setMinimumWidth(text.fontMetrics().horizontalAdvance("from the optics") + 30)
    lines.insertRow(at, text, field)
    return text


class Note(QLabel):
    """A sentence that takes as many lines as it needs, which a scroll area would not ask it for."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)

    def setText(self, sentence: str) -> None:
        super().setText(sentence)
        self.setMinimumHeight(max(self.heightForWidth(self.width()), 0))

    def say(self, sentence: str, colour: str = "") -> None:
        """Show a sentence, in a colour; nothing takes no room."""
        self.setStyleSheet(f"color: {colour}" if colour else "")
        self.setText(sentence)
        self.setVisible(bool(sentence))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMinimumHeight(max(self.heightForWidth(self.width()), 0))
