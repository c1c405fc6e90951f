"""What the form does, as Python, kept up to date while it is seen."""

from collections.abc import Callable, Sequence

from qtpy.QtGui import QFontDatabase, QGuiApplication, QShowEvent
from qtpy.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from ...recipes.recipe import Recipe
from ...recipes.record import PsfOrigin, Record
from ...recipes.repeat import as_python
from ..layers.layer_source import RECORD, Source
from ..ui.debounce import Debounce
from ..ui.parts import column
from ..ui.task_panel import EXPECTED
from .job import Job

HEIGHT = 200
"""Pixels: some twelve lines."""


class ScriptPanel(QWidget):
    """A script that does what Run does, and a button that copies it.

    Parameters
    ----------
    jobs, recipe
        Return what is to be done now, and the settings as shown, or raise a ValueError, which is shown.
    """

    def __init__(self, jobs: Callable[[], list[Job]], recipe: Callable[[], Recipe]) -> None:
        super().__init__()
        self.jobs, self.recipe = jobs, recipe
        self.text, copy = QPlainTextEdit(), QPushButton("Copy")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(HEIGHT)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        copy.setToolTip("<p>Copy the script to the clipboard.</p>")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.debounce = Debounce(self.renew)
        column(self, self.text, copy)

    def touch(self) -> None:
        """Something has changed."""
        if self.isVisible():
            self.debounce.start()

    def renew(self) -> None:
        """Show the script for the present settings, or why there is none."""
        try:
            script = as_python(planned(self.jobs(), self.recipe()))
        except EXPECTED as error:
            script = f"# {error}"
        self.text.setPlainText(script)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()


def planned(jobs: Sequence[Job], recipe: Recipe) -> Record:
    """The record of a run that has not begun, as far as a script needs it.

    Parameters
    ----------
    jobs
        One, or one for each channel of a file.
    recipe
        What they were made from.
    """
    first, several = jobs[0], len(jobs) > 1
    psfs = [psf for job in jobs for psf in job.psfs]
    settings = first.repeatable
    if several:
        files = () if any(psf.path is None for psf in psfs) else tuple(str(psf.path) for psf in psfs)
        settings = recipe.replace(axes=None, channel=None, psf=files)
    count = len(jobs) if several or settings.channel is not None else first.image.channel_count
    origins = tuple(map(_origin, psfs)) or (PsfOrigin(),) * count
    path = first.source.path
    return Record(
        recipe=settings.to_dict(), psf=origins, name=first.source.name, source="" if path is None else str(path)
    )


def _origin(psf: Source) -> PsfOrigin:
    """How the PSF in a layer was computed, if its record tells."""
    known = Record.of(psf.metadata.get(RECORD, {}))
    return PsfOrigin(given=psf.name, computed=known.psf[0].computed if known.psf else None)
