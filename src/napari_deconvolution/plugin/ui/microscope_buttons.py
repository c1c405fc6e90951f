"""Load and save a microscope."""

from collections.abc import Callable

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from ...recipes.json_file import SUFFIX
from ...recipes.microscope_file import read_microscope, write_microscope
from ...recipes.psf_recipe import PsfRecipe
from ...recipes.recipe import Recipe

FILES = f"Microscope (*{SUFFIX})"


class MicroscopeButtons(QWidget):
    """Two buttons, for files that the command line reads and writes too.

    Parameters
    ----------
    ask
        Returns the optics to save, or raises a ValueError.
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
        load, save = QPushButton("Load profile …"), QPushButton("Save profile …")
        load.setToolTip(
            "<p>Load microscope and PSF model from a JSON file, as the command line does with --microscope.</p>"
        )
        save.setToolTip(
            "<p>Save microscope and PSF model as a JSON file, for later and for the command line (--microscope).</p>"
        )
        load.clicked.connect(lambda: self._choose(QFileDialog.getOpenFileName, self.load))
        save.clicked.connect(lambda: self._choose(QFileDialog.getSaveFileName, self.save))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(load)
        row.addWidget(save)

    def load(self, path: str) -> None:
        """Read a microscope file."""
        self.loaded.emit(read_microscope(path))
        self.used.emit(path)

    def save(self, path: str) -> None:
        """Write a microscope file; the dialog has asked whether to overwrite it."""
        recipe, path = self.ask(), path if path.lower().endswith(SUFFIX) else path + SUFFIX
        written = write_microscope(path, recipe.model, recipe.microscope, overwrite=True)
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
