"""The record: what is written is read again, and what earlier versions wrote is read as the type of now."""

import json

import numpy as np
import pytest

from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.record import PsfOrigin, Record, VolumeRecord
from napari_deconvolution.recipes.record_upgrade import VERSION, upgraded
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished

SPACING = {"z": 0.3, "y": 0.1, "x": 0.1}

FIRST = {
    "software": {"napari-deconvolution": "0.1.0"},
    "recipe": {"iterations": 5},
    "psf": [{"given": "a", "software": {}, "psf": {"model": {}, "microscope": {}, "grid": {}}, "best focus": 0.5}, {}],
    "voxel": [0.3, 0.1, 0.1],
    "runs": [
        {
            "t": 1,
            "c": 0,
            "updates": 5,
            "reason": "5 iterations done",
            "sum before": 2.0,
            "sum after": 3.0,
            "reduced chi square": 0.9,
            "told by the image": {"gain": 2.0},
            "left out": {"hot": 1},
            "against the truth": {"nrmse": 0.1},
            "residual": {"reduced chi square": 0.8, "frequency": [0.1], "power": [1.0]},
            "history": [[0.1, None, 1.0, 2.0, 0.5, None]],
        }
    ],
    "image": {"psf": {"given": "bead"}, "counts per unit": 4.0, "simulation": {"seed": 0}},
    "stored": {"dtype": "uint16"},
}
"""A record of version 0.1.0 with every key that has been renamed."""


@pytest.fixture(scope="module")
def result():
    samples = np.random.default_rng(0).poisson(50, (2, 4, 16, 16))
    optics = {"na": 0.9, "n_immersion": 1.0, "model": "gaussian"}
    recipe = Recipe().assign(algorithm="richardson-lucy", iterations=2, gain=1.0, residual=True, **optics)
    return finished(run_image(Image(samples, "tzyx", SPACING, name="cells"), recipe)).image


def test_what_a_run_writes_is_json_and_is_read_again(result):
    form = json.loads(json.dumps(result.record))
    record = Record.of(form)
    assert form["version"] == VERSION
    assert record.is_result
    assert not record.is_psf
    assert record.to_dict() == form == result.record
    assert [run.index for run in record.runs] == [{"t": 0}, {"t": 1}]
    assert isinstance(form["psf"], list)
    assert record.psf[0].computed["model"]["name"] == "gaussian"


def test_keys_are_identifiers(result):
    def keys(value):
        if isinstance(value, dict):
            for key, item in value.items():
                yield key
                yield from keys(item)
        elif isinstance(value, list):
            for item in value:
                yield from keys(item)

    packages = set(result.record["software"])
    assert [key for key in keys(result.record) if key not in packages and not key.isidentifier()] == []


def test_every_key_of_version_0_1_0_has_its_field():
    record = Record.of(FIRST)
    (run,) = record.runs
    assert run == VolumeRecord(
        index={"t": 1, "c": 0},
        iterations=5,
        reason="5 iterations done",
        sum_before=2.0,
        sum_after=3.0,
        reduced_chi_square=0.9,
        estimated_from_image={"gain": 2.0},
        left_out={"hot": 1},
        against_truth={"nrmse": 0.1},
        residual={"chi_square": 0.8, "frequency": [0.1], "power": [1.0]},
        history=([0.1, None, 1.0, 2.0, 0.5, None],),
    )
    assert record.psf[0].best_focus == 0.5
    assert set(record.psf[0].computed) == {"model", "microscope", "grid"}
    assert record.image["psf"] == [{"given": "bead"}]
    assert record.image["counts_per_unit"] == 4.0
    assert record.further == {"stored": {"dtype": "uint16"}}
    assert Record.of(record.to_dict()) == record


def test_a_record_of_now_is_left_as_it_is(result):
    assert upgraded(result.record) == result.record


def test_an_image_without_a_record():
    assert Record.of({}) == Record()
    with pytest.raises(ValueError, match="not the result of a deconvolution"):
        _ = Record().settings


def test_a_psf_is_told_from_what_is_made_with_one():
    psf = PsfRecipe().assign(model="gaussian", shape=(5, 9, 9), spacing=(0.3, 0.1, 0.1)).make()
    origin = Record.of(psf.record).psf[0]
    assert Record.of(psf.record).is_psf
    assert not Record(psf=(origin,), image={"name": "cells"}).is_psf
    assert not Record(psf=(PsfOrigin(given="bead"),)).is_psf


def test_a_given_psf_keeps_how_it_was_computed_and_how_it_was_stored():
    psf = PsfRecipe().assign(model="gaussian", na=0.9, n_immersion=1, shape=(5, 9, 9), spacing=(0.3, 0.1, 0.1)).make()
    stored = psf.replace(record={**psf.record, "stored": {"dtype": "uint16"}}, name="kernel")
    image = Image(np.ones((4, 16, 16)), "zyx", SPACING)
    _, origin = Recipe().kernel(image, stored)
    assert origin.given == "kernel"
    assert PsfRecipe.of(origin.computed).microscope.na == 0.9
    assert origin.further == {"stored": {"dtype": "uint16"}}
