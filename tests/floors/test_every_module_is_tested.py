"""Every module can be found by its name in the tests.

A test imports it or what it defines, a test file bears its name, or a test names what it lists in a registry.
"""

import ast
import importlib
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "napari_deconvolution"
TESTS = ROOT / "tests"
TREES = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(TESTS.rglob("*.py"))]


def modules():
    """Every file that does something, by its path below the package."""
    does = [path for path in PACKAGE.rglob("*.py") if len(ast.parse(path.read_text(encoding="utf-8")).body) > 1]
    return sorted(path.relative_to(PACKAGE) for path in does)


def imported(tree):
    """What a test file imports, with dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@cache
def found():
    """The modules that tests import, and those that define what they import."""
    names = {name for _, tree in TREES for name in imported(tree) if name.startswith("napari_deconvolution")}
    for name in list(names):
        home, _, what = name.rpartition(".")
        with suppress(ImportError, AttributeError, ValueError):  # a module itself, or a number, which has no home
            names.add(getattr(importlib.import_module(home), what).__module__)
    return names


@cache
def named():
    """Every text in the tests that could be a name in a registry."""
    texts = (node.value for _, tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and len(text) < 60}


def listed(module):
    """The names under which a module lists something in a registry."""
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("register", "alias") and node.args:
            yield getattr(node.args[0], "value", None)


@pytest.mark.parametrize("module", modules(), ids=str)
def test_it_can_be_found_in_the_tests(module):
    parts = [part for part in module.with_suffix("").parts if part != "__init__"]
    name = ".".join(("napari_deconvolution", *parts))
    bears = TESTS.joinpath(*parts[:-1], f"test_{parts[-1]}.py") if parts else TESTS
    assert name in found() or bears.exists() or set(listed(module)) & named(), f"no test knows {name}"
