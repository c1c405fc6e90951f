"""Which method: a preset, or one out of the list with its parameters."""

from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from ...algorithms.presets import PRESETS
from ...recipes.recipe import Recipe
from ..ui.field import keep_wheel_for_scrolling
from ..ui.form import Form
from ..ui.parts import FAINT, Note, add_row, column, rows

NAMES = ("algorithm", "iterations", "stop", "boundary")
CUSTOM = "as set below"


class MethodPanel(QWidget):
    """A choice of presets, and the form of the method. A preset may set more than the form shows: `show_preset` is told when it has."""

    preset_chosen = Signal(str)
    """Its name in `PRESETS`."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.form = Form(recipe, NAMES)
        options: dict[str, Any] = {"choices": [CUSTOM, *PRESETS]}
        self.preset = create_widget(CUSTOM, name="preset", widget_type="ComboBox", options=options)
        keep_wheel_for_scrolling(self.preset.native)
        self.preset.native.setToolTip("<p>Settings that go together for a kind of image.</p>")
        self.use, choice = Note(), QWidget()
        lines = rows(choice)
        add_row(lines, "Preset", self.preset.native)
        column(self, choice, self.form, self.use)
        self.form.changed.connect(self._edited)
        self.preset.changed.connect(lambda name: self.preset_chosen.emit(name) if name != CUSTOM else None)
        self._tell()

    def show_preset(self, name: str) -> None:
        """The form shows what this preset sets."""
        with self.preset.changed.blocked():
            self.preset.value = name
        self._tell()

    def _edited(self) -> None:
        self.preset.value = CUSTOM
        self._tell()

    def _tell(self) -> None:
        """When to take it, in one line."""
        try:
            algorithm = self.form.values["algorithm"]
        except ValueError:
            return
        self.use.say(f"{algorithm.family[0].upper()}{algorithm.family[1:]}; for {algorithm.use}.", FAINT)
