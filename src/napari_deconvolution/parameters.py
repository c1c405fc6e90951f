"""Declare a parameter once: the API, the command line, recipes and forms are all read off the declaration.

A set of parameters is a frozen dataclass derived from `Parameters`, each field made by `param()`. Alternatives
(algorithms, models, penalties) are such classes, listed by name in a `Registry` (see `registry.py`); a field whose type
is one of them is a nested group.
"""

import difflib
import math
import re
import reprlib
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self, Union, get_args, get_origin, get_type_hints

LENGTHS = {
    **dict.fromkeys(("um", "µm", "μm", "micron"), 1.0),
    "pm": 1e-6,
    "Å": 1e-4,
    "nm": 1e-3,
    "mm": 1e3,
    "cm": 1e4,
    "m": 1e6,
}
"""Micrometres per unit of length, by the names that people and files use."""


def param(
    default: Any,
    description: str,
    *,
    label: str = "",
    importance: Literal["basic", "advanced"] = "basic",
    choices: Mapping[str, str] | None = None,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    shown: str = "",
    hint: str = "",
) -> Any:
    """Declare a parameter: a dataclass field that knows what it means.

    Parameters
    ----------
    default
        Its value where none is given; a frozen object for a nested group.
    description
        One line, shown by `--help`, tooltips and the documentation.
    label
        Its name for people, shown by forms, for instance "Refractive index of immersion".
    importance
        Forms and `--help` show the advanced ones last, forms under a fold.
    choices
        Labels of choices whose own words do not do, by choice.
    low, high
        Bounds, inclusive.
    unit
        The unit of the value, for instance "µm".
    shown
        The unit in which forms show it, if different: wavelengths are stored in µm and shown in nm.
    hint
        What to do about a value out of bounds, added to the error.
    """
    about = {
        "description": description,
        "label": label,
        "advanced": importance == "advanced",
        "labels": dict(choices or {}),
        "low": low,
        "high": high,
        "unit": unit,
        "shown": shown or unit,
        "hint": hint,
    }
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Parameter:
    """One declared parameter, as readers of declarations see it."""

    name: str
    type: Any
    """float, int, bool, str, a tuple of them, or a class of `Parameters`."""
    default: Any
    optional: bool
    """None is allowed."""
    choices: tuple[str, ...]
    description: str
    label: str
    advanced: bool
    labels: Mapping[str, str]
    """Of the choices whose own words do not do."""
    low: float | None
    high: float | None
    unit: str
    shown: str
    hint: str

    @property
    def group(self) -> "type[Parameters] | None":
        """The class of the nested group, if it is one."""
        return self.type if isinstance(self.type, type) and issubclass(self.type, Parameters) else None

    def label_of(self, choice: str) -> str:
        """A choice in words for people."""
        return self.labels.get(choice) or in_words(choice)

    @property
    def range(self) -> str:
        """Its bounds as text, with the unit."""
        unit = f" {self.unit}" if self.unit else ""
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}{unit}"
        if self.low is not None:
            return f"at least {self.low:g}{unit}"
        return f"at most {self.high:g}{unit}" if self.high is not None else self.unit

    def check(self, value: Any) -> Any:
        """The value as the declared type; else a ValueError that names the parameter, the value and the remedy."""
        if value is None:
            return (
                value
                if self.optional
                else self._refuse(value, f"a value is needed ({self.range or self.type.__name__})")
            )
        if self.group is not None:
            try:
                return self.group.of(value)
            except ValueError as error:
                raise ValueError(f"{self.name}: {error}") from error
        if get_origin(self.type) is tuple:
            return self._tuple(value)
        return self._scalar(value, self.type)

    def _scalar(self, value: Any, kind: Any) -> Any:
        if self.choices:
            return value if value in self.choices else self._refuse(value, f"choose one of {', '.join(self.choices)}")
        if kind is bool:
            return bool(value) if isinstance(value, (bool, Integral)) else self._refuse(value, "must be true or false")
        if kind is str:
            return value if isinstance(value, str) else self._refuse(value, "must be a text")
        if isinstance(value, bool) or not isinstance(value, Integral if kind is int else Real):
            return self._refuse(value, "must be a whole number" if kind is int else "must be a number")
        try:
            number = kind(value)
            finite = math.isfinite(number)
        except OverflowError:
            return self._refuse("a number of many digits", "must be smaller")
        if not finite:
            return self._refuse(value, "must be finite")
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            return self._refuse(value, f"must be {self.range}")
        return number

    def _tuple(self, value: Any) -> Any:
        kinds = get_args(self.type)
        try:
            items = tuple(value)
        except TypeError:
            return self._refuse(value, "must be a list of numbers")
        if kinds[-1] is not Ellipsis and len(items) != len(kinds):
            return self._refuse(value, f"must be {len(kinds)} numbers")
        return tuple(self._scalar(item, kinds[0]) for item in items)

    def _refuse(self, value: Any, why: str) -> Any:
        hint = f" {self.hint}" if self.hint else ""
        raise ValueError(f"{self.name} = {reprlib.repr(value)}: {why} ({self.description}).{hint}")

    def parse(self, text: str) -> Any:
        """Read the value from what a person types: `461nm`, `0.461`, `yes`, `none`, a choice."""
        if self.optional and text.strip().lower() in ("none", "auto", ""):
            return None
        kind = get_args(self.type)[0] if get_origin(self.type) is tuple else self.type
        if kind is bool:
            words = {
                "yes": True,
                "true": True,
                "on": True,
                "1": True,
                "no": False,
                "false": False,
                "off": False,
                "0": False,
            }
            return words[text.lower()] if text.lower() in words else self._refuse(text, "must be yes or no")
        if kind in (int, float) and not self.choices:
            return self._number(text, kind)
        return text

    def _number(self, text: str, kind: Any) -> Any:
        found = re.fullmatch(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\W\d]*)\s*", text)
        if not found and re.fullmatch(r"\s*[-+]?\d+,\d+.*", text):
            return self._refuse(text, "write it with a decimal point")
        if not found:
            return self._refuse(
                text, "must be a number" + (f", with a unit if it is not in {self.unit}" if self.unit else "")
            )
        number, unit = found.groups()
        if not unit or unit == self.unit:
            return (
                kind(number)
                if kind is float or re.fullmatch(r"[-+]?\d+", number)
                else self._refuse(text, "must be a whole number")
            )
        if self.unit == "µm" and unit in LENGTHS:
            return float(number) * LENGTHS[unit]
        return self._refuse(text, f"its unit is {self.unit or 'none'}, not {unit}")


@dataclass(frozen=True)
class Parameters:
    """A frozen, checked set of parameters. Equal when its values are equal; survives JSON.

    Raises
    ------
    ValueError
        If a value is not of its declared type or out of its bounds; the message names the parameter, the value and the
        remedy.
    """

    name: ClassVar[str] = ""
    """Its name in the registry."""
    registry: ClassVar[Mapping[str, Any] | None] = None
    """Where its alternatives are listed."""
    family: ClassVar[str] = ""
    """Which of its alternatives are of its kind; empty where they have no families."""
    use: ClassVar[str] = ""
    """What it is for, in one line; may be empty."""

    def __post_init__(self) -> None:
        for parameter in self.parameters():
            object.__setattr__(self, parameter.name, parameter.check(getattr(self, parameter.name)))

    @classmethod
    @cache
    def parameters(cls) -> tuple[Parameter, ...]:
        """What is declared, in order."""
        hints = get_type_hints(cls)
        return tuple(_declared(f.name, hints[f.name], f.default, f.metadata) for f in fields(cls))

    @classmethod
    def of(cls, value: Any) -> Any:
        """The group from what a person or a file gives for it: itself, a name, or a dictionary."""
        if isinstance(value, cls):
            return value
        if cls.registry is not None and isinstance(value, str):
            return cls.registry[value]
        if isinstance(value, Mapping):
            given = dict(value)
            if cls.registry is not None:
                return cls.registry[given.pop("name", None)].replace(**given)
            return cls().replace(**given)
        raise ValueError(
            f"{reprlib.repr(value)} is not "
            f"{'one of ' + ', '.join(cls.registry) if cls.registry else 'a ' + cls.__name__}."
        )

    def replace(self, **values: Any) -> Self:
        """The same with other values. Unknown names raise a ValueError that lists the known ones."""
        known = [p.name for p in self.parameters()]
        for name in values:
            if name not in known:
                raise ValueError(
                    f"{self.name or type(self).__name__} has no parameter {name!r}; {similar(name, known)}"
                )
        return replace(self, **values)

    def assign(self, **values: Any) -> Self:
        """The same with other values, given flat: its own fields, then fields of its groups; deeper ones with dots.

        A name that belongs to several groups goes to the first. A group may be given whole, together with fields of it.
        """
        own = {p.name: p for p in self.parameters()}
        direct = {name: value for name, value in values.items() if name in own}
        changed = self.replace(**direct)
        inner: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            if name in own:
                continue
            head, _, rest = name.partition(".")
            if rest and head in own and own[head].group is not None:
                inner.setdefault(head, {})[rest] = value
                continue
            home = next(
                (p.name for p in own.values() if p.group is not None and getattr(changed, p.name)._has(head)), None
            )
            if home is None:
                raise ValueError(f"there is no parameter {name!r} here; {similar(name, list(changed.flat()))}")
            inner.setdefault(home, {})[name] = value
        return changed.replace(**{name: getattr(changed, name).assign(**given) for name, given in inner.items()})

    def _has(self, name: str) -> bool:
        return any(p.name == name for p in self.parameters())

    def flat(self) -> dict[str, tuple[Parameter, Any]]:
        """Every parameter, with its value, by the name that `assign` takes for it; deeper ones with dots."""
        found: dict[str, tuple[Parameter, Any]] = {}
        for parameter in self.parameters():
            value = getattr(self, parameter.name)
            if parameter.group is None or parameter.group.registry is not None:
                found[parameter.name] = (parameter, value)
            if parameter.group is not None:
                for inner, held in value._dotted():
                    found.setdefault(inner, held)
        return found

    def _dotted(self) -> Iterator[tuple[str, tuple[Parameter, Any]]]:
        for parameter in self.parameters():
            value = getattr(self, parameter.name)
            yield parameter.name, (parameter, value)
            if parameter.group is not None:
                for name, held in value._dotted():
                    yield f"{parameter.name}.{name}", held

    def to_dict(self) -> dict[str, Any]:
        """Plain values, nested, fit for JSON; `of()` reads it back."""
        values = {p.name: getattr(self, p.name) for p in self.parameters()}
        plain = {
            k: v.to_dict() if isinstance(v, Parameters) else list(v) if isinstance(v, tuple) else v
            for k, v in values.items()
        }
        return {"name": self.name, **plain} if self.name else plain


def _declared(name: str, hint: Any, default: Any, about: Mapping[str, Any]) -> Parameter:
    optional = False
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        hint, optional = kinds[0], True
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    return Parameter(
        name, str if choices else hint, None if default is MISSING else default, optional, choices, **about
    )


def in_words(name: str) -> str:
    """A name as a label: without hyphens, with a capital.

    >>> in_words("total-variation")
    'Total variation'
    """
    text = name.replace("-", " ")
    return text[:1].upper() + text[1:]


def similar(name: str, known: list[str]) -> str:
    """The end of a message about an unknown name: the known ones that are spelt like it, or all of them."""
    close = difflib.get_close_matches(name, known, 3)
    return f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."
