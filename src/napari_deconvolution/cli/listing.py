"""List models, algorithms, penalties and stop criteria with their parameters."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from ..algorithms.methods.base import ALGORITHMS
from ..algorithms.penalties.base import PENALTIES
from ..algorithms.presets import PRESETS
from ..algorithms.stopping.rules import STOPS
from ..optics.psf import MODELS
from ..options import as_text, first_line, options_of
from ..parameters import Parameters, Registry
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
    width = shutil.get_terminal_size().columns
    for title, (chooser, prefix, registry) in LISTS.items():
        print(f"{title} ({chooser} NAME)\n")
        for name in (name for names in registry.families().values() for name in names):
            for depth, text in _entry(name, registry, chooser, prefix):
                first, rest = " " * depth, " " * (depth + 4)
                print(textwrap.fill(text, max(width, 60), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False))
            print()
    print("Presets (--preset NAME)\n")
    for preset in PRESETS.values():
        print(textwrap.fill(f"{preset.name}: {preset.use}", max(width, 60), initial_indent="  ", subsequent_indent="      "))


def _entry(name: str, registry: Registry, chooser: str, prefix: str) -> Iterator[tuple[int, str]]:
    """Indents and texts."""
    member: Parameters = registry[name]
    options = options_of(member)
    if name in registry.aliases:
        usual = {option.name: option.value for option in options_of(registry[member.name])}
        changed = [option for option in options if option.name not in usual or usual[option.name] != option.value]
        settings = [f"{prefix}{option.strings[0][2:]} {as_text(option.parameter, option.value)}" for option in changed]
        yield 2, f"{name}: alias of {' '.join([f'{chooser} {member.name}', *settings])}"
        return
    yield 2, f"{name}: {first_line(member)}"
    if member.use:
        yield 6, f"{member.family}; for {member.use}"
    for option in options:
        yield 6, f"{prefix}{option.strings[0][2:]}: {option.help}"
