"""What may go wrong, looked for when something has changed."""

from collections.abc import Callable, Sequence
from typing import Any

from napari.qt.threading import create_worker
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ...recipes.checks import Finding
from ..ui.debounce import Pause
from ..ui.parts import FAINT, HINT, Note, column
from ..ui.task_panel import EXPECTED, Failure, attempt
from .job import Job


class ChecksPanel(QWidget):
    """The findings about what is to be done, and the memory that it takes.

    Parameters
    ----------
    viewer
        The volume that it shows is looked at.
    jobs
        Returns what is to be done now, the first for `layer`, or raises a ValueError, which is then the finding.
    layer
        Returns the layer that is chosen.
    """

    asked = Signal(object)
    """The finding whose button was pressed."""

    def __init__(self, viewer: Any, jobs: Callable[[], list[Job]], layer: Callable[[], Any]) -> None:
        super().__init__()
        self.viewer, self.jobs, self.layer = viewer, jobs, layer
        self.list, self.button = CheckList(), QPushButton("Check")
        self.button.setToolTip("<p>Look at image, PSF and settings for what may go wrong; done by itself when something changes.</p>")
        self.checked: list[Job] = []
        self.pause = Pause(self.check)
        column(self, self.list, self.button)
        self.list.asked.connect(self.asked)
        self.button.clicked.connect(self.check)

    def check(self) -> None:
        """Look; what is found is shown when it has been."""
        from ..layers.field_of_view import shown_at

        self.checked = []
        try:
            jobs = self.jobs()
            at = shown_at(self.viewer, self.layer(), jobs[0].image.axes)
        except EXPECTED as error:
            self.list.display([Finding(str(error))])
            return
        self.checked = jobs
        create_worker(_looked, jobs, at, _connect={"returned": self._show})

    def _show(self, looked: tuple[list[Job], list[Finding] | Failure, str | Failure]) -> None:
        jobs, found, room = looked
        if jobs is self.checked:  # and nothing has changed since
            remark = "" if isinstance(room, Failure) else room
            self.list.display([Finding(found.sentence)] if isinstance(found, Failure) else found, remark)


def _looked(jobs: list[Job], at: dict[str, int]) -> tuple[list[Job], Any, Any]:
    """The findings about some jobs, or why there are none, with the jobs that they are about, and the memory that one takes."""
    found = attempt(lambda: [finding for job in jobs for finding in job.findings(at)])
    alike = found if isinstance(found, Failure) else list({finding.sentence: finding for finding in found}.values())
    return jobs, alike, attempt(lambda: jobs[0].room)


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
