"""Errors at the field that they are about."""

import re
from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QFormLayout, QScrollArea, QWidget

from .parts import FAILURE, Note
from .section import Section


class FieldError(ValueError):
    """A value that cannot be used, in a field of a form that is not that of a parameter.

    Parameters
    ----------
    sentence
        What is wrong, and what to do.
    field
        The name of the field.
    """

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def field_of(error: Exception) -> str:
    """The field that an error is about: that which it names, else the parameter with which its sentence begins.

    >>> field_of(ValueError("na = 1.6: must be 0.05 to 1.7")), field_of(FieldError("No voxel size.", "spacing"))
    ('na', 'spacing')
    >>> field_of(ValueError("The image is empty."))
    ''
    """
    named: str | None = getattr(error, "field", None)
    begun = re.match(r"(\w+) = ", str(error))
    return named or (begun[1] if begun else "")


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
