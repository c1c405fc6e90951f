"""Parameters as command-line options: their names, and their values as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .parameters import LENGTHS, Parameter, Parameters

PROGRAM = "napari-deconvolution"


@dataclass(frozen=True)
class Option:
    """A parameter as an option."""

    name: str
    """What `Parameters.assign` calls it."""
    strings: tuple[str, ...]
    """How it may be typed; the first is shown."""
    parameter: Parameter
    value: Any
    """What holds where it is not given."""
    home: Parameter | None
    """The group that it belongs to, of the set that is asked for."""
    otherwise: str = ""
    """What holds where it is not given, if that is not the value."""

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The names that may be given for it, if it is a choice."""
        group = self.parameter.group
        return tuple(group.registry) if group is not None and group.registry is not None else self.parameter.choices

    @property
    def help(self) -> str:
        """What it means, what it may be, and what it is where it is not given."""
        if self.alternatives:
            among = f"; one of {', '.join(self.alternatives)}"
        else:
            among = f" [{self.parameter.range}]" if self.parameter.range else ""
        default = self.otherwise or f"default: {as_text(self.parameter, self.value)}"
        return f"{self.parameter.description}{among} ({default})"


def options_of(settings: Parameters) -> list[Option]:
    """An option for every parameter: fields of groups by their own name, where free, and by the name of their group.

    >>> from napari_deconvolution import Deconvolution
    >>> [option.strings for option in options_of(Deconvolution()) if option.name in ("stop", "read_noise")]
    [('--stop',), ('--read-noise', '--camera.read-noise')]
    """
    own = settings.parameters()
    taken = {parameter.name for parameter in own}
    found = []
    for parameter in own:
        value = getattr(settings, parameter.name)
        if parameter.group is None or parameter.group.registry is not None:
            home = parameter if parameter.group else None
            found.append(Option(parameter.name, (as_option(parameter.name),), parameter, value, home))
        for name, inner, held in laid_open(value) if parameter.group is not None else ():
            full = f"{parameter.name}.{name}"
            names = (full,) if name in taken else (name, full)
            taken.add(name)
            found.append(Option(names[0], tuple(map(as_option, names)), inner, held, parameter))
    return found


def laid_open(group: Parameters) -> Iterator[tuple[str, Parameter, Any]]:
    for parameter in group.parameters():
        value = getattr(group, parameter.name)
        yield parameter.name, parameter, value
        if parameter.group is not None:
            yield from ((f"{parameter.name}.{name}", inner, held) for name, inner, held in laid_open(value))


def as_option(name: str) -> str:
    return "--" + name.replace("_", "-")


def as_text(parameter: Parameter, value: Any) -> str:
    """A value as a person would type it.

    >>> from napari_deconvolution import Microscope
    >>> as_text(Microscope().flat()["wavelength"][0], 0.461)
    '461nm'
    """
    if value is None or value == ():
        return "auto" if "auto:" in parameter.description else "none"
    if isinstance(value, Parameters):
        return value.name
    if isinstance(value, tuple):
        return " ".join(as_text(parameter, item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if parameter.shown != parameter.unit:
        return f"{value / LENGTHS[parameter.shown]:.6g}{parameter.shown}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def from_text(parameter: Parameter, typed: str | Sequence[str]) -> Any:
    """The value from what was typed: one text, or several for a list."""
    return parameter.parse(typed) if isinstance(typed, str) else tuple(parameter.parse(text) for text in typed)


def first_line(settings: Parameters) -> str:
    """What a set of parameters is, in one line."""
    return (type(settings).__doc__ or "").partition("\n")[0]
