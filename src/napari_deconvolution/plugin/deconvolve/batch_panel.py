"""The recipe over files and folders."""

from collections.abc import Callable, Sequence
from pathlib import Path

from qtpy.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ...recipes.batch import Outcome, deconvolve_files
from ...recipes.recipe import Recipe
from ..ui.parts import FAILURE, Note, add_row, column, rows
from ..ui.task_panel import TaskPanel, Work


class BatchPanel(QWidget):
    """Choose files, and run them through the panel that runs everything.

    Parameters
    ----------
    ask
        Returns the recipe for files, with axes and voxel size as they are shown or as each file tells, or raises a ValueError that is
        shown.
    task
        What runs it.
    """

    def __init__(self, ask: Callable[[bool], Recipe], task: TaskPanel) -> None:
        super().__init__()
        self.ask, self.task, self.paths = ask, task, list[str]()
        self.chosen, self.outcomes = Note(), Note()
        self.folder, self.overwrite = QLineEdit(), QCheckBox("Replace results that are there")
        self.as_shown = QCheckBox("Axes and voxel size as for the image above")
        self.as_shown.setToolTip("<p>For files that do not tell them; else each file tells its own.</p>")
        self.folder.setPlaceholderText("beside the images")
        self.folder.setToolTip("<p>Where results go; they end in _deconvolved.ome.tif.</p>")
        files, folder, self.run = QPushButton("Files …"), QPushButton("Folder …"), QPushButton("Run batch")
        self.run.setToolTip("<p>The same settings for every file; a PSF layer has to come from a file. What is done is skipped.</p>")
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
        """These files and folders are to be done."""
        self.paths = list(paths)
        names = ", ".join(Path(path).name for path in self.paths[:3])
        more = f" and {len(self.paths) - 3} more" if len(self.paths) > 3 else ""
        self.chosen.say(f"{names}{more}" if paths else "No files are chosen.")
        self.run.setEnabled(bool(paths))

    def prepare(self) -> Work:
        """What is to be done."""
        recipe, paths = self.ask(self.as_shown.isChecked()), list(self.paths)
        folder, overwrite = self.folder.text().strip() or None, self.overwrite.isChecked()
        self.outcomes.say("")
        return lambda: deconvolve_files(recipe, paths, folder, overwrite)

    def finish(self, outcomes: tuple[Outcome, ...]) -> str:
        """Tell what came of each; failures first."""
        failed = [outcome for outcome in outcomes if outcome.state == "failed"]
        self.outcomes.say("\n".join(f"{each.source.name}: {each.why}" for each in failed), FAILURE)
        done, before = (sum(outcome.state == state for outcome in outcomes) for state in ("done", "done before"))
        told = [f"{done} done", *([f"{before} done before"] if before else []), *([f"{len(failed)} failed"] if failed else [])]
        return f"Batch of {len(outcomes)}: {', '.join(told)}."

    def _choose_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Images", "", "TIFF (*.tif *.tiff)")
        if paths:
            self.take(paths)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Folder of images")
        if path:
            self.take([path])
