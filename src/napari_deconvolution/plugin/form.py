"""Forms read off declared parameters: a row for each, and of alternatives only the rows of the chosen one."""

from collections.abc import Sequence
from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QWidget

from ..parameters import Parameter, Parameters
from .fields import Field, keep_wheel_for_scrolling, label_of
from .layout import add_row, rows


class Form(QWidget):
    """An editor of a set of parameters.

    Parameters
    ----------
    value
        What it shows at first.
    names
        The parameters that get a row; None for all. The others keep their values.
    """

    changed = Signal()
    """Something was edited, perhaps to what is no value yet."""

    def __init__(self, value: Parameters, names: Sequence[str] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows(self)
        self._group = _Group(self, value, names, 0)

    @property
    def value(self) -> Any:
        """The parameters as they are shown.

        Raises
        ------
        ValueError
            If they are none; the message names the parameter, the value and the remedy.
        """
        return self._group.value

    @value.setter
    def value(self, value: Parameters) -> None:
        self._group.value = value

    @property
    def values(self) -> dict[str, Any]:
        """Those that have a row, by name."""
        return self._group.values

    def insert(self, at: int, label: str, native: QWidget, tooltip: str) -> None:
        """Add a row of a field, above the one that is there now."""
        add_row(self.rows, label, native, at).setToolTip(tooltip)


class _Group:
    """The rows of one set of parameters, one below the other."""

    def __init__(self, form: Form, value: Parameters, names: Sequence[str] | None, at: int) -> None:
        self.original = value
        self.members: dict[str, _Group | _Choice | _Single] = {}
        for parameter in value.parameters():
            if names is None or parameter.name in names:
                held = getattr(value, parameter.name)
                member = _member(form, parameter, held, at)
                self.members[parameter.name] = member
                at += member.count

    @property
    def count(self) -> int:
        """Rows of the layout."""
        return sum(member.count for member in self.members.values())

    @property
    def values(self) -> dict[str, Any]:
        return {name: member.value for name, member in self.members.items()}

    @property
    def value(self) -> Any:
        return self.original.replace(**self.values)

    @value.setter
    def value(self, value: Parameters) -> None:
        self.original = value
        for name, member in self.members.items():
            member.value = getattr(value, name)


class _Single:
    """The row of one field."""

    count = 1

    def __init__(self, form: Form, parameter: Parameter, value: Any, at: int) -> None:
        self.field = Field(parameter, value)
        self.field.widget.changed.connect(lambda _: form.changed.emit())
        form.insert(at, label_of(parameter), self.field.native, self.field.tooltip)

    @property
    def value(self) -> Any:
        return self.field.value

    @value.setter
    def value(self, value: Any) -> None:
        self.field.value = value


class _Choice:
    """A row that chooses one of a registry, and below it the rows of the chosen one. Each keeps what was set in it."""

    def __init__(self, form: Form, parameter: Parameter, value: Parameters, at: int) -> None:
        assert parameter.group is not None
        assert parameter.group.registry is not None
        self.form, self.registry = form, parameter.group.registry
        self.shown = value.name
        self.widget = create_widget(value.name, name=parameter.name, widget_type="ComboBox", options={"choices": list(self.registry)})
        keep_wheel_for_scrolling(self.widget.native)
        for number, name in enumerate(self.registry):
            self.widget.native.setItemData(number, about(self.registry[name]), Qt.ItemDataRole.ToolTipRole)
        form.insert(at, label_of(parameter), self.widget.native, f"<p>{parameter.description}.</p>")
        self.kept: dict[str, Parameters] = {}
        self._show(value, at + 1)
        self.widget.changed.connect(self._choose)

    @property
    def count(self) -> int:
        return 1 + self.chosen.count

    @property
    def value(self) -> Any:
        return self.chosen.value

    @value.setter
    def value(self, value: Parameters) -> None:
        if value.name == self.shown:
            self.chosen.value = value
        else:
            self.kept[value.name] = value
            self.widget.value = value.name

    def _choose(self, name: str) -> None:
        old = self.chosen
        try:
            self.kept[self.shown] = old.value
        except ValueError:
            self.kept[self.shown] = old.original
        self.shown = name
        row = self.form.rows.getWidgetPosition(self.widget.native)[0]
        for _ in range(old.count):
            self.form.rows.removeRow(row + 1)
        self._show(self.kept.get(name, self.registry[name]), row + 1)
        self.form.changed.emit()

    def _show(self, value: Parameters, at: int) -> None:
        self.chosen = _Group(self.form, value, None, at)
        self.widget.native.setToolTip(about(value))


def _member(form: Form, parameter: Parameter, value: Any, at: int) -> "_Group | _Choice | _Single":
    if parameter.group is None:
        return _Single(form, parameter, value, at)
    return _Group(form, value, None, at) if parameter.group.registry is None else _Choice(form, parameter, value, at)


def about(value: Parameters) -> str:
    """What its class says of itself, up to the sources and examples, as a tooltip."""
    text = (type(value).__doc__ or "").split("Examples\n")[0].split(">>>")[0].strip()
    return f"<pre style='white-space: pre-wrap'>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
