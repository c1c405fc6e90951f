"""List models, algorithms, penalties and stop criteria with their parameters."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from ..algorithms.methods.base import ALGORITHMS
from ..algorithms.penalties.base import PENALTIES
from ..algorithms.presets import PRESETS
from ..algorithms.stopping.base import STOPS
from ..algorithms.stopping.usual import Default
from ..optics.psf import MODELS
from ..options import Option, as_text, first_line, options_of
from ..parameters import Parameters
from ..registry import Registry
from .options import CommandLine

LISTS: dict[str, tuple[str, str, Registry]] = {
    "PSF models": ("--model", "--", MODELS),
    "Algorithms": ("--algorithm", "--", ALGORITHMS),
    "Penalties": ("--penalty", "--penalty.", PENALTIES),
    "Stop criteria": ("--stop", "--", STOPS),
}
"""What is listed: the option that chooses, how options of the chosen one begin, and the names."""


def run(argv: Sequence[str]) -> None:
    """Print all lists."""
    CommandLine("list", "", __doc__ or "").read(argv, Parameters())
    for title, (chooser, prefix, registry) in LISTS.items():
        print(f"{title} ({chooser} NAME)\n")
        shared = _shared(registry)
        if shared:
            _print(2, "Options of every one:")
            for option in shared:
                _print(6, _described(option, prefix))
            print()
        for name in (name for names in registry.families().values() for name in names):
            for depth, text in _entry(name, registry, chooser, prefix, shared):
                _print(depth, text)
            print()
    print("Presets (--preset NAME)\n")
    for preset in PRESETS.values():
        _print(2, f"{preset.name}: {preset.use}")


def _print(depth: int, text: str) -> None:
    width = max(shutil.get_terminal_size().columns, 60)
    first, rest = " " * depth, " " * (depth + 4)
    print(textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False))


def _own(member: Parameters) -> list[Option]:
    """Its options, without those of an alternative that it holds, which is listed itself."""
    return [
        option
        for option in options_of(member)
        if option.home in (None, option.parameter) or (option.home.group and option.home.group.registry is None)
    ]


def _shared(registry: Registry) -> list[Option]:
    """The options that are the same for every member."""
    members = [_own(member) for name, member in registry.items() if name not in registry.aliases]
    texts = [{(option.name, option.help) for option in options} for options in members]
    return [option for option in members[0] if all((option.name, option.help) in others for others in texts)]


def _described(option: Option, prefix: str) -> str:
    more = ", with its options" if option.parameter.group is not None else ""
    return f"{prefix}{option.strings[0][2:]}: {option.help}{more}"


def _entry(
    name: str, registry: Registry, chooser: str, prefix: str, shared: Sequence[Option]
) -> Iterator[tuple[int, str]]:
    """Indents and texts."""
    member: Parameters = registry[name]
    if name in registry.aliases:
        usual = {option.name: option.value for option in options_of(registry[member.name])}
        options = options_of(member)
        changed = [option for option in options if option.name not in usual or usual[option.name] != option.value]
        settings = [f"{prefix}{option.strings[0][2:]} {as_text(option.parameter, option.value)}" for option in changed]
        yield 2, f"{name}: alias of {' '.join([f'{chooser} {member.name}', *settings])}"
        return
    yield 2, f"{name}: {first_line(member)}"
    if isinstance(member, Default):
        yield 6, usual_stops()
    if member.use:
        yield 6, f"{member.family}; for {member.use}"
    everywhere = {option.name for option in shared}
    for option in sorted(_own(member), key=lambda option: option.parameter.advanced):
        if option.name not in everywhere:
            yield 6, _described(option, prefix)


def usual_stops() -> str:
    """The usual stop criterion of every algorithm.

    >>> usual_stops().startswith("auto for")
    True
    """
    usual: dict[str, list[str]] = {}
    for name, algorithm in ALGORITHMS.items():
        if name not in ALGORITHMS.aliases:
            usual.setdefault(algorithm.usual_stop, []).append(name)
    rest = max(usual, key=lambda stop: len(usual[stop]))
    named = [f"{stop} for {', '.join(names)}" for stop, names in usual.items() if stop != rest]
    return "; ".join([*named, f"{rest} for all others"])
