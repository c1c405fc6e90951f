"""A microscope is saved by one command and read by others; a PSF is reported and drawn."""

import json

import numpy as np
import pytest

from napari_deconvolution import MODELS, Grid, psf
from napari_deconvolution.images.files import read
from napari_deconvolution.optics.psf_report import psf_report
from napari_deconvolution.recipes.microscope_file import read_microscope, write_microscope
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe

from .conftest import OPTICS

ASKED = "--na 1.1 --wavelength 525nm --n-immersion 1.333 --n-sample 1.4"
FINE = (0.2, 0.06, 0.05)
GRID = Grid(shape=(5, 15, 17), spacing=FINE)
SAMPLED = "--shape 5 15 17 --spacing 0.2 60nm 50nm"


@pytest.mark.parametrize("model", MODELS)
def test_every_model_survives_its_profile(tmp_path, model):
    path = write_microscope(tmp_path / "a.json", MODELS[model].replace(accuracy=3e-4), OPTICS)
    assert PsfRecipe().assign(**read_microscope(path)) == PsfRecipe(
        model=MODELS[model].replace(accuracy=3e-4), microscope=OPTICS
    )


def test_what_psf_saves_psf_and_deconvolve_read(command):
    first = f"psf -o one.tif --model confocal --pinhole 1.5 --save-microscope a.json {ASKED} {SAMPLED}"
    assert command(first)[0] == 0
    code, said, _ = command(f"psf -o two.tif --microscope a.json {SAMPLED}")
    assert code == 0
    assert "model confocal (a.json), na 1.1 (a.json)" in said
    assert np.array_equal(read("one.tif").samples, read("two.tif").samples)
    code, said, _ = command(f"psf -o three.tif --microscope a.json --pinhole 0.5 --na 1.0 {SAMPLED}")
    assert "na 1 (option), wavelength 525nm (a.json)" in said
    changed = MODELS["confocal"].replace(pinhole=0.5)
    assert np.array_equal(read("three.tif").samples, psf(changed, OPTICS.replace(na=1.0), GRID))
    code, said, _ = command(
        "deconvolve bare.tif -o out.ome.tif --axes zyx --spacing 0.4 0.15 0.12 --iterations 2 --microscope a.json"
    )
    assert code == 0, "the profile tells all that the file does not"
    recipe = Recipe.of(read("out.ome.tif").record["recipe"])
    assert (recipe.model, recipe.microscope) == (MODELS["confocal"].replace(pinhole=1.5), OPTICS)


def test_a_profile_counts_before_the_file_of_the_image(command, tmp_path):
    write_microscope("a.json", MODELS["born-wolf"], OPTICS.replace(na=0.9))
    _, said, _ = command("deconvolve image.tif -o out.ome.tif --iterations 1 --microscope a.json")
    assert "model born-wolf (a.json), na 0.9 (a.json)" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "a.json is no microscope file: it is not JSON"),
        ("[1]", "a.json is no microscope file: it has to hold"),
        ('{"microscope": {"na": 1.2}}', "a.json: the microscope lacks wavelength, n_immersion"),
        (
            '{"microscope": {"na": 1.2, "wavelength": 525, "n_immersion": 1.5}}',
            "a.json: wavelength = 525: must be 0.2 to 2 µm",
        ),
        (
            '{"microscope": {"na": 1.2, "wavelength": 0.5, "n_immersion": 1.5, "nsample": 1}}',
            "has no parameter 'nsample'; did you mean",
        ),
        (
            '{"microscope": {"na": 1.2, "wavelength": 0.5, "n_immersion": 1.5}, "model": "wide"}',
            "there is no PSF model 'wide'",
        ),
        (
            '{"microscope": {"na": 1.2, "wavelength": 0.5, "n_immersion": 1.5}, "model": {}}',
            "a.json: the model has no name",
        ),
    ],
)
def test_a_file_that_is_no_profile(command, folder, text, sentence):
    (folder / "a.json").write_text(text)
    code, _, errors = command("psf -o out.tif --microscope a.json")
    assert code == 2
    assert sentence in errors
    assert not (folder / "out.tif").exists()


def test_values_that_a_profile_does_not_tell_are_not_said_to_be_its(command, folder):
    (folder / "a.json").write_text(json.dumps({"microscope": {"na": 1.1, "wavelength": 0.5, "n_immersion": 1.333}}))
    _, said, _ = command(f"psf -o out.tif --microscope a.json --n-sample 1.4 {SAMPLED}")
    assert "model gibson-lanni (default), na 1.1 (a.json)" in said
    assert "n_coverslip 1.52 (default)" in said


def test_a_profile_and_a_psf_exclude_each_other(command):
    write_microscope("a.json", MODELS["born-wolf"], OPTICS)
    code, _, errors = command("deconvolve image.tif -o out.ome.tif --psf psf.tif --microscope a.json")
    assert code == 2
    assert "--microscope a.json is for a PSF that is computed" in errors


def test_report_and_picture(command, folder):
    image = pytest.importorskip("matplotlib.image")
    asked = f"--model born-wolf {ASKED} {SAMPLED}"
    code, said, errors = command(f"psf -o out.tif --report --picture out.png {asked}")
    assert (code, errors) == (0, "")
    assert str(psf_report(psf("born-wolf", OPTICS, GRID), FINE, "born-wolf", OPTICS)) in said
    assert image.imread(folder / "out.png").std() > 0.1
    for name, sentence in (
        ("out.png", "out.png exists already"),
        ("a.jpg", "end the name in .png"),
        ("no/a.png", "there is no folder no"),
    ):
        code, _, errors = command(f"psf -o other.tif --picture {name} {asked}")
        assert code == 2
        assert sentence in errors
        assert not (folder / "other.tif").exists()
