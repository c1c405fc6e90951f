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
from ..ui.parts import FAINT, Note, column

NAMES = ("algorithm", "iterations", "stop", "boundary")
AUTOMATIC, CUSTOM = "Automatic", "Custom"


class MethodPanel(QWidget):
    """A choice of presets with a sentence about the chosen one; Custom shows the form of the method.

    A preset may set more than the form shows.
    """

    preset_chosen = Signal(str)
    """Its name in `PRESETS`, or `AUTOMATIC`; `show_preset` is called once it is set."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.form = Form(recipe, NAMES)
        presets = [(in_words(name), name) for name in PRESETS]
        options: dict[str, Any] = {"choices": [(AUTOMATIC, AUTOMATIC), *presets, (CUSTOM, CUSTOM)]}
        self.preset = create_widget(AUTOMATIC, name="preset", widget_type="ComboBox", options=options)
        keep_wheel_for_scrolling(self.preset.native)
        uses = "".join(f"<li>{in_words(preset.name)}: {preset.use}</li>" for preset in PRESETS.values())
        self.preset.native.setToolTip(f"<p>Settings for a kind of image; Custom shows all of them.</p><ul>{uses}</ul>")
        self.preset.native.setAccessibleName("Preset")
        self.use = Note()
        column(self, self.preset.native, self.use, self.form)
        self.form.changed.connect(self._edited)
        self.preset.changed.connect(self._choose)
        self._describe()

    def show_preset(self, name: str) -> None:
        """The form shows what this preset sets."""
        with self.preset.changed.blocked():
            self.preset.value = name
        self._describe()

    def _choose(self, name: str) -> None:
        if name != CUSTOM:
            self.preset_chosen.emit(name)
        self._describe()

    def _edited(self) -> None:
        with self.preset.changed.blocked():
            self.preset.value = CUSTOM
        self._describe()

    def _describe(self) -> None:
        """What the preset is for; of Custom, the algorithm."""
        name = self.preset.value
        self.form.setVisible(name == CUSTOM)
        if name in PRESETS:
            self.use.say(f"For {PRESETS[name].use}.", FAINT)
            return
        try:
            algorithm = self.form.values["algorithm"]
        except ValueError:
            return
        kind = "The usual method, set from the image" if name == AUTOMATIC else in_words(algorithm.family)
        self.use.say(f"{kind}; for {algorithm.use}.", FAINT)
