"""Previews of what is looked at, and the estimate while it improves."""

from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QCheckBox, QWidget

from ...recipes.volumes import Deconvolved
from ..layers import preview_layer
from ..layers.preview_layer import Place
from ..ui.debounce import Pause
from ..ui.parts import Note, column
from ..ui.sparkline import Sparkline
from ..ui.task_panel import TaskPanel, Work
from .job import Job
from .live_estimate import Glimpse, glimpsed


class PreviewPanel(QWidget):
    """What is to be previewed and shown, the curve of what decides the stop, and a button beside those of a task panel.

    Parameters
    ----------
    viewer
        Where previews are shown.
    task
        What runs previews, and runs whose estimates are shown.
    jobs
        Returns what is to be done now, the first for `layer`, or raises a ValueError.
    layer
        Returns the layer that is chosen.
    """

    def __init__(self, viewer: Any, task: TaskPanel, jobs: Callable[[], list[Job]], layer: Callable[[], Any]) -> None:
        super().__init__()
        self.viewer, self.task, self.jobs, self.layer = viewer, task, jobs, layer
        self.live, self.watch = QCheckBox("Preview when something changes"), QCheckBox("Show the estimate while it improves")
        self.watch.setChecked(True)
        self.region, self.spark = Note(), Sparkline()
        self.button = task.offer("Preview", self.prepare, self.finish)
        self.button.setToolTip("<p>The last rectangle of a Shapes layer, or what is seen of the image, at this time point.</p>")
        self.place: Place | None = None
        self.running: list[Job] = []
        self.previewing, self.again = False, False
        self.looking = Pause(self.renew)
        column(self, self.live, self.watch, self.region, self.spark)
        self.spark.hide()
        self.region.hide()
        self.live.toggled.connect(lambda on: self.looking.start() if on else self.looking.stop())
        task.advanced.connect(self._advance)
        task.rested.connect(self._rest)

    def prepare(self) -> Work:
        """The preview of what is looked at now."""
        from ..layers.field_of_view import region, shown_at

        job, layer = self.jobs()[0], self.layer()
        axes = job.image.axes
        part, words = region(self.viewer, layer, axes)
        at = shown_at(self.viewer, layer, axes)
        volumes = "".join(f", {axis} = {index}" for axis, index in at.items())
        self._begin(f"Preview of {words}{volumes}.")
        self.previewing, self.place = True, Place(job.source, axes, at, part)
        return lambda: glimpsed(job.preview(at, part), pause=0.3)

    def finish(self, result: Deconvolved) -> str:
        """Show what came out."""
        self._show(result.image.samples)
        return f"Preview: {result.image.record['runs'][0]['reason']}."

    def watch_run(self, jobs: list[Job]) -> None:
        """Show the estimates of these jobs, which begin now."""
        self._begin("")
        self.running = jobs

    def touch(self) -> None:
        """Something has changed: preview again, where that is asked for."""
        if self.live.isChecked():
            self.looking.start()

    def renew(self) -> None:
        """Preview what is shown now; a preview that runs is given up first, a run is not."""
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
        self.region.say(words)

    def _advance(self, progress: object) -> None:
        if not isinstance(progress, Glimpse):
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

    def _rest(self) -> None:
        if not self.previewing:
            preview_layer.remove(self.viewer)
        self.previewing = False
        self.spark.setVisible(bool(self.spark.values))
        if self.again:
            self.again = False
            self.looking.start()
