"""Every module can be found by its name in the tests.

A test imports it or what it defines, a test file bears its name, or a test names what it lists in a registry. All of
it is read off the sources: to import every module would take longer than all else here.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src"
PACKAGE = SOURCES / "napari_deconvolution"
TESTS = ROOT / "tests"


def modules():
    """Every file that holds more than a line that says what is next to it."""
    return sorted(
        path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.read_text(encoding="utf-8").count("\n") > 1
    )


@cache
def nodes(path):
    """What a file consists of."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def file_of(name):
    """The file of a module, by its name with dots; None if it is no module."""
    path = SOURCES.joinpath(*name.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.exists()), None)


def home(module, name):
    """The module that defines what another one holds."""
    file = file_of(module)
    handed_on = (node for node in nodes(file) if isinstance(node, ast.ImportFrom) and node.level) if file else ()
    for node in handed_on:
        for each in node.names:
            if name == (each.asname or each.name):
                parts = module.split(".") + ["__init__"] * (file.stem == "__init__")
                above = ".".join(parts[: -node.level])
                return home(f"{above}.{node.module}", each.name) if node.module else f"{above}.{each.name}"
    return module


@cache
def found():
    """The modules that tests import, and those that define what they import."""
    names = set()
    for path in TESTS.rglob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.Import):
                names |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE.name):
                names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
                names |= {home(node.module, each.name) for each in node.names}
    return names


@cache
def named():
    """Every text in the tests that could be a name in a registry."""
    texts = (node.value for path in TESTS.rglob("*.py") for node in nodes(path) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and len(text) < 60}


def listed(module):
    """The names under which a module lists something in a registry."""
    for node in nodes(PACKAGE / module):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("register", "alias") and node.args:
            yield getattr(node.args[0], "value", None)


@pytest.mark.parametrize("module", modules(), ids=str)
def test_it_can_be_found_in_the_tests(module):
    parts = [part for part in module.with_suffix("").parts if part != "__init__"]
    name = ".".join((PACKAGE.name, *parts))
    bears = bool(parts) and TESTS.joinpath(*parts[:-1], f"test_{parts[-1]}.py").exists()
    known = bears or name in found() or not named().isdisjoint(listed(module))
    assert known, f"no test knows {name}"
