"""Recipes as files, and files by recipe."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_deconvolution import Grid, Microscope, psf
from napari_deconvolution.images import files
from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.batch import deconvolve_file, run_files
from napari_deconvolution.recipes.outcome import account_files
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
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
        "a_deconvolved.ome.tif": "left out",
        "b_deconvolved.ome.tif": "left out",
    }
    assert (folder / "a_deconvolved.ome.tif").stat().st_mtime_ns == before
    assert states(finished(run_files(recipe, [folder / "a.tif"], overwrite=True))) == {"a.tif": "done"}


def test_the_result_of_another_recipe_is_kept(folder, recipe):
    finished(run_files(recipe, [folder / "a.tif"]))
    (outcome,) = finished(run_files(recipe.replace(iterations=4), [folder / "a.tif"]))
    assert outcome.state == "failed"
    assert "another recipe made it" in outcome.why
    assert read(folder / "a_deconvolved.ome.tif").record["recipe"]["iterations"] == 3


def test_nothing_to_do_is_said(folder, recipe):
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match="there is no image to deconvolve"):
        next(run_files(recipe, [folder / "empty"]))


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


def rows(folder):
    with account_files(folder)[0].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_names_that_clash_are_told_apart(folder, recipe):
    for well in ("A1", "B1"):
        (folder / well).mkdir()
        (folder / well / "a.tif").write_bytes((folder / "a.tif").read_bytes())
    outcomes = finished(run_files(recipe, [folder / "A1", folder / "B1"], folder / "sharp"))
    assert [outcome.output.name for outcome in outcomes] == ["A1_a_deconvolved.ome.tif", "B1_a_deconvolved.ome.tif"]


def test_psfs_and_results_in_a_folder_are_no_images(folder, recipe):
    kernel = folder / "beads.tif"
    kernel.write_bytes(Path(recipe.psf[0]).read_bytes())
    write(PsfRecipe().assign(shape=(3, 9, 9)).make(), folder / "computed.tif")
    (folder / "sub").mkdir()
    outcomes = finished(run_files(recipe.replace(psf=(str(kernel),)), [folder], folder / "sharp"))
    why = {outcome.source.name: outcome.why for outcome in outcomes if outcome.state == "left out"}
    assert why["beads.tif"] == "it is the PSF of the recipe."
    assert why["computed.tif"] == "it is a PSF."
    assert why["sub"].startswith("it is a folder")
    (folder / "sharp" / "a_deconvolved.ome.tif").rename(folder / "renamed.tif")
    outcomes = finished(run_files(recipe.replace(psf=(str(kernel),)), [folder], folder / "sharp"))
    assert next(o.why for o in outcomes if o.source.name == "renamed.tif").startswith("it is a result")


def test_an_image_or_a_psf_that_changed_is_done_again(folder, recipe):
    finished(run_files(recipe, [folder / "a.tif"]))
    write(Image(np.random.default_rng(9).poisson(30, (4, 12, 13)), "zyx", SPACING), folder / "a.tif", True, "uint16")
    (outcome,) = finished(run_files(recipe, [folder / "a.tif"]))
    assert (outcome.state, outcome.why) == ("done", "made again, for the image changed")
    kernel = read(recipe.psf[0])
    write(kernel.replace(samples=np.roll(kernel.samples, 1, -1)), recipe.psf[0], overwrite=True)
    (outcome,) = finished(run_files(recipe, [folder / "a.tif"]))
    assert (outcome.state, outcome.why) == ("done", "made again, for the PSF changed")
    assert any("off-centre" in warning for warning in outcome.warnings)
    assert states(finished(run_files(recipe, [folder / "a.tif"]))) == {"a.tif": "skipped"}
    (folder / "moved").mkdir()
    (folder / "a.tif").rename(folder / "moved" / "a.tif")
    assert states(finished(run_files(recipe, [folder / "moved" / "a.tif"], folder))) == {"a.tif": "skipped"}


def test_a_batch_killed_between_a_result_and_its_maps_goes_on(folder, recipe, monkeypatch):
    recipe = recipe.assign(residual=True)
    written = []

    def killed(image, path, *how):
        if written:
            raise KeyboardInterrupt
        written.append(path)
        return write(image, path, *how)

    with monkeypatch.context() as dying:
        dying.setattr(files, "write", killed)
        with pytest.raises(KeyboardInterrupt, match="1 finished volume is kept"):
            finished(run_files(recipe, [folder / "a.tif"]))
    assert written[0].exists()
    seen = []
    (outcome,) = finished(run_files(recipe, [folder / "a.tif"]), seen.append)
    assert outcome.state == "done"
    assert not [progress for progress in seen if progress.progress.step]


def test_the_account_has_a_row_for_each_file(folder, recipe):
    bad = np.random.default_rng(1).poisson(30, (3, 4, 12, 13)).astype(np.float32)
    bad[1] = np.nan
    write(Image(bad, "tzyx", SPACING, (Channel(pinhole=1.0, modality="confocal"),)), folder / "c.tif")
    outcomes = finished(run_files(recipe, [folder], folder / "sharp"))
    assert states(outcomes)["c.tif"] == "incomplete"
    found = {Path(row["file"]).name: row for row in rows(folder / "sharp")}
    assert {name: row["state"] for name, row in found.items()} == states(outcomes)
    assert (found["a.tif"]["algorithm"], found["a.tif"]["iterations"]) == ("richardson-lucy", "3")
    assert (found["c.tif"]["volumes"], found["c.tif"]["failed"]) == ("3", "1")
    assert "t=1: image: 624 of its 624 values are NaN" in found["c.tif"]["why"]
    assert float(found["a.tif"]["seconds"]) > 0
    log = account_files(folder / "sharp")[1].read_text(encoding="utf-8")
    assert "ERROR" in log
    assert "broken.tif: failed" in log
    finished(run_files(recipe, [folder / "a.tif"], folder / "sharp"))
    assert [row["state"] for row in rows(folder / "sharp")][-1] == "skipped"


def test_the_model_is_that_of_the_modality_where_the_recipe_leaves_it_open(folder, recipe):
    image = read(folder / "a.tif").replace(channels=(Channel("GFP", 0.52, pinhole=1.5, modality="confocal"),))
    write(image, folder / "confocal.tif")
    open_one = recipe.replace(psf=())
    (outcome,) = finished(run_files(open_one, [folder / "confocal.tif"]))
    computed = outcome.record.psf[0].computed
    assert (computed["model"]["name"], computed["model"]["pinhole"]) == ("confocal", 1.5)
    assert any("the model confocal is used" in warning for warning in outcome.warnings)
    assert states(finished(run_files(open_one, [folder / "confocal.tif"]))) == {"confocal.tif": "skipped"}
    chosen = open_one.assign(model="born-wolf")
    (outcome,) = finished(run_files(chosen, [folder / "confocal.tif"], folder / "sharp"))
    assert outcome.record.psf[0].computed["model"]["name"] == "born-wolf"
    assert any("Use the model confocal" in warning for warning in outcome.warnings)


def test_whatever_a_file_raises_stops_no_other(folder, recipe, monkeypatch):
    monkeypatch.setattr(Recipe, "read_truth", lambda self, image: {}[image.name] if image.name == "a" else None)
    outcomes = finished(run_files(recipe, [folder / "a.tif", folder / "b.ome.tif"]))
    assert [outcome.state for outcome in outcomes] == ["failed", "done"]
    assert outcomes[0].why == "KeyError 'a'"
