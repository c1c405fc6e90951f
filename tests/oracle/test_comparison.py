"""The comparison of all algorithms, on one small stack: what its tables say in general holds."""

import importlib
from pathlib import Path

import pytest

from napari_deconvolution import Grid

NAMES = ["identity", "richardson-lucy", "cgls", "tikhonov", "maximum-likelihood"]

# The confocal specimen is sampled as coarsely as it is in the comparison, which says so.
pytestmark = pytest.mark.filterwarnings("ignore:spacing = ")


@pytest.fixture(scope="module")
def bench():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        module = importlib.import_module("algorithms")
        patch.setattr(module, "GRID", Grid(shape=(8, 48, 48), spacing=(0.3, 0.1, 0.1)))
        patch.setattr(module, "CASES", [module.Case("filaments", "confocal", 200)])
        patch.setattr(module, "TRIED", {name: module.TRIED[name] for name in ("richardson-lucy", "cgls", "tikhonov")})
        yield module


@pytest.fixture(scope="module")
def lines(bench, tmp_path_factory):
    file = tmp_path_factory.mktemp("comparison") / "algorithms.jsonl"
    wanted = [(case, name) for case in bench.CASES for name in NAMES]
    first = bench.measured(file, wanted)
    written = file.read_text(encoding="utf-8")
    assert bench.measured(file, wanted) == first
    assert file.read_text(encoding="utf-8") == written
    return first


def gain(bench, lines, name, which="default"):
    return bench.outcomes(lines, name, which)[0]["gain"]


def test_the_default_beats_the_image_and_ten_updates(bench, lines):
    (case,) = bench.CASES
    ten = bench.followed(case, bench.JOB.assign(algorithm="richardson-lucy", iterations=10), True)[0]
    default = lines[case.key, "maximum-likelihood"]["default"]
    assert gain(bench, lines, "maximum-likelihood") > 2
    assert default["psnr"] > ten["psnr"] + 0.5
    assert default["ssim"] > ten["ssim"]


def test_every_one_beats_the_image_and_its_best_setting_is_no_worse(bench, lines):
    assert gain(bench, lines, "identity") == 0
    for name in NAMES[1:]:
        assert gain(bench, lines, name, "best") >= gain(bench, lines, name) - 1e-9
        assert gain(bench, lines, name, "best") > 0.5


def test_the_automatic_stop_is_near_the_best_update(bench, lines):
    for name in ("cgls", "maximum-likelihood"):
        assert gain(bench, lines, name, "best") - gain(bench, lines, name) < 1
    assert gain(bench, lines, "richardson-lucy", "best") - gain(bench, lines, "richardson-lucy") > 1


def test_tables_hold_what_was_measured(bench, lines):
    table = bench.summary(lines)
    assert table.count("\n") == 1 + len(NAMES)
    assert f"{gain(bench, lines, 'cgls'):+.2f}" in next(row for row in table.splitlines() if row.startswith("| cgls |"))
    assert "maximum-likelihood" in bench.by_case(lines).splitlines()[2]
