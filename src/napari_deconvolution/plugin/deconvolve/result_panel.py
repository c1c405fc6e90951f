"""The result of a deconvolution: before and after, curves, its report, and the code that repeats it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from napari.utils.theme import get_theme
from qtpy.QtCore import QTimer, Signal
from qtpy.QtGui import QFontDatabase, QGuiApplication, QHideEvent, QShowEvent
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from ...recipes.iteration_table import TABLE, write_iterations
from ...recipes.json_file import SUFFIX
from ...recipes.recipe import Recipe
from ...recipes.recipe_file import write_recipe
from ...recipes.record import Record, VolumeRecord
from ...recipes.repeat import as_command, as_python, unsaved_psfs
from ...recipes.report_text import pedestal, report
from ...recipes.verdict import is_doubtful, verdict
from ..layers.result_layers import against, before, drawn_line, is_result, place, record_of
from ..ui.field import keep_wheel_for_scrolling
from ..ui.figure_view import FigureView
from ..ui.layer_choice import layer_choice
from ..ui.parts import FAILURE, HINT, Note, add_row, column, rows
from ..ui.task_panel import EXPECTED, Failure
from .result_figures import FIGURES, View
from .same_contrast import SameContrast
from .side_by_side import SideBySide

REPORT = "Report"

INTERVAL = 250
"""Milliseconds between looks at what the viewer shows; a connection to it could outlive the panel."""

NOTHING = "There is no result yet: deconvolve an image, or open a saved result."


class ResultPanel(QWidget):
    """A result among the layers of a viewer, with its figures and its report.

    Parameters
    ----------
    viewer
        Its layers are offered. Plane, time, channel and the selected line are those that it shows.
    """

    load_asked = Signal(object)
    """The `Recipe` of the result, whose settings are to be loaded."""

    def __init__(self, viewer: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewer = viewer
        self.results, self.images = layer_choice(viewer), layer_choice(viewer, (("none", None),))
        self.truths = layer_choice(viewer, (("unknown", None),))
        self.truths.native.setToolTip(
            "<p>Ground truth, for instance of a simulated specimen; the report compares the result with it.</p>"
        )
        self.volumes, self.pages, self.side_by_side = QComboBox(), QComboBox(), SideBySide(viewer)
        self.same_contrast = SameContrast()
        self.verdict, self.note, self.status, self.text = Note(), Note(), Note(), QPlainTextEdit()
        self.figure = FigureView()
        self.drawn: tuple[str, View] | None = None
        self.compared: tuple[Any, dict[str, float]] = None, {}
        self.timer = QTimer(self)
        self.timer.setInterval(INTERVAL)
        self._lay_out()
        self.results.choices = lambda _: [(layer.name, layer) for layer in viewer.layers if is_result(layer)]
        self.results.changed.connect(self._take_result)
        self.images.changed.connect(self.look)
        self.truths.changed.connect(self._renew)
        self.volumes.activated.connect(self._go_to_volume)
        self.pages.currentIndexChanged.connect(self.look)
        self.side_by_side.clicked.connect(lambda on: self._try(self._show_pair if on else self.side_by_side.restore))
        self.same_contrast.clicked.connect(lambda on: self._try(self._equalise if on else self.same_contrast.restore))
        self.timer.timeout.connect(self.look)
        self.status.say("")
        self._take_result()

    def _lay_out(self) -> None:
        choices, text, self.sheets = QWidget(), QWidget(), QStackedWidget()
        self.rows = rows(choices)
        add_row(self.rows, "Result", self.results.native)
        add_row(self.rows, "Original image", self.images.native)
        add_row(self.rows, "Ground truth", self.truths.native)
        add_row(self.rows, "Volume", self.volumes)
        keep_wheel_for_scrolling(self.volumes)
        keep_wheel_for_scrolling(self.pages)
        self.pages.addItems([*FIGURES, REPORT])
        self.pages.setAccessibleName("Figure")
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        about_report = self._offer(
            ("Copy report", "Copy the report as text.", lambda: self._copy(self.text.toPlainText(), "The report")),
            ("Save table …", "Save the history of all iterations as comma-separated values.", self._save_table),
        )
        column(text, self.text, about_report)
        for sheet in (self.figure, text):
            self.sheets.addWidget(sheet)
        self.sheets.setMinimumHeight(260)
        self.repeat = self._offer(
            (
                "Copy as Python",
                "A script that makes exactly this result again.",
                lambda: self._copy(as_python(self.record), "The script"),
            ),
            (
                "Copy as command line",
                "A command for the terminal that makes this result again.",
                lambda: self._copy(as_command(self.record), "The command"),
            ),
            (
                "Save recipe …",
                "Save all settings as a file for the form, Python and the command line.",
                self._save_recipe,
            ),
            (
                "Load settings",
                "Show the settings of this result in the form.",
                lambda: self.load_asked.emit(self.recipe),
            ),
        )
        compare = QWidget()
        pair = QHBoxLayout(compare)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(self.side_by_side)
        pair.addWidget(self.same_contrast)
        parts = (choices, self.verdict, compare, self.pages, self.note, self.sheets, self.repeat, self.status)
        column(self, *parts, margin=6).setStretchFactor(self.sheets, 1)

    def _offer(self, *offers: tuple[str, str, Callable[[], object]]) -> QWidget:
        """Buttons, two in a row."""
        place = QWidget()
        grid = QGridLayout(place)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, (label, about, act) in enumerate(offers):
            button = QPushButton(label)
            button.setToolTip(f"<p>{about}</p>")
            button.clicked.connect(lambda _, act=act: self._try(act))
            grid.addWidget(button, number // 2, number % 2)
        return place

    @property
    def record(self) -> Record:
        """Of the chosen result.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.results.value is None:
            raise ValueError(NOTHING)
        return record_of(self.results.value)

    @property
    def recipe(self) -> Recipe:
        """What made the chosen result.

        Raises
        ------
        ValueError
            If there is none, or it was made by a version with other settings.
        """
        recipe: Recipe = Recipe.of(self.record.settings)
        return recipe

    def take(self, image: Any, results: list[Any]) -> None:
        """Show the result of a run.

        Parameters
        ----------
        image
            The layer that was deconvolved; None if it has been removed.
        results
            The layers of the result, already in the viewer.
        """
        self.reset_choices()
        self.results.value = next(layer for layer in results if is_result(layer))
        if image in self.images.choices:
            self.images.value = image

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now; napari calls it when they change."""
        shown = self.results.value
        self.results.reset_choices()
        self.images.reset_choices()
        self.truths.reset_choices()
        if self.results.value is not shown:
            self._take_result()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.timer.start()
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.timer.stop()

    def look(self, event: object = None) -> None:
        """Draw what is chosen and on display now, unless it is drawn already."""
        if not self.isVisible() or self.results.value is None:
            return
        page, view = self.pages.currentText(), self._view()
        if (page, view) == self.drawn:
            return
        self.drawn = page, view
        self.volumes.setCurrentIndex(view.number)
        self.sheets.setCurrentIndex(page == REPORT)
        self.note.say("")
        self.verdict.say(verdict(view.run), HINT if is_doubtful(view.run) else "")
        if page == REPORT:
            self.text.setPlainText(report(self._compared(view), view.number))
            return
        try:
            self.figure.display(FIGURES[page](view))
        except (ValueError, ImportError) as error:
            self.figure.display(None)
            self.note.say(str(error), HINT)

    def _renew(self, event: object = None) -> None:
        self.drawn = None
        self.look()

    def _compared(self, view: View) -> Record:
        """The record, with the errors of the shown volume against the chosen ground truth."""
        if self.truths.value is None:
            return view.record
        runs, which = list(view.record.runs), (view.result, self.truths.value, view.number)
        try:
            if self.compared[0] != which:  # once per volume, not per plane: it takes time
                self.compared = which, against(view.result, self.truths.value, dict(view.place))
        except ValueError as error:
            self.note.say(str(error), HINT)
            return view.record
        runs[view.number] = runs[view.number].replace(against_truth=self.compared[1])
        return view.record.replace(runs=runs)

    def _view(self) -> View:
        result, point = self.results.value, self.viewer.dims.point
        at, theme = place(result, point), get_theme(self.viewer.theme)
        return View(
            result,
            self.images.value,
            tuple(self.viewer.layers),
            _number(record_of(result).runs, at),
            tuple((axis, index) for axis, index in at.items() if axis not in "yx"),
            drawn_line(self.viewer.layers, result, point),
            (theme.background.as_hex(), theme.text.as_hex()),
        )

    def _take_result(self, event: object = None) -> None:
        result = self.results.value
        if result is None:
            self.side_by_side.restore()
            self.verdict.say("")
        self.same_contrast.restore()
        self.drawn = None
        self.figure.display(None)
        self.volumes.clear()
        for part in (self.pages, self.sheets, self.repeat, self.side_by_side, self.same_contrast):
            part.setEnabled(result is not None)
        self.note.say("" if result is not None else NOTHING)
        runs = () if result is None else record_of(result).runs
        self.volumes.addItems([" ".join(f"{axis}={at}" for axis, at in run.index.items()) for run in runs])
        self.rows.setRowVisible(self.volumes, len(runs) > 1)
        if result is not None:
            self.images.value = before(result, self.viewer.layers)
        self.look()

    def _go_to_volume(self, number: int) -> None:
        """Show that time and channel in the viewer."""
        result, run = self.results.value, self.record.runs[number]
        at = {**place(result, self.viewer.dims.point), **run.index}
        last = self.viewer.dims.ndim
        self.viewer.dims.set_point(range(last - result.ndim, last), result.data_to_world(list(at.values())))
        self.look()

    def _show_pair(self) -> None:
        if self.images.value is None:
            self.side_by_side.restore()
            raise ValueError("Choose the original image to show it next to the result.")
        self.side_by_side.show_pair(self.images.value, self.results.value)

    def _equalise(self) -> None:
        self.same_contrast.restore()
        if self.images.value is None:
            raise ValueError("Choose the original image to compare it with the result.")
        view = self._view()
        planes = view.plane(view.image), view.plane(view.result)
        self.same_contrast.equalise(view.image, view.result, planes, pedestal(view.record, view.number))

    def _try(self, act: Callable[[], object]) -> None:
        try:
            self._say(str(act() or ""))
        except EXPECTED as error:
            self._say(Failure.of(error).sentence, FAILURE)

    def _say(self, sentence: str, colour: str = "") -> None:
        self.status.say(sentence, colour)

    def _copy(self, text: str, what: str) -> str:
        QGuiApplication.clipboard().setText(text)
        return f"{what} is on the clipboard."

    def _save_recipe(self) -> str:
        unsaved = tuple(unsaved_psfs(self.record))
        recipe = self.recipe.replace(psf=self.recipe.psf or unsaved)
        path = self._ask("Save recipe", f"Recipe (*{SUFFIX})", SUFFIX)
        if not path:
            return ""
        needs = f" It needs the PSF: save it next to it as {', '.join(unsaved)}." if unsaved else ""
        return f"Saved as {write_recipe(path, recipe, overwrite=True).name}.{needs}"

    def _save_table(self) -> str:
        path = self._ask("Save table", f"Table (*{TABLE})", TABLE)
        return f"Saved as {write_iterations(path, self.record, overwrite=True).name}." if path else ""

    def _ask(self, title: str, files: str, suffix: str) -> str:
        """The path with its ending; the dialog has asked whether to overwrite it. Empty if cancelled."""
        path, _ = QFileDialog.getSaveFileName(self, title, "", files)
        return path if not path or path.lower().endswith(suffix) else path + suffix


def _number(runs: Sequence[VolumeRecord], at: Mapping[str, int]) -> int:
    """The number of the run that made the volume at a place."""
    places = [{axis: index for axis, index in run.index.items() if axis in at} for run in runs]
    return next((number for number, place in enumerate(places) if place.items() <= at.items()), 0)
