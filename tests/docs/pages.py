"""The Python blocks of the pages, as scripts and as modules of the package."""

import importlib.util
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]

FENCE = re.compile(r"^```python(?: title=\"(?P<title>[^\"]+)\")?\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    title: str
    """The file that it shows; empty for a script."""
    code: str
    """With as many empty lines before it as there are lines on the page, so that errors name the line of the page."""


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        above = text.count("\n", 0, match.start("code"))
        found.append(Block(match["title"] or "", "\n" * above + match["code"]))
    return found


def load(page: Path) -> None:
    """Make the files that a page shows modules of the package, as if they lay where the page says."""
    for title, code in blocks(page):
        if title.startswith("src/"):
            name = title.removeprefix("src/").removesuffix(".py").replace("/", ".")
            module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader=None))
            sys.modules[name] = module
            exec(compile(code, str(page), "exec"), module.__dict__)


def run(page: Path) -> None:
    """Load what a page shows, then run its scripts one after the other, in one namespace."""
    load(page)
    shared = {"__name__": "__main__"}
    for title, code in blocks(page):
        if not title:
            exec(compile(code, str(page), "exec"), shared)
