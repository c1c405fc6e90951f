"""The report tells what the record holds, in lines that a narrow dock shows."""

import csv

import numpy as np
import pytest

from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.report_text import (
    MOST,
    WIDTH,
    chosen_setting,
    pedestal,
    report,
    searches,
    update_rows,
    update_table,
    write_updates,
)
from napari_deconvolution.recipes.volumes import deconvolve_image
from napari_deconvolution.runs import finished

BELL = np.exp(-np.add.outer(*[np.arange(-6, 7) ** 2 / 4] * 2)).astype(np.float32)
PSF = Image(BELL / BELL.sum(), "yx", {"y": 0.1, "x": 0.1}, name="bell")


def result(samples, axes="yx", **settings):
    spacing = {"y": 0.1, "x": 0.1}
    psfs = [PSF] * (len(samples) if "c" in axes else 1)
    return finished(deconvolve_image(Image(samples, axes, spacing, name="cell"), Recipe().assign(**settings), psfs)).image.record


@pytest.fixture(scope="module")
def noisy():
    return np.random.default_rng(0).poisson(40, (2, 32, 30)).astype(float) + 100


@pytest.fixture(scope="module")
def record(noisy):
    asked = {"residual": True, "reproducibility": True, "gain": 1.0, "offset": 100, "background": 3, "iterations": 12}
    return result(noisy, "tyx", algorithm="richardson-lucy", **asked)


@pytest.fixture(scope="module")
def searched(noisy):
    return result(noisy[0], algorithm="maximum-likelihood", gain=1.0, offset=100, iterations=8)


def test_report_names_what_decided_the_result_and_where_the_light_is(record):
    text = report(record, 1)
    run = record["runs"][1]
    assert text.startswith("cell t=1\n")
    for told in ("richardson-lucy", "12 updates done", "bell", "0.1 0.1 µm", "offset 100", "background 3", "gain 1"):
        assert told in text
    for part in ("image", "estimate", "into", "model"):
        assert f"{run['photons'][part]:,.0f}" in text
    assert f"{run['photons']['out']:,.0f}" in text
    assert f"{run['residual']['reduced chi square']:.4g}" in text
    assert "reproducible" in text


def test_lines_fit_a_narrow_dock(record, searched):
    for text in (report(record), report(record, 1), report(searched)):
        assert max(map(len, text.splitlines())) <= WIDTH


def test_table_has_all_updates_or_some_from_the_first_to_the_last(record):
    run = record["runs"][0]
    few, lines = update_table({**run, "history": run["history"][:4]}), update_table(run).splitlines()
    assert [line.split()[0] for line in few.splitlines()[2:]] == ["1", "2", "3", "4"]
    numbers = [int(line.split()[0]) for line in lines[2:]]
    assert lines[0].startswith(f"Updates ({MOST} of 12)")
    assert (len(numbers), numbers[0], numbers[-1]) == (MOST, 1, 12)
    assert numbers == sorted(set(numbers))
    assert len({len(line) for line in lines[1:]}) == 1
    change = run["history"][-1][4]
    assert lines[-1].split()[3] == f"{change:.3g}"


def test_held_out_criterion_is_that_of_the_setting_taken(searched):
    run = searched["runs"][0]
    taken = chosen_setting(run)
    assert taken in searches(run)
    assert len(searches(run)) == len(run["search"]) > 1
    least = {name: min(value for _, value in curve) for name, curve in searches(run).items()}
    assert least[taken] == min(least.values())
    held = {row["update"]: row["held-out"] for row in update_rows(run)}
    curve = dict(searches(run)[taken])
    assert held == {at: curve.get(at) for at in held}
    assert held[1] == curve[1]


def test_saved_table_has_every_number_of_every_volume(record, tmp_path):
    path = write_updates(tmp_path / "table.csv", record)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["t"]), int(row["update"])) for row in rows] == [(t, k) for t in range(2) for k in range(1, 13)]
    for row, values in zip(rows, [values for run in record["runs"] for values in run["history"]], strict=True):
        names = ("seconds", "misfit", "I-divergence", "squares", "change", "gradient")
        assert [float(row[name]) if row[name] else None for name in names] == values
    with pytest.raises(FileExistsError, match="exists already"):
        write_updates(path, record)
    write_updates(path, record, overwrite=True)
    with pytest.raises(ValueError, match=r"end the name in \.csv"):
        write_updates(tmp_path / "table.txt", record)


def test_pedestal_is_what_the_sums_before_leave_out(record, noisy):
    assert pedestal(record) == 103
    for number, volume in enumerate(noisy):
        assert (volume.sum() - record["runs"][number]["sum before"]) / volume.size == pytest.approx(pedestal(record, number))


def test_pedestal_of_each_channel_and_of_what_the_image_told(noisy):
    each = result(noisy, "cyx", algorithm="richardson-lucy", iterations=1, offsets=(90.0, 80.0), background=None)
    for number, volume in enumerate(noisy):
        run = each["runs"][number]
        assert pedestal(each, number) == (90, 80)[number] + run["told by the image"]["background"]
        assert (volume.sum() - run["sum before"]) / volume.size == pytest.approx(pedestal(each, number))


def test_a_direct_filter_has_sums_and_no_table(noisy, tmp_path):
    direct = result(noisy[0], algorithm="wiener", offset=100)
    text = report(direct)
    assert "wiener" in text
    assert f"{direct['runs'][0]['sum before']:,.0f}" in text
    with pytest.raises(ValueError, match="nothing was measured"):
        write_updates(tmp_path / "a.csv", {**direct, "runs": [{**direct["runs"][0], "history": []}]})


def test_the_camera_is_that_of_the_channel():
    run = {"updates": 1, "reason": "1 update done", "sum before": 90.0, "sum after": 91.0, "history": [], "c": 1}
    recipe = {"algorithm": {"name": "wiener"}, "camera": {"offset": 5.0, "background": 0.0}, "channels": {"offsets": [100.0, 200.0]}}
    text = report({"recipe": recipe, "psf": [{"given": "p"}, {"given": "q"}], "voxel": None, "runs": [run]})
    assert "offset 200" in text
