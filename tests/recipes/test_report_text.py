"""The report holds what the record holds, in lines that a narrow dock shows."""

import pytest

from napari_deconvolution.recipes.iteration_table import write_iterations
from napari_deconvolution.recipes.record import PsfOrigin, Record, VolumeRecord
from napari_deconvolution.recipes.report_text import WIDTH, pedestal, report

from .conftest import made_record


def test_report_names_what_decided_the_result_and_where_the_light_is(record):
    text = report(record, 1)
    run = record.runs[1]
    assert text.startswith("cell t=1\n")
    for told in ("richardson-lucy", "12 iterations done", "bell", "0.1 0.1 µm", "offset 100", "background 3", "gain 1"):
        assert told in text
    for part in ("image", "estimate", "into", "model"):
        assert f"{run.photons[part]:,.0f}" in text
    assert f"{run.photons['out']:,.0f}" in text
    assert f"{run.residual['chi_square']:.4g}" in text
    assert "reproducible" in text


def test_lines_fit_a_narrow_dock(record, searched):
    for text in (report(record), report(record, 1), report(searched)):
        assert max(map(len, text.splitlines())) <= WIDTH


def test_pedestal_is_what_the_sums_before_leave_out(record, noisy):
    assert pedestal(record) == 103
    for number, volume in enumerate(noisy):
        assert (volume.sum() - record.runs[number].sum_before) / volume.size == pytest.approx(pedestal(record, number))


def test_pedestal_of_each_channel_and_of_what_the_image_told(noisy):
    each = made_record(noisy, "cyx", algorithm="richardson-lucy", iterations=1, offsets=(90.0, 80.0), background=None)
    for number, volume in enumerate(noisy):
        run = each.runs[number]
        assert pedestal(each, number) == (90, 80)[number] + run.estimated_from_image["background"]
        assert (volume.sum() - run.sum_before) / volume.size == pytest.approx(pedestal(each, number))


def test_a_direct_filter_has_sums_and_no_table(noisy, tmp_path):
    direct = made_record(noisy[0], algorithm="wiener", offset=100)
    text = report(direct)
    assert "wiener" in text
    assert f"{direct.runs[0].sum_before:,.0f}" in text
    with pytest.raises(ValueError, match="nothing was measured"):
        write_iterations(tmp_path / "a.csv", direct.replace(runs=(direct.runs[0].replace(history=()),)))


def test_the_camera_is_that_of_the_channel():
    run = VolumeRecord(index={"c": 1}, iterations=1, reason="1 iteration done", sum_before=90.0, sum_after=91.0)
    camera, channels = {"offset": 5.0, "background": 0.0}, {"offsets": [100.0, 200.0]}
    recipe = {"algorithm": {"name": "wiener"}, "camera": camera, "channels": channels}
    text = report(Record(recipe=recipe, psf=(PsfOrigin(given="p"), PsfOrigin(given="q")), runs=(run,)))
    assert "offset 200" in text
    assert "the layer or file q" in text


def test_what_was_found_before_the_run_is_told():
    run = VolumeRecord(exposure=(0.9, 1.1), processed="the image was processed", gain_doubt="gain: 8 was given")
    text = " ".join(report(Record(recipe={"algorithm": {"name": "wiener"}, "camera": {}}, runs=(run,))).split())
    assert "flicker planes of 0.9 to 1.1 times the mean brightness" in text
    assert "the image was processed" in text
    assert "gain: 8 was given" in text
