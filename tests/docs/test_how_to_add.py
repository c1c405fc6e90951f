"""What the pages on contributing show keeps the contracts of its kind."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SHOWN = {"penalty": "anisotropic-total-variation", "algorithm": "smart", "psf-model": "gaussian-beam"}
"""What a page adds."""

SUITES = [
    "contract/test_penalties.py",
    "contract/test_algorithms.py",
    "contract/test_models.py",
    "oracle/test_penalties.py",
]

PLUGIN = f"""
import sys
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parent)!r})
from pages import blocks, load

SHOWN = {SHOWN!r}
PAGES = {{name: Path({str(ROOT)!r}, "docs", "develop", page + ".md") for page, name in SHOWN.items()}}
for page in PAGES.values():
    load(page)


def pytest_collection_modifyitems(items):
    for module in {{item.module for item in items}}:
        if hasattr(module, "Row"):
            module.TABLE.setdefault(SHOWN["algorithm"], module.Row())
        if hasattr(module, "WRITTEN_OUT"):
            name = SHOWN["penalty"]
            [code] = [code for title, code in blocks(PAGES[name]) if title == "tests/oracle/test_penalties.py"]
            exec(code, module.__dict__)
            module.WRITTEN_OUT[name] = module.anisotropic
            module.ROUNDED[name] = 3
"""


def test_the_examples_keep_the_contracts(tmp_path):
    (tmp_path / "example.py").write_text(PLUGIN, encoding="utf-8")
    suites = [f"tests/{suite}" for suite in SUITES]
    command = [sys.executable, "-m", "pytest", "-v", "-p", "example", "-k", " or ".join(SHOWN.values()), *suites]
    path = ["-o", f"pythonpath={tmp_path}"]
    done = subprocess.run([*command, *path], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in SHOWN.values():
        assert len(re.findall(rf"{name}.* PASSED", done.stdout)) >= 8
