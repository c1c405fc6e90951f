"""Sentences at the field that they are about."""

from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFormLayout, QScrollArea, QWidget

from .parts import FAILURE, Note
from .section import Section


class Complaint(Note):
    """A sentence below a field, which is marked and brought into sight; the field has to be in a column or in rows."""

    def __init__(self, field: QWidget, sentence: str) -> None:
        super().__init__()
        self.field, self.style_before = field, field.styleSheet()
        self.rows = _rows_around(field)
        if isinstance(self.rows, QFormLayout):
            self.rows.insertRow(self.rows.getWidgetPosition(field)[0] + 1, self)
        else:
            self.rows.insertWidget(self.rows.indexOf(field) + 1, self)
        field.setStyleSheet(f"border: 1px solid {FAILURE}")
        self.say(sentence, FAILURE)
        above: QWidget | None = field
        while above is not None:
            if isinstance(above, Section):
                above.open(True)
            if isinstance(above, QScrollArea):
                QTimer.singleShot(0, lambda area=above: area.ensureWidgetVisible(field, 0, 60))
            above = above.parentWidget()
        field.setFocus()

    def withdraw(self) -> None:
        """The field is as it was."""
        self.field.setStyleSheet(self.style_before)
        if isinstance(self.rows, QFormLayout) and self.rows.indexOf(self) >= 0:
            self.rows.takeRow(self)
        self.setParent(None)
        self.deleteLater()


def _rows_around(field: QWidget) -> Any:
    parent = field.parentWidget()
    assert parent is not None
    return parent.layout()
