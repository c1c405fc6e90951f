"""What is to be thought of before a run, each with a button that mends it where that is possible."""

from collections.abc import Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ..scale.checks import Finding
from .layout import FAINT, HINT, Note

FINE = "Nothing stands against it."


class CheckList(QWidget):
    """Findings, one below the other."""

    asked = Signal(object)
    """The finding whose button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.findings: Sequence[Finding] = ()

    def display(self, findings: Sequence[Finding], remark: str = "") -> None:
        """Show these in place of those before, and a remark below them."""
        self.clear()
        self.findings = findings
        for finding in findings:
            note = Note()
            self.lines.addWidget(note)
            note.say(finding.sentence, HINT)
            if finding.remedy:
                button = QPushButton(finding.remedy)
                button.clicked.connect(lambda _=False, finding=finding: self.asked.emit(finding))
                self.lines.addWidget(button)
        if remark or not findings:
            note = Note()
            self.lines.addWidget(note)
            note.say(remark if findings else f"{FINE} {remark}".strip(), FAINT)

    def clear(self) -> None:
        """Show nothing."""
        self.findings = ()
        while self.lines.count():
            item = self.lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    @property
    def buttons(self) -> list[QPushButton]:
        """The remedies, in order."""
        return self.findChildren(QPushButton)
