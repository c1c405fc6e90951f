"""Load and save a microscope."""

from collections.abc import Callable

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from ...recipes.microscope_file import SUFFIX, read_profile, write_profile
from ...recipes.psf_recipe import PsfRecipe
from ...recipes.recipe import Recipe

FILES = f"Microscope (*{SUFFIX})"


class ProfileBar(QWidget):
    """Two buttons, for files that the command line reads and writes too.

    Parameters
    ----------
    ask
        Returns the optics that are saved, or raises a ValueError.
    """

    loaded = Signal(dict)
    """Values by the names that `PsfRecipe.assign` and `Recipe.assign` take."""
    used = Signal(str)
    """The file that was loaded or saved."""
    said = Signal(str)
    failed = Signal(str)

    def __init__(self, ask: Callable[[], PsfRecipe | Recipe], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ask = ask
        load, save = QPushButton("Load microscope …"), QPushButton("Save microscope …")
        load.setToolTip("<p>Microscope and model from a JSON file, the one that the command line takes with --microscope.</p>")
        save.setToolTip("<p>Microscope and model as a JSON file, for here and for the command line (--microscope).</p>")
        load.clicked.connect(lambda: self._choose(QFileDialog.getOpenFileName, self.load))
        save.clicked.connect(lambda: self._choose(QFileDialog.getSaveFileName, self.save))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(load)
        row.addWidget(save)

    def load(self, path: str) -> None:
        """Read a profile."""
        self.loaded.emit(read_profile(path))
        self.used.emit(path)

    def save(self, path: str) -> None:
        """Write a profile; the dialog has asked whether to overwrite it."""
        recipe = self.ask()
        written = write_profile(path if path.lower().endswith(SUFFIX) else path + SUFFIX, recipe.model, recipe.microscope, overwrite=True)
        self.said.emit(f"Saved as {written.name}.")
        self.used.emit(str(written))

    def _choose(self, dialog: Callable[..., tuple[str, str]], use: Callable[[str], None]) -> None:
        path, _ = dialog(self, "Microscope", "", FILES)
        if not path:
            return
        try:
            use(path)
        except (ValueError, OSError) as error:
            self.failed.emit(str(error))
