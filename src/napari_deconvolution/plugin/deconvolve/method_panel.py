"""Which method: a preset, or an algorithm of the list with its parameters."""

from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from ...algorithms.presets import PRESETS
from ...parameters import in_words
from ...recipes.recipe import Recipe
from ..ui.field import keep_wheel_for_scrolling
from ..ui.form import Form
from ..ui.parts import FAINT, Note, add_row, column, rows

NAMES = ("algorithm", "iterations", "stop", "boundary")
CUSTOM = "Custom"


class MethodPanel(QWidget):
    """A choice of presets, and the form of the method. A preset may set more than the form shows."""

    preset_chosen = Signal(str)
    """Its name in `PRESETS`; `show_preset` is called once it is set."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.form = Form(recipe, NAMES)
        options: dict[str, Any] = {"choices": [(CUSTOM, CUSTOM), *((in_words(name), name) for name in PRESETS)]}
        self.preset = create_widget(CUSTOM, name="preset", widget_type="ComboBox", options=options)
        keep_wheel_for_scrolling(self.preset.native)
        uses = "".join(f"<li>{in_words(preset.name)}: {preset.use}</li>" for preset in PRESETS.values())
        self.preset.native.setToolTip(f"<p>Settings for a kind of image.</p><ul>{uses}</ul>")
        self.use, choice = Note(), QWidget()
        add_row(rows(choice), "Preset", self.preset.native)
        column(self, choice, self.form, self.use)
        self.form.changed.connect(self._edited)
        self.preset.changed.connect(lambda name: self.preset_chosen.emit(name) if name != CUSTOM else None)
        self._describe()

    def show_preset(self, name: str) -> None:
        """The form shows what this preset sets."""
        with self.preset.changed.blocked():
            self.preset.value = name
        self._describe()

    def _edited(self) -> None:
        self.preset.value = CUSTOM
        self._describe()

    def _describe(self) -> None:
        """When to use the algorithm, in one line."""
        try:
            algorithm = self.form.values["algorithm"]
        except ValueError:
            return
        self.use.say(f"{in_words(algorithm.family)}; for {algorithm.use}.", FAINT)
