"""What the pages on contributing show keeps the contracts of its kind."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLUGIN = """
import sys
from pathlib import Path

sys.path.insert(0, {here!r})
from pages import load

load(Path({page!r}))


def pytest_collection_modifyitems(items):
    for module in {{item.module for item in items}}:
        if hasattr(module, "Row"):
            module.TABLE.setdefault({name!r}, module.Row())
"""


@pytest.mark.parametrize(
    ("page", "name", "contract"),
    [
        ("penalty", "anisotropic-total-variation", "test_penalties.py"),
        ("algorithm", "smart", "test_algorithms.py"),
        ("psf-model", "gaussian-beam", "test_models.py"),
    ],
)
def test_the_example_keeps_the_contract(page, name, contract, tmp_path):
    shown = ROOT / "docs" / "develop" / f"{page}.md"
    plugin = PLUGIN.format(here=str(Path(__file__).parent), page=str(shown), name=name)
    (tmp_path / "example.py").write_text(plugin, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "example", "-k", name, f"tests/contract/{contract}"]
    path = ["-o", f"pythonpath={tmp_path}"]
    done = subprocess.run([*command, *path], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= 8
