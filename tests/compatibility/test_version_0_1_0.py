"""Files that version 0.1.0 wrote still load: a recipe, a microscope, a PSF, and results with their records."""

from pathlib import Path

import pytest

from napari_deconvolution.images.files import read
from napari_deconvolution.recipes.microscope_file import read_microscope
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe_file import read_recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.repeat import as_command
from napari_deconvolution.recipes.report_text import report

FOLDER = Path(__file__).with_name("version_0_1_0")


def test_a_recipe_loads():
    recipe = read_recipe(FOLDER / "recipe.json")
    assert recipe.algorithm.name == "richardson-lucy"
    assert recipe.iterations == 5
    assert recipe.channels.emissions == (0.525, 0.61)
    assert recipe.microscope.na == 1.3


def test_a_microscope_loads():
    told = read_microscope(FOLDER / "microscope.json")
    assert told["na"] == 1.3
    assert told["model"].name == "confocal"
    assert told["model"].excitation == 0.488


@pytest.mark.parametrize(
    ("name", "algorithm", "psfs"),
    [("result", "maximum-likelihood-good-roughness", 1), ("two_channels", "richardson-lucy", 2)],
)
def test_a_result_is_a_recipe(name, algorithm, psfs):
    path = FOLDER / f"{name}.ome.tif"
    recipe = read_recipe(path)
    assert recipe.algorithm.name == algorithm
    assert recipe.iterations == 5
    assert len(Record.of(read(path).record).psf) == psfs


def test_the_record_of_a_result_is_read_as_the_type_of_now():
    record = Record.of(read(FOLDER / "two_channels.ome.tif").record)
    assert record.is_result
    assert [run.index for run in record.runs] == [{"c": 0}, {"c": 1}]
    first = record.runs[0]
    assert (first.iterations, first.reason, first.sum_before) == (5, "5 updates done", 14228.0)
    assert len(first.history) == 5
    assert [psf.computed["microscope"]["wavelength"] for psf in record.psf] == [0.525, 0.61]
    assert [psf.best_focus for psf in record.psf] == pytest.approx([0, 0], abs=1e-6)
    assert record.voxel == (0.3, 0.1, 0.1)
    assert not record.further
    assert Record.of(record.to_dict()) == record


def test_a_psf_from_a_file_keeps_its_name_and_its_optics():
    record = Record.of(read(FOLDER / "result.ome.tif").record)
    (psf,) = record.psf
    assert (psf.given, psf.file) == ("PSF confocal", "psf.ome.tif")
    assert PsfRecipe.of(psf.computed).model.excitation == 0.488
    assert record.runs[0].reduced_chi_square == pytest.approx(0.8178, rel=1e-3)
    text = report(record)
    assert "confocal, NA 1.3, 525 nm (PSF confocal)" in " ".join(text.split())
    assert as_command(record).endswith("--iterations 5 --stop none --background 0.0 --gain 1.0 --psf psf.ome.tif")
    assert "maximum-likelihood" in text


def test_a_psf_keeps_its_model():
    image = read(FOLDER / "psf.ome.tif")
    assert image.samples.shape == (7, 15, 15)
    assert image.spacing == pytest.approx({"z": 0.3, "y": 0.1, "x": 0.1})
    record = Record.of(image.record)
    assert record.is_psf
    with pytest.warns(UserWarning, match="Nyquist step"):
        again = PsfRecipe.of(record.psf[0].computed).make()
    assert again.samples == pytest.approx(image.samples, rel=1e-4)


def test_a_record_of_a_later_version_is_refused():
    with pytest.raises(ValueError, match=r"the record has the form 99, and this version .* reads forms up to"):
        Record.of({"version": 99})
