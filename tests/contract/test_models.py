"""What every PSF model promises, by the table of the registry."""

import doctest
import json

import numpy as np
import pytest

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import MODELS, Model, best_focus, psf

GRID = Grid(shape=(5, 17, 16), spacing=(0.3, 0.1, 0.1))
DEEP = Microscope(na=1.2, n_sample=1.38, depth=3.0)

pytestmark = [pytest.mark.parametrize("name", MODELS), pytest.mark.filterwarnings("ignore:spacing = ")]


def test_it_names_its_source_and_shows_an_example(name):
    documentation = type(MODELS[name]).__doc__
    assert "doi:10." in documentation
    assert doctest.DocTestParser().get_examples(documentation)


def test_it_survives_json(name):
    model = MODELS[name].replace(accuracy=1e-3, sampling="centre", focus="stage")
    assert Model.of(json.loads(json.dumps(model.to_dict()))) == model
    assert Model.of(name) == MODELS[name]


def test_a_name_and_an_object_are_the_same(name):
    np.testing.assert_array_equal(psf(name, DEEP, GRID), psf(MODELS[name], DEEP, GRID))


def test_the_intensity_is_that_of_an_even_wave_through_the_aperture(name):
    """One at the focus without aberration, never above: products of intensities, as in a confocal microscope, then need
    no scale.
    """
    matched = Microscope(na=1.2)
    model = MODELS[name].replace(sampling="centre")
    assert model.engineered or model.intensity(matched, GRID)[2, 8, 8] == pytest.approx(1, abs=1e-4)
    assert max(model.intensity(microscope, GRID).max() for microscope in (matched, DEEP)) <= 1 + 1e-4


def test_pixels_average_what_points_sample(name):
    """A pixel cut into 5 × 5 has the mean of the 25."""
    coarse = MODELS[name].intensity(DEEP, Grid(shape=(3, 7, 7), spacing=(0.3, 0.25, 0.2)))
    fine = MODELS[name].intensity(DEEP, Grid(shape=(3, 35, 35), spacing=(0.3, 0.05, 0.04)))
    np.testing.assert_allclose(coarse, fine.reshape(3, 7, 5, 7, 5).mean(axis=(2, 4)), rtol=0, atol=2e-4)


def test_stage_and_best_focus_differ_by_the_reported_shift(name):
    """With a z step of the shift itself, the plane one step from the stage's zero is the best focus."""
    shift = best_focus(name, DEEP)
    assert shift == pytest.approx(DEEP.depth * DEEP.n_immersion / DEEP.n_sample, rel=0.2)
    grid = GRID.replace(spacing=(shift, 0.1, 0.1))
    on_stage, best = (MODELS[name].replace(focus=focus).intensity(DEEP, grid) for focus in ("stage", "best"))
    np.testing.assert_allclose(on_stage[1:], best[:-1], rtol=0, atol=2e-4)


@pytest.mark.parametrize("planes", [5, 4])
def test_flipped_planes_run_the_other_way_from_the_same_origin(name, planes):
    grid = GRID.replace(shape=(planes, 9, 8))
    plain, flipped = (MODELS[name].replace(flip_z=flip).intensity(DEEP, grid) for flip in (False, True))
    inside = slice(1 - planes % 2, planes)
    np.testing.assert_allclose(flipped[inside], plain[inside][::-1], rtol=0, atol=1e-4)


def test_it_changes_smoothly_with_the_microscope(name):
    here, there = (psf(name, DEEP.replace(depth=depth), GRID) for depth in (3.0, 3.001))
    assert abs(here - there).max() < 2e-3 * here.max()
