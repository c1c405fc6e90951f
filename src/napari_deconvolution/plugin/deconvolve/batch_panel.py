"""Batches: the recipe applied to files and folders."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from qtpy.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ...images.formats.registry import suffixes
from ...recipes.batch import run_files
from ...recipes.outcome import STATES, Outcome
from ...recipes.recipe import Recipe
from ..ui.parts import FAILURE, Note, add_row, column, rows
from ..ui.task_panel import TaskPanel, Work


class BatchPanel(QWidget):
    """Choose files, and deconvolve them one after the other.

    Parameters
    ----------
    ask
        Returns the recipe for files, with axes and voxel size as shown or as stated in each file, or raises a
        ValueError that is shown.
    task
        What runs it.
    """

    def __init__(self, ask: Callable[[bool], Recipe], task: TaskPanel) -> None:
        super().__init__()
        self.ask, self.task, self.paths = ask, task, list[str]()
        self.chosen, self.outcomes = Note(), Note()
        self.folder, self.overwrite = QLineEdit(), QCheckBox("Overwrite existing results")
        self.as_shown = QCheckBox("Axes, voxel size as above")
        self.as_shown.setToolTip("<p>For files without them; otherwise each file has its own.</p>")
        self.folder.setPlaceholderText("next to the images")
        self.folder.setToolTip("<p>Folder for results; their names end in _deconvolved.ome.tif.</p>")
        files, folder, self.run = QPushButton("Files …"), QPushButton("Folder …"), QPushButton("Run batch")
        self.run.setToolTip(
            "<p>The same settings for every file; a PSF layer has to come from a file. Finished files are skipped.</p>"
        )
        files.clicked.connect(self._choose_files)
        folder.clicked.connect(self._choose_folder)
        self.run.clicked.connect(lambda: self.task.start(self.prepare, self.finish))
        choice, lines, where = QWidget(), QHBoxLayout(), QWidget()
        choice.setLayout(lines)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(files)
        lines.addWidget(folder)
        add_row(rows(where), "Results in", self.folder)
        column(self, choice, self.chosen, where, self.as_shown, self.overwrite, self.run, self.outcomes)
        self.take([])

    def take(self, paths: Sequence[str]) -> None:
        """Choose these files and folders."""
        self.paths = list(paths)
        names = ", ".join(Path(path).name for path in self.paths[:3])
        more = f" and {len(self.paths) - 3} more" if len(self.paths) > 3 else ""
        self.chosen.say(f"{names}{more}" if paths else "No files chosen.")
        self.run.setEnabled(bool(paths))

    def prepare(self) -> Work:
        """The batch as set now."""
        recipe, paths = self.ask(self.as_shown.isChecked()), list(self.paths)
        folder, overwrite = self.folder.text().strip() or None, self.overwrite.isChecked()
        self.outcomes.say("")
        return lambda: run_files(recipe, paths, folder, overwrite)

    def finish(self, outcomes: tuple[Outcome, ...]) -> str:
        """Count the outcomes, and show the failures."""
        failed = [outcome for outcome in outcomes if outcome.state in ("failed", "incomplete")]
        self.outcomes.say("\n".join(f"{each.source.name}: {each.why}" for each in failed), FAILURE)
        counts = Counter(outcome.state for outcome in outcomes)
        others = [f"{counts[state]} {state}" for state in STATES[1:] if counts[state]]
        return f"Batch of {len(outcomes)}: {', '.join([f'{counts[STATES[0]]} done', *others])}."

    def _choose_files(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in suffixes())
        paths, _ = QFileDialog.getOpenFileNames(self, "Images", "", f"Images ({endings})")
        if paths:
            self.take(paths)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Folder of images")
        if path:
            self.take([path])
