"""Previews of the visible part, and the estimate during a run."""

from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QCheckBox, QWidget

from ...recipes.record import Record
from ...recipes.volumes import Deconvolved
from ..layers import preview_layer
from ..layers.preview_layer import Place
from ..ui.debounce import Debounce
from ..ui.parts import Note, column
from ..ui.sparkline import Sparkline
from ..ui.task_panel import TaskPanel, Work
from .job import Job
from .live_estimate import LiveEstimate, with_estimates


class PreviewPanel(QWidget):
    """What is previewed and shown, the curve of the stopping criterion, and a button in the row of a task panel.

    Parameters
    ----------
    viewer
        Where previews are shown.
    task
        Runs previews, and the runs whose estimates are shown.
    jobs
        Returns what is to be done now, the first for `layer`, or raises a ValueError.
    layer
        Returns the chosen layer.
    """

    def __init__(self, viewer: Any, task: TaskPanel, jobs: Callable[[], list[Job]], layer: Callable[[], Any]) -> None:
        super().__init__()
        self.viewer, self.task, self.jobs, self.layer = viewer, task, jobs, layer
        self.live = QCheckBox("Update preview automatically")
        self.watch = QCheckBox("Show the estimate during a run")
        self.watch.setChecked(True)
        self.part, self.spark = Note(), Sparkline()
        self.button = task.offer("Preview", self.prepare, self.finish)
        self.button.setToolTip(
            "<p>Deconvolve the last rectangle of a Shapes layer, or the visible part, at this time point.</p>"
        )
        self.place: Place | None = None
        self.running: list[Job] = []
        self.previewing, self.again = False, False
        self.debounce = Debounce(self.renew)
        self.options = QWidget()
        """When to preview, and what to show; for a place of its own."""
        column(self.options, self.live, self.watch)
        column(self, self.part, self.spark)
        self.spark.hide()
        self.part.hide()
        self.live.toggled.connect(lambda on: self.debounce.start() if on else self.debounce.stop())
        task.advanced.connect(self._advance)
        task.finished.connect(self._end)

    def prepare(self) -> Work:
        """The preview of the part on display now."""
        from ..layers.field_of_view import region, shown_at

        job, layer = self.jobs()[0], self.layer()
        axes = job.image.axes
        part, words = region(self.viewer, layer, axes)
        at = shown_at(self.viewer, layer, axes)
        volumes = "".join(f", {axis} = {index}" for axis, index in at.items())
        self._begin(f"Preview of {words}{volumes}.")
        self.previewing, self.place = True, Place(job.source, axes, at, part)
        return lambda: with_estimates(job.preview(at, part), interval=0.3)

    def finish(self, result: Deconvolved) -> str:
        """Show the result."""
        self._show(result.image.samples)
        return f"Preview: {Record.of(result.image.record).runs[0].reason}."

    def watch_run(self, jobs: list[Job]) -> None:
        """Show the estimates of these jobs, which start now."""
        self._begin("")
        self.running = jobs

    def touch(self) -> None:
        """Something has changed: preview again, where that is wanted."""
        if self.live.isChecked():
            self.debounce.start()

    def renew(self) -> None:
        """Preview the present settings; a running preview is cancelled first, a run is not."""
        if not self.live.isChecked() or (self.task.running and not self.previewing):
            return
        if self.task.running:
            self.again = True
            self.task.cancel()
        else:
            self.button.click()

    def _begin(self, words: str) -> None:
        self.place = None
        self.spark.clear()
        self.spark.show()
        self.part.say(words)

    def _advance(self, progress: object) -> None:
        if not isinstance(progress, LiveEstimate):
            return
        if progress.criterion is not None:
            self.spark.add(*progress.criterion)
        if progress.estimate is None or not self.watch.isChecked():
            return
        if not self.previewing:
            index = progress.progress.index
            job = self.running[index.get("layer", 0)]
            self.place = Place(job.source, job.image.axes, index)
        self._show(progress.estimate)

    def _show(self, samples: Any) -> None:
        if self.place is not None:
            preview_layer.show(self.viewer, samples, self.place)

    def _end(self) -> None:
        if not self.previewing:
            preview_layer.remove(self.viewer)
        self.previewing = False
        self.spark.setVisible(bool(self.spark.values))
        if self.again:
            self.again = False
            self.debounce.start()
