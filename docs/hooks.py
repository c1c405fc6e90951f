"""Fill the pages with what the registries, the lessons and the command line say of themselves, while mkdocs builds.

A line `<!-- made by NAME -->` of a page becomes what the function of this name returns. Nothing of it is committed, so
that none of it can go stale.
"""

import contextlib
import doctest
import inspect
import io
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

import napari_deconvolution.cli as cli
from napari_deconvolution import ALGORITHMS, MODELS, PENALTIES, Grid
from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.algorithms.stopping.rules import STOPS
from napari_deconvolution.images.formats.registry import FORMATS, OTHERS
from napari_deconvolution.optics.models.base import Model
from napari_deconvolution.options import Option, as_text, options_of
from napari_deconvolution.parameters import Parameters
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.registry import Registry
from napari_deconvolution.teaching.lessons import LESSONS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "https://github.com/napari-deconvolution/napari-deconvolution/blob/main"
ELSEWHERE = re.compile(r'<(?:script|img|iframe|link rel="stylesheet")[^>]* (?:src|href)="(https?:[^"]+)"')
LOG = get_plugin_logger("hooks")
MADE = re.compile(r"^<!-- made by (\w+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill a page."""
    return MADE.sub(lambda found: MAKERS[found[1]](), markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Warn of what a page would load from elsewhere; a strict build then fails."""
    for address in ELSEWHERE.findall(output):
        LOG.warning("%s loads %s: put a copy into docs.", page.file.src_uri, address)
    return output


def described(member: Parameters) -> str:
    """What a class says of itself: text, formula and source, with links; then its example."""
    text = inspect.cleandoc(type(member).__doc__ or "")
    examples = doctest.DocTestParser().get_examples(text)
    prose = re.split(r"^(?:>>>|\w+\n-{3,}$)", text, maxsplit=1, flags=re.MULTILINE)[0]
    prose = re.sub(r"doi:(10\.[^\s,;]+[^\s,;.])", r"[doi:\1](https://doi.org/\1)", prose)
    prose = re.sub(r"docs/(\w+)\.md", r"[measured](../\1.md)", prose)
    lines = "".join(f">>> {each.source.rstrip().replace(chr(10), chr(10) + '... ')}\n{each.want}" for each in examples)
    return f"{prose.rstrip()}\n" + (f"\n```pycon\n{lines}```\n" if lines else "")


def table(options: Iterable[Option]) -> str:
    """Parameters as a table; nothing for none."""
    rows = [f"| `{each.name}` | {_default(each)} | {_values(each)} | {_meaning(each)} |\n" for each in options]
    return f"\n| parameter | default | values | meaning |\n|---|---|---|---|\n{''.join(rows)}" if rows else ""


def _default(option: Option) -> str:
    """In the unit of Python and of recipes."""
    parameter = option.parameter
    return f"`{as_text(replace(parameter, shown=parameter.unit), option.value)}`"


def _values(option: Option) -> str:
    alternatives = ("yes", "no") if option.parameter.type is bool else option.alternatives
    return ", ".join(f"`{name}`" for name in alternatives) or option.parameter.range


def _meaning(option: Option) -> str:
    return f"**{option.parameter.label}**: {option.parameter.description}".replace("|", "\\|")


def members(registry: Registry[Any], shared: type[Parameters] | None = None) -> str:
    """A section for every member, without the parameters that all of them share."""
    known = {parameter.name for parameter in shared.parameters()} if shared else set()
    return "\n".join(_section(name, registry, known) for name in listed(registry))


def listed(registry: Registry[Any]) -> list[str]:
    """The names, those of a family together."""
    return [name for names in registry.families().values() for name in names]


def _section(name: str, registry: Registry[Any], known: set[str]) -> str:
    member = registry[name]
    title = f"## {registry.label_of(name)} {{ #{name} }}\n\n`{name}`\n\n"
    if name in registry.aliases:
        usual = {option.name: option.value for option in options_of(registry[member.name])}
        changed = [option for option in options_of(member) if usual.get(option.name) != option.value]
        settings = ", ".join(f"`{option.name}` = {_default(option)}" for option in changed)
        return f"{title}[{member.name}](#{member.name}){' with ' if settings else ''}{settings}.\n"
    use = f"*{member.family[:1].upper()}{member.family[1:]}; for {member.use}.*\n\n" if member.use else ""
    own = [option for option in options_of(member) if option.name not in known]
    return title + use + described(member) + table(own)


def algorithms() -> str:
    """An overview of the algorithms by family, then each of them."""
    rows = []
    for name in listed(ALGORITHMS):
        member = ALGORITHMS[name]
        rows.append(f"| [{ALGORITHMS.label_of(name)}](#{name}) | {member.family} | {member.use} |")
    return "\n".join(["| algorithm | family | for |", "|---|---|---|", *rows, "", members(ALGORITHMS)])


def presets() -> str:
    """What each preset sets."""
    sections = []
    for preset in PRESETS.values():
        rows = [f"| `{name}` | `{value}` |" for name, value in preset.values.items()]
        sections += [
            f"## {preset.name}",
            "",
            f"For: {preset.use}.",
            "",
            "| parameter | value |",
            "|---|---|",
            *rows,
            "",
        ]
    return "\n".join(sections)


def parameters() -> str:
    """The parameters that no algorithm, model, penalty or stop owns."""
    recipe = Recipe()
    groups = {parameter.name for parameter in recipe.parameters() if parameter.group is not None}
    run = [option for option in options_of(recipe) if option.home is None and option.name not in groups]
    sections = [f"## Run\n\nHow an image is read and deconvolved.\n{table(run)}"]
    for title, group in (
        ("Microscope", recipe.microscope),
        ("Grid", Grid()),
        ("Camera", recipe.camera),
        ("Channels", recipe.channels),
        ("Supplied PSF", recipe.measured),
        ("Report", recipe.report),
    ):
        about = (type(group).__doc__ or "").partition("\n")[0]
        sections.append(f"## {title}\n\n{about}\n{table(options_of(group))}")
    return "\n".join(sections)


def command_line() -> str:
    """The help of every command."""
    return "\n".join(f"## {name}\n\n```text\n{_help(name)}\n```\n" for name in cli.COMMANDS)


def _help(command: str) -> str:
    said = io.StringIO()
    width = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"
    try:
        with contextlib.redirect_stdout(said):
            cli.main([command, "--help"])
    finally:
        os.environ.pop("COLUMNS") if width is None else os.environ.update(COLUMNS=width)
    return said.getvalue().rstrip()


def formats() -> str:
    """What is read and written, and what its files tell."""
    rows = []
    for each in FORMATS:
        suffixes = ", ".join(f"`{suffix}`" for suffix in each.suffixes)
        extra = f"`{each.extra}`" if each.extra else ""
        rows.append(f"| {each.name} | {suffixes} | {each.tells} | {'yes' if each.writes else ''} | {extra} |")
    head = ["| format | files | what they tell | written | extra |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def other_formats() -> str:
    """Files that are recognized but not read, and what opens them."""
    rows = [f"| `{suffix}` | {what} | {opener} |" for suffix, (what, opener) in OTHERS.items()]
    return "\n".join(["| file | is | open it with |", "|---|---|---|", *rows])


def exit_codes() -> str:
    """What the command line returns."""
    rows = [f"| {code} | {meaning} |" for code, meaning in cli.EXIT_CODES.items()]
    return "\n".join(["| exit code | meaning |", "|---|---|", *rows])


def lessons() -> str:
    """What each lesson teaches, and its script."""
    scripts = sorted((ROOT / "docs" / "lessons").glob("*.py"))
    sections = []
    for number, (lesson, script) in enumerate(zip(LESSONS, scripts, strict=True), 1):
        code = f"```python\n{script.read_text(encoding='utf-8')}```"
        folded = "".join(f"    {line}\n" for line in code.splitlines())
        sections.append(f'## {number}. {lesson.title}\n\n{lesson.text}\n\n??? example "{script.name}"\n\n{folded}')
    return "\n".join(sections)


def from_root(name: str) -> Callable[[], str]:
    """A file that lies next to the README, its links leading where they lead from there."""

    def page() -> str:
        text = (ROOT / name).read_text(encoding="utf-8")
        text = re.sub(r"\]\(docs/([\w/.-]+\.md[#\w-]*)\)", r"](\1)", text)
        inside = r"\]\(((?:src|tests|benchmarks|recipe|\.ci|\.github|LICENSE)[\w/.-]*)\)"
        return re.sub(inside, rf"]({PROJECT}/\1)", text)

    return page


MAKERS: dict[str, Callable[[], str]] = {
    "algorithms": algorithms,
    "common_parameters_of_models": lambda: table(options_of(Model())),
    "models": lambda: members(MODELS, Model),
    "penalties": lambda: members(PENALTIES),
    "stops": lambda: members(STOPS),
    "presets": presets,
    "parameters": parameters,
    "command_line": command_line,
    "formats": formats,
    "other_formats": other_formats,
    "exit_codes": exit_codes,
    "lessons": lessons,
    "contributing": from_root("CONTRIBUTING.md"),
    "changelog": from_root("CHANGELOG.md"),
}
