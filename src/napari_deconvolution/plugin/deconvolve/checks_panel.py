"""What may go wrong, checked when something has changed."""

from collections.abc import Callable, Sequence
from typing import Any

from napari.qt.threading import create_worker
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ...recipes.checks import Finding
from ..ui.debounce import Debounce
from ..ui.parts import FAINT, HINT, Note
from ..ui.task_panel import EXPECTED, Failure, attempt
from .job import Job

FINE = "No problems found."


class ChecksPanel(QWidget):
    """The findings about the run to come, and the memory that it takes.

    Parameters
    ----------
    viewer
        The volume on display is checked.
    jobs
        Returns what is to be done now, the first for `layer`, or raises a ValueError, which is then the finding.
    layer
        Returns the chosen layer.
    """

    fix_asked = Signal(object)
    """The finding whose button was pressed."""

    def __init__(self, viewer: Any, jobs: Callable[[], list[Job]], layer: Callable[[], Any]) -> None:
        super().__init__()
        self.viewer, self.jobs, self.layer = viewer, jobs, layer
        self.list, self.button = FindingList(), QToolButton()
        self.button.setText("⟳")
        self.button.setAccessibleName("Check again")
        self.button.setToolTip(
            "<p>Check image, PSF and settings again; done automatically when something has changed.</p>"
        )
        self.checked: list[Job] = []
        self.debounce = Debounce(self.check)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.list, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.list.fix_asked.connect(self.fix_asked)
        self.button.clicked.connect(self.check)

    def check(self) -> None:
        """Check in a thread, and show the findings."""
        from ..layers.field_of_view import shown_at

        self.checked = []
        try:
            jobs = self.jobs()
            at = shown_at(self.viewer, self.layer(), jobs[0].image.axes)
        except EXPECTED as error:
            self.list.display([Finding(str(error))])
            return
        self.checked = jobs
        create_worker(_check, jobs, at, _connect={"returned": self._show})

    def _show(self, checked: tuple[list[Job], list[Finding] | Failure, str | Failure]) -> None:
        jobs, found, room = checked
        if jobs is self.checked:  # and nothing has changed since
            remark = "" if isinstance(room, Failure) else room
            self.list.display([Finding(found.sentence)] if isinstance(found, Failure) else found, remark)


def _check(jobs: list[Job], at: dict[str, int]) -> tuple[list[Job], Any, Any]:
    """Some jobs, the findings about them or why there are none, and the memory that one takes."""
    found = attempt(lambda: [finding for job in jobs for finding in job.findings(at)])
    alike = found if isinstance(found, Failure) else list({finding.sentence: finding for finding in found}.values())
    return jobs, alike, attempt(lambda: jobs[0].room)


class FindingList(QWidget):
    """Findings, one below the other, each with a button for its fix."""

    fix_asked = Signal(object)
    """The finding whose button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.findings: Sequence[Finding] = ()

    def display(self, findings: Sequence[Finding], remark: str = "") -> None:
        """Show these in place of those before; a remark as the tooltip."""
        self.clear()
        self.findings = findings
        for finding in findings:
            self._add(finding.sentence, HINT)
            if finding.remedy:
                button = QPushButton(finding.remedy)
                button.clicked.connect(lambda _=False, finding=finding: self.fix_asked.emit(finding))
                self.lines.addWidget(button)
        if not findings:
            self._add(FINE, FAINT)
        self.setToolTip(f"<p>{remark}</p>" if remark else "")

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
        """The fixes, in order."""
        return self.findChildren(QPushButton)

    def _add(self, sentence: str, colour: str) -> None:
        note = Note()
        self.lines.addWidget(note)
        note.say(sentence, colour)
