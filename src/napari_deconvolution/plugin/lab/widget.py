"""The dock widget of the teaching lab: six lessons, an experiment to change, and its results."""

from typing import Any

from napari.utils.theme import get_theme
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabWidget, QWidget

from ...teaching.experiment import Experiment, Findings
from ...teaching.lessons import LESSONS
from ..ui.figure_view import FigureView
from ..ui.form import Form
from ..ui.parts import Note, column, group, scrolling
from ..ui.section import Section
from ..ui.task_panel import TaskPanel, Work
from .layers import show

PARTS = {
    "Specimen": ("specimen",),
    "Light": ("photons", "background"),
    "Deconvolution": ("assumed_depth", "algorithm", "iterations", "stop"),
    "Microscope": ("microscope", "model"),
    "Field, axis and seed": ("grid", "axis", "seed"),
}
"""All parameters of an experiment, under the titles of their forms."""

OPEN = 3
"""How many of them are open at first."""

WIDE, TALL = 400, 410
"""Pixels that the curves need."""


class LabWidget(QWidget):
    """Lesson at the top, experiment and curves as two tabs, and the run at the bottom."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.number = 0
        self.title, self.text = QLabel(), Note()
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.back, self.next = QPushButton("◂ Back"), QPushButton("Next ▸")
        self.back.clicked.connect(lambda: self.turn_to(self.number - 1))
        self.next.clicked.connect(lambda: self.turn_to(self.number + 1))
        self.forms = {title: Form(LESSONS[0].experiment, names) for title, names in PARTS.items()}
        self.curves, self.hint = FigureView(WIDE // 2, TALL), QLabel("Run the experiment to see its curves.")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.curves.frame.addWidget(self.hint)
        self.tabs = QTabWidget()
        self.task = TaskPanel("Run", self.prepare, self.finish)
        self._lay_out()
        self.setMinimumWidth(WIDE)
        self.turn_to(0)

    def _lay_out(self) -> None:
        steps, settings = QWidget(), QWidget()
        across = QHBoxLayout(steps)
        across.setContentsMargins(0, 0, 0, 0)
        for part, room in ((self.back, 0), (self.title, 1), (self.next, 0)):
            across.addWidget(part, room)
        sections = [Section(title, form) for title, form in self.forms.items()]
        column(settings, *sections).addStretch()
        self.tabs.addTab(scrolling(settings), "Experiment")
        self.tabs.addTab(scrolling(self.curves), "Curves")
        for section in sections[:OPEN]:
            section.button.setChecked(True)
        column(self, group("Lesson", steps, self.text), self.tabs, self.task, margin=6).setStretch(1, 1)

    def turn_to(self, number: int) -> None:
        """Show a lesson and its experiment."""
        self.number, lesson = number, LESSONS[number]
        self.title.setText(f"<b>{number + 1} of {len(LESSONS)}</b>")
        self.text.setText(f"<b>{lesson.title}.</b> {lesson.text}")
        self.back.setEnabled(number > 0)
        self.next.setEnabled(number < len(LESSONS) - 1)
        self.experiment = lesson.experiment
        self.tabs.setCurrentIndex(0)
        self.task.say("")

    @property
    def experiment(self) -> Experiment:
        """The experiment as set in the forms.

        Raises
        ------
        ValueError
            If a value is invalid.
        """
        return Experiment(**{name: value for form in self.forms.values() for name, value in form.values.items()})

    @experiment.setter
    def experiment(self, experiment: Experiment) -> None:
        for form in self.forms.values():
            form.value = experiment

    def prepare(self) -> Work:
        """The experiment as set now."""
        return self.experiment.run

    def finish(self, findings: Findings) -> str:
        """Show the pictures as layers and the curves in their tab."""
        show(self.viewer, findings)
        missing = self._draw(findings)
        last, best = findings.errors[-1], findings.errors[findings.best]
        found = f"{last:.3f} after {findings.result.reason}"
        lowest = f"; lowest, {best:.3f}, after {findings.best} iterations" if best < last else ""
        return f"Error against the truth: image {findings.before:.3f}, estimate {found}{lowest}. {missing}".strip()

    def _draw(self, findings: Findings) -> str:
        """Show the curves; returns why there are none."""
        try:
            from ...plots.experiment import curves

            theme = get_theme(self.viewer.theme)
            colours = {"paper": theme.background.as_hex(), "ink": theme.text.as_hex()}
            figure = curves(
                findings.profiles, findings.spectra, findings.errors, findings.before, **findings.scales, **colours
            )
        except ImportError as error:
            return str(error)
        self.hint.hide()
        self.curves.display(figure)
        self.tabs.setCurrentIndex(1)
        return ""
