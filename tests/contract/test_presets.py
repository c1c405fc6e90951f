"""Presets: every one can be taken by name, and does what its name says at once."""

import json

import pytest

from napari_deconvolution import Camera, Deconvolution, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS

CAMERA = Camera(offset=100.0, background=2.0, gain=0.5)

every = pytest.mark.parametrize("name", PRESETS)


@every
def test_it_can_be_taken_where_settings_are(name):
    preset = PRESETS[name]
    assert preset.name == name
    assert len(preset.use) > 20
    assert "\n" not in preset.use
    job = Deconvolution().assign(**preset.values)
    assert Deconvolution.of(json.loads(json.dumps(job.to_dict()))) == job
    assert Recipe().assign(**preset.values).algorithm == job.algorithm


@pytest.fixture
def scene():
    """What makes truth, image and PSF of a specimen, small."""
    objective, grid = (
        Microscope(na=1.3, wavelength=0.52, n_sample=1.515),
        Grid(shape=(6, 32, 32), spacing=(0.3, 0.1, 0.1)),
    )
    return lambda specimen, photons: acquire(
        specimen, "born-wolf", objective, grid, photons=photons, seed=3, camera=CAMERA
    )


@pytest.mark.parametrize(
    ("name", "specimen"),
    [("quick-look", SPECIMENS["filaments"].replace(width=0.3)), ("flat-walls", SPECIMENS["bars"].replace(wall=0.3))],
)
def test_it_comes_nearer_to_the_truth_than_ten_plain_updates(scene, name, specimen):
    truth, image, kernel = scene(specimen, 200.0)
    job = Deconvolution(camera=CAMERA).assign(**PRESETS[name].values)
    result = finished(job.steps(image, kernel, spacing=(0.3, 0.1, 0.1)))
    ten = deconvolve(image, kernel, "richardson-lucy", iterations=10, camera=CAMERA).image
    assert fitted_error(result.image, truth) < 0.9 * fitted_error(ten, truth) < 0.9 * fitted_error(image - 102, truth)


@pytest.mark.parametrize(("name", "field"), [("quantitative", "residual"), ("very-noisy", "uncertainty")])
def test_it_adds_a_map_to_the_default(scene, name, field):
    _, image, kernel = scene("filaments", 20.0)
    job = Deconvolution(camera=CAMERA).assign(**PRESETS[name].values)
    assert job.replace(report=Deconvolution().report) == Deconvolution(camera=CAMERA)
    result = finished(job.assign(weight=0.4, stop="none", iterations=5).steps(image, kernel))
    assert getattr(result, field) is not None
