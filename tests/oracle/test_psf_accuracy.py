"""The table of docs/accuracy.md: a part of it here, all of it with -m slow."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "accuracy.py"


@pytest.fixture(scope="module")
def accuracy():
    spec = importlib.util.spec_from_file_location("accuracy", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("every", [67, pytest.param(1, marks=pytest.mark.slow)], ids=["part", "all"])
def test_every_error_is_below_the_accuracy(accuracy, every):
    wrong = [row for row in accuracy.errors(every) if not row[-1] < 1e-4]
    assert not wrong
