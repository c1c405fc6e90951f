"""Recipes as files, and files by recipe."""

import json

import numpy as np
import pytest
import tifffile

from napari_deconvolution import Grid, Microscope, psf
from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.batch import deconvolve_file, run_files
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.recipe_file import read_recipe, write_recipe
from napari_deconvolution.runs import finished

SPACING = {"z": 0.3, "y": 0.1, "x": 0.1}


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("a.tif", "b.ome.tif"):
        write(Image(rng.poisson(30, (4, 12, 13)).astype(np.uint16), "zyx", SPACING), tmp_path / name)
    (tmp_path / "broken.tif").write_bytes(b"II*\0nothing")
    (tmp_path / "notes.txt").write_text("no image")
    optics = Microscope(na=1.2, n_immersion=1.333)
    kernel = psf("gaussian", optics, Grid(shape=(5, 9, 9), spacing=(0.3, 0.1, 0.1)))
    write(Image(kernel, "zyx", SPACING), tmp_path.parent / f"{tmp_path.name}_psf.tiff")
    return tmp_path


@pytest.fixture
def recipe(folder):
    return Recipe().assign(
        algorithm="richardson-lucy", iterations=3, psf=(str(folder.parent / f"{folder.name}_psf.tiff"),)
    )


def states(outcomes):
    return {outcome.source.name: outcome.state for outcome in outcomes}


def test_a_folder_is_done_and_what_fails_stops_no_other(folder, recipe):
    seen = []
    outcomes = finished(run_files(recipe, [folder], folder / "sharp"), seen.append)
    assert states(outcomes) == {"notes.txt": "left out", "a.tif": "done", "b.ome.tif": "done", "broken.tif": "failed"}
    assert "is of no format that is read here" in outcomes[0].why
    assert "broken.tif" in outcomes[3].why
    assert [progress.share for progress in seen] == sorted(progress.share for progress in seen)
    assert seen[-1].words.startswith("file 2 of 3, b.ome.tif: ")
    alone = deconvolve_file(folder / "a.tif", recipe).image
    assert (read(folder / "sharp" / "a_deconvolved.ome.tif").samples == alone.samples).all()


def test_a_set_of_planes_is_one_image_and_others_are_named(folder, recipe):
    rng = np.random.default_rng(1)
    for z in range(4):
        tifffile.imwrite(folder / f"cell_z{z}.tif", rng.poisson(30, (12, 13)).astype(np.uint16), metadata=None)
    (folder / "slide.vsi").write_bytes(b"")
    given = recipe.assign(spacing=(0.3, 0.1, 0.1))
    outcomes = finished(run_files(given, [folder], folder / "sharp"))
    assert states(outcomes) == {
        "notes.txt": "left out",
        "slide.vsi": "left out",
        "a.tif": "done",
        "b.ome.tif": "done",
        "broken.tif": "failed",
        "cell_z0.tif": "done",
    }
    assert read(folder / "sharp" / "cell_deconvolved.ome.tif").describe() == "z=4 y=12 x=13"
    assert "is an Olympus slide: open it with" in next(each.why for each in outcomes if each.source.name == "slide.vsi")
    again = finished(run_files(given, [folder], folder / "sharp"))
    assert states(again)["cell_z0.tif"] == "skipped"


def test_a_second_run_skips_what_is_done_and_tries_again_what_failed(folder, recipe):
    finished(run_files(recipe, [folder]))
    before = (folder / "a_deconvolved.ome.tif").stat().st_mtime_ns
    write(Image(np.ones((4, 12, 13), np.uint16), "zyx", SPACING), folder / "broken.tif", overwrite=True)
    assert states(finished(run_files(recipe, [folder]))) == {
        "notes.txt": "left out",
        "a.tif": "skipped",
        "b.ome.tif": "skipped",
        "broken.tif": "done",
    }
    assert (folder / "a_deconvolved.ome.tif").stat().st_mtime_ns == before
    assert states(finished(run_files(recipe, [folder / "a.tif"], overwrite=True))) == {"a.tif": "done"}


def test_the_result_of_another_recipe_is_kept(folder, recipe):
    finished(run_files(recipe, [folder / "a.tif"]))
    (outcome,) = finished(run_files(recipe.replace(iterations=4), [folder / "a.tif"]))
    assert outcome.state == "failed"
    assert "another recipe made it" in outcome.why
    assert read(folder / "a_deconvolved.ome.tif").record["recipe"]["iterations"] == 3


def test_nothing_to_do_and_two_for_one_place(folder, recipe):
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match="there is no image to deconvolve"):
        next(run_files(recipe, [folder / "empty"]))
    (folder / "more").mkdir()
    (folder / "a.tif").rename(folder / "more" / "b.tif")
    with pytest.raises(ValueError, match="would both be written to"):
        next(run_files(recipe, [folder / "more", folder], folder / "sharp"))


def test_recipes_from_files_and_from_results(folder, recipe, monkeypatch):
    assert read_recipe(write_recipe(folder / "r.json", recipe)) == recipe
    (outcome,) = finished(run_files(recipe, [folder / "a.tif"]))
    assert read_recipe(outcome.output) == recipe
    beside = recipe.replace(psf=("beads.tif",))
    assert read_recipe(write_recipe(folder / "r.json", beside, overwrite=True)).psf == (str(folder / "beads.tif"),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no recipe file: it is not JSON"),
        ("{}", "holds no recipe"),
        (json.dumps({"recipe": {"iterations": 0}}), "iterations = 0: must be 1 to 100000"),
        (json.dumps({"recipe": {"turns": 0}}), "has no parameter 'turns'"),
    ],
)
def test_files_that_are_no_recipes(folder, text, sentence):
    (folder / "r.json").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_recipe(folder / "r.json")


def test_the_result_of_another_image_of_that_name_is_kept(folder, recipe):
    (folder / "day 2").mkdir()
    (folder / "day 2" / "a.tif").write_bytes((folder / "b.ome.tif").read_bytes())
    finished(run_files(recipe, [folder / "a.tif"], folder / "sharp"))
    (outcome,) = finished(run_files(recipe, [folder / "day 2" / "a.tif"], folder / "sharp"))
    assert outcome.state == "failed"
    assert "was made of" in outcome.why


def test_a_result_whose_psf_came_from_no_file_is_no_recipe(folder, recipe):
    image = read(folder / "a.tif")
    made = deconvolve_file(
        folder / "a.tif", recipe.replace(psf=()), Image(recipe.read_psfs(image)[0].samples, "zyx", SPACING)
    )
    write(made.image, folder / "made.ome.tif")
    with pytest.raises(ValueError, match="made with a PSF that came from no file"):
        read_recipe(folder / "made.ome.tif")


def test_what_is_asked_for_beside_is_written_too(folder, recipe):
    finished(run_files(recipe.assign(residual=True), [folder / "a.tif"], folder / "sharp"))
    alone = deconvolve_file(folder / "a.tif", recipe.assign(residual=True))
    assert (read(folder / "sharp" / "a_deconvolved_residual.ome.tif").samples == alone.others["residual"].samples).all()
    assert states(finished(run_files(recipe.assign(residual=True), [folder / "a.tif"], folder / "sharp"))) == {
        "a.tif": "skipped"
    }
