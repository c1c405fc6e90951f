"""Recipes, microscope files and records with values replaced: they are used, or one sentence says what is wrong."""

import json

import numpy as np
import pytest

from napari_deconvolution.images.image import Image
from napari_deconvolution.optics.microscope import Microscope
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.recipes.microscope_file import read_microscope, write_microscope
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.recipe_file import read_recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.record_form import checked
from napari_deconvolution.recipes.repeat import as_command, as_python
from napari_deconvolution.recipes.report_text import report
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished

from .mutants import mutant

COUNTS = [40, pytest.param(20_000, marks=pytest.mark.slow)]


def refusal(use):
    """Why something cannot be used; empty if it can."""
    try:
        use()
    except (ValueError, OSError) as error:
        return str(error) or "nothing is said"
    return ""


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("what", ["recipe", "microscope"])
def test_a_changed_file_is_read_or_named(tmp_path, what, count):
    rng, path = np.random.default_rng(0), tmp_path / "settings.json"
    recipe = Recipe().assign(model="confocal", algorithm="maximum-likelihood", emissions=(0.5, 0.6))
    write_microscope(path, MODELS["confocal"], Microscope())
    whole = {"recipe": recipe.to_dict(), "version": 2} if what == "recipe" else json.loads(path.read_text())
    said = []
    for _ in range(count):
        path.write_text(json.dumps(mutant(whole, rng)), encoding="utf-8")
        said.append(refusal(lambda: (read_recipe if what == "recipe" else read_microscope)(path)))
    refused = [sentence for sentence in said if sentence]
    assert 0 < len(refused) < count
    assert all(str(path) in sentence and len(sentence) < 2000 for sentence in refused)


@pytest.mark.parametrize("count", COUNTS)
def test_a_changed_record_is_reported_or_named(count):
    rng = np.random.default_rng(0)
    cell = Image(rng.poisson(30, (2, 12, 13)).astype(np.uint16), "tyx", {"y": 0.1, "x": 0.1}, name="cell")
    asked = {"residual": True, "gain": 1.0, "reproducibility": True}
    whole = finished(run_image(cell, Recipe().assign(iterations=2, na=1.2, **asked))).image.record
    said = [refusal(lambda: told(mutant(whole, rng))) for _ in range(count)]
    assert 0 < sum(map(bool, said)) < count
    assert "nothing is said" not in said


def told(form):
    """Everything that is told of a record."""
    record = Record.of(form)
    for number in range(len(record.runs)):
        report(record, number)
    as_command(record)
    as_python(record)


TEXTS = {
    "nested": ("[" * 100_000, "nested too deeply"),
    "digits": ('{"recipe": 1' + "0" * 5000 + "}", "it is not JSON"),
    "null": ("null", "has to hold"),
    "infinite": ('{"recipe": {"iterations": 1e999}}', "iterations = inf: must be a whole number"),
    "many digits": ('{"recipe": {"iterations": 1' + "0" * 400 + "}}", "iterations = 'a number of many digits'"),
    "no name": ('{"recipe": {"algorithm": {"iterations": 3}}}', "algorithm: there is no algorithm without a name"),
    "inside": ('{"recipe": {"camera": {"gain": -1}}}', "camera: gain = -1: must be at least"),
    "a microscope": ('{"microscope": {}}', "is a microscope, not a recipe"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_texts_that_are_no_recipe(tmp_path, case):
    text, sentence = TEXTS[case]
    path = tmp_path / "recipe.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_recipe(path)


def test_a_recipe_is_no_microscope(tmp_path):
    (tmp_path / "recipe.json").write_text('{"recipe": {}}')
    with pytest.raises(ValueError, match="is a recipe, not a microscope"):
        read_microscope(tmp_path / "recipe.json")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"runs": {}}, "record.runs is no list"),
        ({"runs": [{"history": [[1.0, 2.0]]}]}, "record.runs.0.history.0 is no list of 6"),
        ({"runs": [{"photons": {"image": 1.0}}]}, "record.runs.0.photons has no estimate"),
        ({"psf": ["bead"]}, "record.psf.0 is no set of entries"),
        ({"name": 5}, "record.name is no text"),
    ],
)
def test_a_damaged_record_is_said_where(form, sentence):
    with pytest.raises(ValueError, match=sentence):
        checked(form)
