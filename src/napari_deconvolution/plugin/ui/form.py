"""Forms read off declared parameters: a row for each, and of alternatives only the rows of the chosen one."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from ...parameters import Parameter, Parameters
from .alternatives import about, alternatives
from .field import Field, label_of
from .parts import FAINT, column, row_label, rows
from .section import Section

EDITED = "edited"
"""Where a value comes from that was typed."""


class Form(QWidget):
    """An editor of a set of parameters: basic ones first, advanced ones under a fold where there are both.

    Parameters
    ----------
    value
        What it shows at first.
    names
        The parameters that get a row, in this order; None for all. The others keep their values.
    without
        Parameters that get none, wherever they are: in the alternatives too.
    origin
        Where values come from unless `mark` says otherwise, in a word next to their label; empty to show none.
    """

    changed = Signal()
    """Something was edited, perhaps to an invalid value so far."""

    def __init__(
        self,
        value: Parameters,
        names: Sequence[str] | None = None,
        without: Sequence[str] = (),
        origin: str = "",
    ) -> None:
        super().__init__()
        basic, advanced = QWidget(), QWidget()
        self.basic, self.advanced = rows(basic), rows(advanced)
        self.fold = Section("Advanced", advanced)
        column(self, basic, self.fold)
        self.without, self.origin = without, origin
        self.known_origins: dict[str, str] = {}
        self._group = _Group(self, value, names, "", advanced=False)
        self.arrange()

    @property
    def value(self) -> Any:
        """The parameters as shown.

        Raises
        ------
        ValueError
            If one is invalid; the message names the parameter, the value and the remedy.
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
    def lines(self) -> "dict[str, _Single | _Choice]":
        """The rows by the names of their parameters; fields of alternatives as `model.pinhole`."""
        return dict(self._group.lines())

    @property
    def origins(self) -> dict[str, str]:
        """Where the values of the rows come from: what `mark` said, or "edited" since."""
        return {name: row.origin for name, row in self.lines.items() if row.origin}

    def mark(self, origins: Mapping[str, str]) -> None:
        """Show in a word where the values of these fields come from."""
        for name, row in self.lines.items():
            if name in origins:
                row.mark(origins[name])

    def arrange(self) -> None:
        """Lay the rows out anew: those of alternatives come and go."""
        for layout in (self.basic, self.advanced):
            while layout.rowCount():
                layout.takeRow(0)
        lines = list(self.lines.values())
        folded = [line.advanced for line in lines]
        self.fold.setVisible(any(folded) and not all(folded))
        for line, below in zip(lines, folded, strict=True):
            (self.advanced if below and not all(folded) else self.basic).addRow(line.label, line.native)
        natives = [line.native for line in sorted(lines, key=lambda line: line.advanced)]
        for first, second in pairwise(natives):
            QWidget.setTabOrder(first, second)


class _Group:
    """The rows of one set of parameters."""

    def __init__(
        self, form: Form, value: Parameters, names: Sequence[str] | None, path: str, *, advanced: bool
    ) -> None:
        self.original = value
        self.members: dict[str, _Group | _Choice | _Single] = {}
        declared = {parameter.name: parameter for parameter in value.parameters()}
        for name in declared if names is None else names:
            if name not in form.without:
                place = f"{path}/{name}"
                self.members[name] = _member(form, declared[name], getattr(value, name), place, advanced)

    def lines(self) -> "Iterator[tuple[str, _Single | _Choice]]":
        """The rows by the names of their parameters; those of alternatives after that of the choice."""
        for name, member in self.members.items():
            if isinstance(member, _Group):
                yield from member.lines()
                continue
            yield name, member
            if isinstance(member, _Choice):
                yield from ((f"{name}.{inner}", line) for inner, line in member.chosen.lines())

    def remove(self) -> None:
        """Take the rows away."""
        for _, line in self.lines():
            for widget in (line.label, line.native):
                widget.setParent(None)
                widget.deleteLater()

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
    """A label and an editor. The form keeps the origin of its value by path: rows of alternatives come and go."""

    def __init__(
        self, form: Form, parameter: Parameter, native: QWidget, tooltip: str, path: str, advanced: bool
    ) -> None:
        self.form, self.native, self.path, self.advanced = form, native, path, advanced or parameter.advanced
        self.text = label_of(parameter)
        self.label = row_label(self.text, native)
        self.label.setToolTip(tooltip)
        if self.origin:
            self.mark(self.origin)

    @property
    def origin(self) -> str:
        """Where its value comes from; empty if that is not shown."""
        return self.form.known_origins.get(self.path, self.form.origin)

    def mark(self, origin: str) -> None:
        """Show next to the label where the value comes from."""
        self.form.known_origins[self.path] = origin
        self.label.setText(f"{self.text} <span style='color: {FAINT}'>{origin}</span>")

    def edited(self) -> None:
        """Show it, and notify whoever listens."""
        if self.origin:
            self.mark(EDITED)
        self.form.changed.emit()


class _Single(_Line):
    """The row of one field."""

    def __init__(self, form: Form, parameter: Parameter, value: Any, path: str, advanced: bool) -> None:
        self.field = Field(parameter, value)
        super().__init__(form, parameter, self.field.native, self.field.tooltip, path, advanced)
        self.field.widget.changed.connect(lambda _: self.edited())

    @property
    def value(self) -> Any:
        return self.field.value

    @value.setter
    def value(self, value: Any) -> None:
        self.field.value = value


class _Choice(_Line):
    """A row that chooses one of a registry, followed by the rows of the chosen one. Each keeps what was set in it."""

    def __init__(self, form: Form, parameter: Parameter, value: Parameters, path: str, advanced: bool) -> None:
        assert parameter.group is not None
        assert parameter.group.registry is not None
        self.registry = parameter.group.registry
        self.shown = value.name
        self.box = alternatives(self.registry)
        self.box.setCurrentIndex(self.box.findData(value.name))
        super().__init__(form, parameter, self.box, f"<p>{parameter.description}.</p>", path, advanced)
        self.kept: dict[str, Parameters] = {}
        self._show(value)
        self.box.currentIndexChanged.connect(self._choose)

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
        self._show(self.kept.get(name, self.registry[name]))
        self.form.arrange()
        old.remove()
        self.edited()

    def _show(self, value: Parameters) -> None:
        self.chosen = _Group(self.form, value, None, f"{self.path}/{self.shown}", advanced=self.advanced)
        self.native.setToolTip(about(value))


def _member(form: Form, parameter: Parameter, value: Any, path: str, advanced: bool) -> _Group | _Choice | _Single:
    if parameter.group is None:
        return _Single(form, parameter, value, path, advanced)
    if parameter.group.registry is None:
        return _Group(form, value, None, path, advanced=advanced or parameter.advanced)
    return _Choice(form, parameter, value, path, advanced)
