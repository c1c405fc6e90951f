"""Forms read off declared parameters: a row for each, and of alternatives only the rows of the chosen one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QLabel, QWidget

from ...parameters import Parameter, Parameters, Registry
from .field import Field, keep_wheel_for_scrolling, label_of
from .parts import FAINT, add_row, rows


class Form(QWidget):
    """An editor of a set of parameters.

    Parameters
    ----------
    value
        What it shows at first.
    names
        The parameters that get a row; None for all. The others keep their values.
    without
        Parameters that get none, wherever they are: in the alternatives too.
    origin
        Where values come from that `mark` has not told of, in a word behind their label; empty to show none.
    """

    changed = Signal()
    """Something was edited, perhaps to what is no value yet."""

    def __init__(self, value: Parameters, names: Sequence[str] | None = None, without: Sequence[str] = (), origin: str = "") -> None:
        super().__init__()
        self.rows = rows(self)
        self.without, self.origin = without, origin
        self.told: dict[str, str] = {}
        self._group = _Group(self, value, names, 0, "")

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
        """Where the values of the rows come from: what `mark` said, or "edited" since. Fields of alternatives as `model.pinhole`."""
        return {name: row.origin for name, row in self._group.lines() if row.origin}

    def mark(self, origins: Mapping[str, str]) -> None:
        """Show in a word where the values of these fields come from."""
        for name, row in self._group.lines():
            if name in origins:
                row.mark(origins[name])

    def insert(self, at: int, label: str, native: QWidget, tooltip: str) -> QLabel:
        """Add a row of a field, above the one that is there now; returns its label."""
        text = add_row(self.rows, label, native, at)
        text.setToolTip(tooltip)
        return text


class _Group:
    """The rows of one set of parameters, one below the other."""

    def __init__(self, form: Form, value: Parameters, names: Sequence[str] | None, at: int, path: str) -> None:
        self.original = value
        self.members: dict[str, _Group | _Choice | _Single] = {}
        for parameter in value.parameters():
            if (names is None or parameter.name in names) and parameter.name not in form.without:
                held = getattr(value, parameter.name)
                member = _member(form, parameter, held, at, f"{path}/{parameter.name}")
                self.members[parameter.name] = member
                at += member.count

    @property
    def count(self) -> int:
        """Rows of the layout."""
        return sum(member.count for member in self.members.values())

    def lines(self) -> "Iterator[tuple[str, _Line]]":
        """The rows by the names of their parameters; those of alternatives behind that of the choice."""
        for name, member in self.members.items():
            if isinstance(member, _Line):
                yield name, member
            if isinstance(member, _Choice):
                yield from ((f"{name}.{inner}", line) for inner, line in member.chosen.lines())
            if isinstance(member, _Group):
                yield from member.lines()

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


class _Line:
    """A label and an editor. The form knows by the path where its value comes from: the row of an alternative comes and goes."""

    def __init__(self, form: Form, parameter: Parameter, native: QWidget, tooltip: str, at: int, path: str) -> None:
        self.form, self.native, self.path, self.text = form, native, path, label_of(parameter)
        self.label = form.insert(at, self.text, native, tooltip)
        if self.origin:
            self.mark(self.origin)

    @property
    def origin(self) -> str:
        """Where its value comes from; empty if that is not to be shown."""
        return self.form.told.get(self.path, self.form.origin)

    def mark(self, origin: str) -> None:
        """Say behind the label where the value comes from."""
        self.form.told[self.path] = origin
        self.label.setText(f"{self.text} <span style='color: {FAINT}'>{origin}</span>")

    def edited(self) -> None:
        """Say so, and to all who listen."""
        if self.origin:
            self.mark("edited")
        self.form.changed.emit()


class _Single(_Line):
    """The row of one field."""

    count = 1

    def __init__(self, form: Form, parameter: Parameter, value: Any, at: int, path: str) -> None:
        self.field = Field(parameter, value)
        super().__init__(form, parameter, self.field.native, self.field.tooltip, at, path)
        self.field.widget.changed.connect(lambda _: self.edited())

    @property
    def value(self) -> Any:
        return self.field.value

    @value.setter
    def value(self, value: Any) -> None:
        self.field.value = value


class _Choice(_Line):
    """A row that chooses one of a registry, and below it the rows of the chosen one. Each keeps what was set in it."""

    def __init__(self, form: Form, parameter: Parameter, value: Parameters, at: int, path: str) -> None:
        assert parameter.group is not None
        assert parameter.group.registry is not None
        self.registry = parameter.group.registry
        self.shown = value.name
        self.box = alternatives(self.registry)
        self.box.setCurrentIndex(self.box.findData(value.name))
        super().__init__(form, parameter, self.box, f"<p>{parameter.description}.</p>", at, path)
        self.kept: dict[str, Parameters] = {}
        self._show(value, at + 1)
        self.box.currentIndexChanged.connect(self._choose)

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
            self.box.setCurrentIndex(self.box.findData(value.name))

    def _choose(self, number: int) -> None:
        old, name = self.chosen, self.box.itemData(number)
        try:
            self.kept[self.shown] = old.value
        except ValueError:
            self.kept[self.shown] = old.original
        self.shown = name
        row = self.form.rows.getWidgetPosition(self.native)[0]
        for _ in range(old.count):
            self.form.rows.removeRow(row + 1)
        self._show(self.kept.get(name, self.registry[name]), row + 1)
        self.edited()

    def _show(self, value: Parameters, at: int) -> None:
        self.chosen = _Group(self.form, value, None, at, f"{self.path}/{self.shown}")
        self.native.setToolTip(about(value))


def _member(form: Form, parameter: Parameter, value: Any, at: int, path: str) -> "_Group | _Choice | _Single":
    if parameter.group is None:
        return _Single(form, parameter, value, at, path)
    return _Group(form, value, None, at, path) if parameter.group.registry is None else _Choice(form, parameter, value, at, path)


def alternatives(registry: Registry[Any]) -> QComboBox:
    """A choice among the members of a registry: under the names of their families, each with when to take it."""
    box = QComboBox()
    for family, names in registry.families().items():
        if family:
            box.addItem(family)
            box.model().item(box.count() - 1).setEnabled(False)
        for name in names:
            member = registry[name]
            box.addItem(f"{name}: {member.use}" if member.use else name, name)
            box.setItemData(box.count() - 1, about(member), Qt.ItemDataRole.ToolTipRole)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(24 if registry.families().keys() != {""} else 18)
    box.view().setMinimumWidth(max(box.fontMetrics().horizontalAdvance(box.itemText(k)) for k in range(box.count())) + 30)
    keep_wheel_for_scrolling(box)
    return box


def about(value: Parameters) -> str:
    """What its class says of itself, up to the sources and examples, as a tooltip."""
    text = (type(value).__doc__ or "").split("Examples\n")[0].split(">>>")[0].strip()
    return f"<pre style='white-space: pre-wrap'>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"
