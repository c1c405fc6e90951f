"""Options of the command line, read off the declared parameters."""

import argparse
import difflib
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, TypeVar, get_args, get_origin

from ..options import PROGRAM, Option, as_option, first_line, from_text, laid_open, options_of
from ..parameters import Parameters

P = TypeVar("P", bound=Parameters)


class WholeNames(argparse.HelpFormatter):
    """Help whose lines do not break within names such as richardson-lucy."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(text, width, break_on_hyphens=False)


class CommandLine(argparse.ArgumentParser):
    """The parser of one command. What it cannot read is a ValueError."""

    def __init__(self, command: str, usage: str, description: str) -> None:
        super().__init__(
            prog=f"{PROGRAM} {command}",
            usage=f"%(prog)s {usage}",
            description=description,
            formatter_class=WholeNames,
            argument_default=argparse.SUPPRESS,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise a ValueError that says where help is."""
        raise ValueError(f"{message.rstrip('.')} (options: {self.prog} --help).")

    def read(
        self, argv: Sequence[str], settings: P, otherwise: Mapping[str, str] | None = None
    ) -> tuple[P, dict[str, Any], argparse.Namespace]:
        """Read a command line.

        Parameters
        ----------
        argv
            What was typed after the command.
        settings
            The set of parameters that options are made for, in addition to those that were added.
        otherwise
            What the help says in place of the default value, by the name of the parameter.

        Returns
        -------
        settings
            With the alternatives (algorithm, model, penalty ...) that were asked for.
        values
            What was asked for, fit for `settings.assign`.
        further
            The options that were added.

        Raises
        ------
        ValueError
            If there is no such option or alternative, or a text is no value for its option.
        """
        settings = self._with_alternatives(argv, settings)
        options = [replace(option, otherwise=(otherwise or {}).get(option.name, "")) for option in options_of(settings)]
        sections: dict[str, Any] = {}
        for option in options:
            title, about = _section(option, settings)
            if title not in sections:
                sections[title] = self.add_argument_group(title, about or None)
        for option in sorted(options, key=lambda option: option.parameter.advanced):
            title, _ = _section(option, settings)
            sections[title].add_argument(option.strings[0], help=option.help.replace("%", "%%"), **_reading(option))
            for string in option.strings[1:]:
                self.add_argument(string, help=argparse.SUPPRESS, **_reading(option))
        further, rest = self.parse_known_args(argv)
        if rest:
            self._refuse(next((text for text in rest if text.startswith("-")), rest[0]), options, settings)
        typed = vars(further)
        values = {
            option.name: from_text(option.parameter, typed[option.name]) for option in options if option.name in typed
        }
        return settings, values, further

    def _with_alternatives(self, argv: Sequence[str], settings: P) -> P:
        """The settings with the alternatives that are asked for: they decide which other options there are."""
        asked: set[str] = set()
        while True:
            option = next(
                (o for o in options_of(settings) if o.parameter.group is not None and o.name not in asked), None
            )
            if option is None:
                return settings
            asked.add(option.name)
            reader = argparse.ArgumentParser(prog=self.prog, add_help=False, allow_abbrev=False)
            reader.add_argument(*option.strings, dest="name", nargs="?")
            name = reader.parse_known_args(argv)[0].name
            if name is not None:
                settings = settings.assign(**{option.name: name})

    def _refuse(self, typed: str, options: list[Option], settings: Parameters) -> NoReturn:
        string = typed.partition("=")[0]
        if not string.startswith("-"):
            self.error(f"{typed!r} is one argument too many; put names with blanks in quotes")
        for name in (string.removeprefix("--"), string.removeprefix("--").partition(".")[0]):
            # Of --penalty.weight, the penalty is looked at before the algorithms that come with one.
            for option in sorted(
                options, key=lambda option: not any(name.startswith(f"{held[2:]}.") for held in option.strings)
            ):
                homes = _homes(name, option, settings)
                if homes and option.value.name not in homes:
                    asked = " or ".join(f"{option.strings[0]} {home}" for home in homes)
                    self.error(f"{string} is an option of {asked}, not of {option.strings[0]} {option.value.name}")
        known = [name for name in self._option_string_actions if name.startswith("--")]
        close = difflib.get_close_matches("--" + string.lstrip("-").replace("_", "-"), known, 3)
        self.error(f"there is no option {string}" + (f", did you mean {' or '.join(close)}?" if close else ""))


def _section(option: Option, settings: Parameters) -> tuple[str, str]:
    """Title and description of the part of the help in which an option is shown."""
    if option.home is None:
        return "run", ""
    chosen = getattr(settings, option.home.name)
    return (
        (f"{option.home.name} {chosen.name}", first_line(chosen))
        if chosen.name
        else (option.home.name, option.home.description)
    )


def _reading(option: Option) -> dict[str, Any]:
    several = {"nargs": "*"} if get_origin(option.parameter.type) is tuple else {}
    kind = get_args(option.parameter.type)[0] if several else option.parameter.type
    metavar = "NAME" if option.alternatives else "N" if kind is int else "X" if kind is float else "VALUE"
    return {"dest": option.name, "metavar": metavar, **several}


def _homes(name: str, option: Option, settings: Parameters) -> list[str]:
    """The alternatives of an option that have an option of that name."""
    registry = option.parameter.group.registry if option.parameter.group is not None else None
    if registry is None:
        return []
    own = option.name in {parameter.name for parameter in settings.parameters()}
    inner = {
        name.removeprefix(f"{string[2:]}.") for string in option.strings if own or name.startswith(f"{string[2:]}.")
    }
    return [
        key for key, member in registry.items() if inner & {as_option(held)[2:] for held, _, _ in laid_open(member)}
    ]
