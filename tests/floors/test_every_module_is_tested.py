"""Every module can be found by its name in the tests: one imports it, or bears its name."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "napari_deconvolution"
TESTS = ROOT / "tests"

ROOMS = ("cli", "options", "plots", "recipes", "scale", "simulation", "teaching")
"""Folders and files that are held to it."""


def modules():
    """Every file of these rooms that does something, by its path below the package."""
    paths = [path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")]
    paths += [PACKAGE / f"{room}.py" for room in ROOMS if (PACKAGE / f"{room}.py").exists()]
    does = [path for path in paths if len(ast.parse(path.read_text(encoding="utf-8")).body) > 1]
    return sorted(path.relative_to(PACKAGE) for path in does)


def imported(path):
    """The modules that a test file imports, also in texts that it runs in another process."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


IMPORTED = {name for path in TESTS.rglob("*.py") for name in imported(path)}


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_test_imports_it_or_bears_its_name(module):
    parts = [part for part in module.with_suffix("").parts if part != "__init__"]
    names = {".".join(("napari_deconvolution", *parts))}
    bears = TESTS.joinpath(*parts[:-1], f"test_{parts[-1]}.py")
    assert names & IMPORTED or bears.exists(), f"no test imports {names}, and there is no {bears.relative_to(ROOT)}"
