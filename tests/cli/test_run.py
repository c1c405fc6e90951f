"""Recipes at the command line, and the texts that repeat a result."""

import shlex

import pytest

from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.cli import main
from napari_deconvolution.images.files import read
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.repeat import as_command, as_python
from napari_deconvolution.runs import finished

RUNS = {
    "from the optics": "image.tif --algorithm richardson-lucy --iterations 3 --penalty total-variation --na 1.1 "
    "--n-immersion 1.333",
    "from a file": "image.tif --algorithm tikhonov --weight 0.0123456789 --psf psf.tif --offset 1.5",
    "settings that are not used": "image.tif --algorithm tikhonov --weight 0.01 --psf psf.tif --psf-origin centre",
    "all channels": "series.tif --algorithm landweber --iterations 2 --n-immersion 1.333 "
    "--emissions 450nm 0.53 --stop none",
    "one channel": "series.tif --algorithm richardson-lucy --iterations 2 --acceleration momentum "
    "--channel 1 --psf psf.tif --threads 1",
}


@pytest.mark.parametrize("case", RUNS)
@pytest.mark.parametrize("text", ["command", "python"])
def test_the_texts_of_a_result_make_it_again(command, folder, case, text):
    code, _, said = command(f"deconvolve {RUNS[case]} -o first.ome.tif")
    assert code == 0, said
    first = read(folder / "first.ome.tif")
    output = folder / f"{RUNS[case].partition('.')[0]}_deconvolved.ome.tif"
    if text == "command":
        for line in as_command(Record.of(first.record)).splitlines():
            program, *argv = shlex.split(line)
            assert program == "napari-deconvolution"
            assert main(argv) == 0
    else:
        exec(as_python(Record.of(first.record)), {})
    again = read(output)
    assert (again.samples == first.samples).all()
    assert {**again.record, "runs": 0, "command": 0} == {**first.record, "runs": 0, "command": 0}


def test_a_saved_recipe_makes_it_again(command, folder):
    command(
        "deconvolve image.tif -o first.ome.tif --psf psf.tif --algorithm richardson-lucy --iterations 3 "
        "--save-recipe r.json"
    )
    (folder / "copy.tif").write_bytes((folder / "image.tif").read_bytes())
    code, said, _ = command("run r.json image.tif copy.tif -o sharp")
    assert code == 0
    assert said.splitlines() == [f"{name}.tif: done, sharp/{name}_deconvolved.ome.tif" for name in ("image", "copy")]
    for name in ("image", "copy"):
        assert (
            read(folder / "sharp" / f"{name}_deconvolved.ome.tif").samples == read(folder / "first.ome.tif").samples
        ).all()
    assert command("run first.ome.tif copy.tif")[0] == 0
    assert (read(folder / "copy_deconvolved.ome.tif").samples == read(folder / "first.ome.tif").samples).all()


def test_failed_files_are_told_at_the_end(command, folder):
    command(
        "deconvolve image.tif -o first.ome.tif --psf psf.tif --algorithm richardson-lucy --iterations 3 "
        "--save-recipe r.json"
    )
    code, said, wrong = command("run r.json bare.tif image.tif nothing.tif")
    assert code == 1
    assert [line.split(": ")[1].split(",")[0] for line in said.splitlines()] == ["failed", "done", "failed"]
    assert "2 of 3 files failed (bare.tif, nothing.tif)" in wrong
    code, said, _ = command("run r.json image.tif")
    assert (code, said) == (0, "image.tif: skipped, image_deconvolved.ome.tif is finished\n")


def test_what_is_asked_for_beside_the_result_is_written_beside_it(command, folder):
    options = (
        "--algorithm richardson-lucy --iterations 3 --psf psf.tif --gain 1 --residual yes --uncertainty 2 --keep 2"
    )
    code, said, _ = command(f"deconvolve image.tif -o sharp.ome.tif {options}")
    assert code == 0
    assert "sharp_residual.ome.tif: residual, z=6 y=20 x=22" in said
    assert read(folder / "sharp_uncertainty.ome.tif").spacing == read(folder / "image.tif").spacing
    assert read(folder / "sharp_kept.ome.tif").samples.shape == (1, 6, 20, 22)
    before = (folder / "sharp_residual.ome.tif").read_bytes()
    code, _, wrong = command(f"deconvolve image.tif -o sharp2.ome.tif {options}")
    assert code == 0
    (folder / "sharp.ome.tif").unlink()
    code, _, wrong = command(f"deconvolve image.tif -o sharp.ome.tif {options}")
    assert code == 2
    assert "sharp_residual.ome.tif" in wrong
    assert not (folder / "sharp.ome.tif").exists()
    assert (folder / "sharp_residual.ome.tif").read_bytes() == before


def test_presets(command, folder):
    assert command("deconvolve image.tif -o out.ome.tif --preset quick-look --psf psf.tif --offset 1")[0] == 0
    assert Recipe.of(read(folder / "out.ome.tif").record["recipe"]) == Recipe(psf=("psf.tif",)).assign(
        **PRESETS["quick-look"].values, offset=1
    )
    code, _, wrong = command("deconvolve image.tif -o out2.ome.tif --preset best --psf psf.tif")
    assert code == 2
    assert "there is no preset 'best'; there are quick-look" in wrong


@pytest.mark.parametrize("text", ["command", "python"])
def test_a_psf_that_was_made_in_between_is_made_again(command, folder, text):
    from napari_deconvolution.recipes.batch import deconvolve_file

    recipe = Recipe().assign(algorithm="richardson-lucy", iterations=3, offset=2)
    made = PsfRecipe().assign(model="gaussian", na=1.0, shape=(7, 21, 21), spacing=(0.4, 0.15, 0.12)).make()
    first = deconvolve_file("image.tif", recipe, made).image
    if text == "command":
        lines = as_command(Record.of(first.record)).splitlines()
        assert [shlex.split(line)[1] for line in lines] == ["psf", "deconvolve"]
        assert all(main(shlex.split(line)[1:]) == 0 for line in lines)
    else:
        exec(as_python(Record.of(first.record)), {})
    assert (read("image_deconvolved.ome.tif").samples == first.samples).all()


def test_what_has_to_be_saved_first_is_said(command, folder):
    from napari_deconvolution.images.image import Image
    from napari_deconvolution.recipes.volumes import run_image

    image = read("image.tif").replace(source=None, name="my cells")
    kernel = Image(read("psf.tif").samples, "zyx", image.spacing, name="bead 3")
    record = Record.of(
        finished(run_image(image, Recipe().assign(algorithm="tikhonov", weight=0.01), kernel)).image.record
    )
    for text in (as_command(record), as_python(record)):
        assert "# First save the layer 'my cells' as my_cells.ome.tif." in text
        assert "# First save the PSF as bead_3.ome.tif." in text


def test_against_the_truth(command, folder):
    code, said, _ = command(
        "deconvolve image.tif -o out.ome.tif --preset quick-look --psf psf.tif --offset 1 --truth bare.tif"
    )
    assert code == 0
    assert "against the truth: NRMSE 0." in said


def test_optics_that_are_not_used_are_not_told():
    recipe = Recipe(psf=("psf.tif",)).assign(na=0.5, model="confocal")
    expected = "napari-deconvolution deconvolve cells.tif -o cells_deconvolved.ome.tif --psf psf.tif"
    assert as_command(Record(recipe=recipe.to_dict(), source="cells.tif")) == expected
    centred = Recipe().assign(psf_origin="centre")
    assert "--psf-origin" not in as_command(Record(recipe=centred.to_dict(), source="cells.tif"))


def test_what_is_read_is_not_written_over_by_what_is_written_beside(command, folder):
    (folder / "a_residual.ome.tif").write_bytes((folder / "image.tif").read_bytes())
    code, _, wrong = command(
        "deconvolve a_residual.ome.tif -o a.ome.tif --preset quantitative --psf psf.tif --overwrite"
    )
    assert code == 2
    assert "a_residual.ome.tif is read and written" in wrong
