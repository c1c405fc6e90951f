"""Preview of a PSF: a table of its properties, its sections and its transfer functions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QLabel, QWidget

from ...optics.psf_report import PsfReport, psf_report
from ...recipes.psf_recipe import PsfRecipe
from ..ui.field import keep_wheel_for_scrolling
from ..ui.figure_view import FigureView
from ..ui.parts import FAILURE, FAINT, HINT, Note, column

SCALES = {"Intensity to the power 0.4": "gamma", "Logarithm of the intensity": "log"}


@dataclass(frozen=True, eq=False)
class Previewed:
    """A PSF and its report."""

    samples: NDArray[np.float32]
    nyquist: tuple[float, float]
    report: PsfReport

    @classmethod
    def of(cls, recipe: PsfRecipe, image_shape: tuple[int, ...] | None) -> "Previewed":
        """Compute it, for an image of this shape."""
        samples = recipe.make().samples
        report = psf_report(samples, recipe.grid.spacing, recipe.model, recipe.microscope, image_shape)
        return cls(samples, recipe.model.nyquist(recipe.microscope), report)


class PsfPreview(QWidget):
    """Table and figure, one above the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table, self.missing, self.scale = QLabel(), Note(), QComboBox()
        self.table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.scale.addItems(list(SCALES))
        keep_wheel_for_scrolling(self.scale)
        self.figure = FigureView(300, 300)
        column(self, self.table, self.missing, self.scale, self.figure, margin=6).setStretch(3, 1)
        self.shown: tuple[Previewed, str, str] | None = None
        self.scale.currentTextChanged.connect(lambda _: self._draw())

    def display(self, previewed: Previewed, paper: str, ink: str) -> None:
        """Show a PSF, its figure in these colours."""
        self.table.setText(as_html(previewed.report))
        self.missing.say(" ".join(previewed.report.missing), HINT)
        self.shown = previewed, paper, ink
        self._draw()

    def _draw(self) -> None:
        from ...plots.psf import sections

        if self.shown is None:
            return
        previewed, paper, ink = self.shown
        scale: Any = SCALES[self.scale.currentText()]
        try:
            figure = sections(
                previewed.samples, previewed.report.spacing, previewed.nyquist, scale=scale, paper=paper, ink=ink
            )
        except ImportError as error:
            self.missing.say(str(error), FAILURE)
            return
        self.figure.display(figure)


def as_html(report: PsfReport) -> str:
    """The table, with aligned numbers."""
    wide = len(report.shape)
    lines = []
    for name, *cells in report.rows():
        span = "" if len(cells) == wide else f" colspan={wide}"
        values = "".join(f"<td align=right style='padding-left: 10px'{span}>{cell}</td>" for cell in cells)
        lines.append(f"<tr><td style='color: {FAINT}'>{name}</td>{values}</tr>")
    return f"<table>{''.join(lines)}</table>"
