"""Forms read off declared parameters: a row for each, and of alternatives only the rows of the chosen one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from magicgui.widgets import create_widget
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QWidget

from ..parameters import Parameter, Parameters
from .fields import Field, keep_wheel_for_scrolling, label_of
from .layout import FAINT, add_row, rows


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

    @property
    def origins(self) -> dict[str, str]:
        """Where values come from, by name, for those that `mark` has told of: what it said, or "edited" since."""
        return {name: row.origin for name, row in self._group.singles() if row.origin}

    def mark(self, origins: Mapping[str, str]) -> None:
        """Show in a word where the values of these fields come from."""
        for name, row in self._group.singles():
            if name in origins:
                row.mark(origins[name])

    def insert(self, at: int, label: str, native: QWidget, tooltip: str) -> QLabel:
        """Add a row of a field, above the one that is there now; returns its label."""
        text = add_row(self.rows, label, native, at)
        text.setToolTip(tooltip)
        return text


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

    def singles(self) -> "Iterator[tuple[str, _Single]]":
        """The rows by the names of their parameters, but for those of alternatives, which come and go."""
        for name, member in self.members.items():
            if isinstance(member, _Group):
                yield from member.singles()
            elif isinstance(member, _Single):
                yield name, member

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
        self.field, self.form, self.origin = Field(parameter, value), form, ""
        self.label = form.insert(at, label_of(parameter), self.field.native, self.field.tooltip)
        self.field.widget.changed.connect(self._edit)

    def mark(self, origin: str) -> None:
        """Say behind the label where the value comes from."""
        self.origin = origin
        self.label.setText(f"{label_of(self.field.parameter)} <span style='color: {FAINT}'>{origin}</span>")

    def _edit(self, value: Any) -> None:
        if self.origin:
            self.mark("edited")
        self.form.changed.emit()

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
