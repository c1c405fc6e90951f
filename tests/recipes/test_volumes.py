"""Whole images: axes, voxel sizes, time points, the record."""

import json

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope, deconvolve, psf, runs
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.optics.measured_psf import MeasuredPsf
from napari_deconvolution.recipes.checks import findings
from napari_deconvolution.recipes.inputs import with_spacing
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import UNKNOWN_VOXEL, Recipe
from napari_deconvolution.recipes.volumes import run_image

SPACING = {"z": 0.3, "y": 0.1, "x": 0.1}
OPTICS = Microscope(na=1.2, wavelength=0.5, n_immersion=1.333, n_sample=1.333)


def finished(walk):
    steps = []
    return runs.finished(walk, steps.append).image, steps


@pytest.fixture
def series():
    samples = np.random.default_rng(0).poisson(30, (3, 5, 12, 14)).astype(np.uint16)
    return Image(samples, "tzyx", {"t": 2.0, **SPACING}, (Channel("GFP", 0.509),), name="cells")


@pytest.fixture
def kernel():
    return PsfRecipe(grid=Grid(shape=(9, 25, 25), spacing=tuple(SPACING.values())), microscope=OPTICS).make()


def test_every_time_point_is_deconvolved_alone(series, kernel):
    result, steps = finished(run_image(series, Recipe(iterations=4, search="volume"), kernel))
    assert result.axes == series.axes
    assert result.spacing == series.spacing
    assert result.channels == series.channels
    for t in range(3):
        assert (
            result.samples[t]
            == deconvolve(series.samples[t], kernel.samples, iterations=4, spacing=tuple(SPACING.values())).image
        ).all()
    assert [progress.share for progress in steps] == sorted(progress.share for progress in steps)
    assert steps[-1].share == 1
    assert steps[-1].words.startswith("volume 3 of 3 (t=2), ")


def test_axes_may_come_in_any_order(series, kernel):
    turned = Image(series.samples.transpose(3, 1, 0, 2), "xzty", series.spacing)
    result, _ = finished(run_image(turned, Recipe(iterations=3), kernel))
    straight, _ = finished(run_image(series, Recipe(iterations=3), kernel))
    assert (result.samples.transpose(2, 1, 3, 0) == straight.samples).all()


def test_a_psf_is_made_from_the_optics(series):
    recipe = Recipe(iterations=3, microscope=OPTICS)
    result, _ = finished(run_image(series.select(t=0), recipe))
    h = psf("gibson-lanni", OPTICS, Grid.for_image((5, 12, 14), tuple(SPACING.values()), OPTICS))
    assert (
        result.samples == deconvolve(series.samples[0], h, iterations=3, spacing=tuple(SPACING.values())).image
    ).all()


def test_a_psf_of_another_voxel_size_is_resampled(series, kernel):
    fine = PsfRecipe(grid=Grid(shape=(17, 101, 101), spacing=(0.15, 0.025, 0.025)), microscope=OPTICS).make()
    image = series.select(t=0)
    same, _ = finished(run_image(image, Recipe(iterations=5), kernel))
    resampled, _ = finished(run_image(image, Recipe(iterations=5), fine))
    unaware, _ = finished(run_image(image, Recipe(iterations=5), fine.replace(spacing=SPACING)))
    error = abs(resampled.samples - same.samples).max()
    assert error < 0.1 * abs(unaware.samples - same.samples).max()
    assert error < 0.03 * same.samples.max()


def test_the_record_tells_all_and_is_json(series, kernel):
    result, _ = finished(run_image(series, Recipe(iterations=2, camera={"offset": 2}), kernel))
    record = json.loads(json.dumps(result.record))
    assert record == result.record
    again = Recipe.of(record["recipe"])
    assert again.camera.offset == 2
    assert len(record["runs"]) == 3
    assert record["runs"][1]["reason"] == "2 iterations, as found on the first volume"
    assert {"napari-deconvolution", "numpy", "scipy", "transforms"} <= set(record["software"])
    assert PsfRecipe.of(record["psf"][0]["computed"]).microscope == OPTICS


def test_the_same_recipe_from_the_record_gives_the_same_voxels(series, kernel):
    image = series.select(t=0)
    once, _ = finished(run_image(image, Recipe(algorithm="tikhonov", measured=MeasuredPsf(psf_origin="n//2")), kernel))
    twice, _ = finished(run_image(image, Recipe.of(once.record["recipe"]), kernel))
    assert (once.samples == twice.samples).all()


BAD = {
    "two channels": (
        lambda image, h: (Image(np.ones((2, 8, 8)), "cyx", SPACING and {}, (Channel("DAPI"), Channel("GFP"))), h),
        r"psf: there are 1 for an image of 2 channels; give one for each",
    ),
    "no voxel size": (
        lambda image, h: (image.replace(spacing={}), None),
        r"voxel size of the image is not known.*--spacing",
    ),
    "no voxel size beside a psf": (
        lambda image, h: (image.replace(spacing={}), h),
        r"voxel size of the image is not known.*--spacing",
    ),
    "2-d psf": (lambda image, h: (image, h.select(z=0)), r"psf: it has axes y=25 x=25.*z y x"),
    "series as psf": (lambda image, h: (image, image), r"psf: it has axes t=3"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_before_anything_is_computed(case, series, kernel):
    make, sentence = BAD[case]
    image, h = make(series, kernel)
    with pytest.raises(ValueError, match=sentence):
        next(run_image(image, Recipe(iterations=2), h))


def test_a_psf_without_voxel_size_has_that_of_the_image_and_it_is_said(series, kernel):
    known = series.select(t=0)
    with pytest.warns(UserWarning, match="voxel size of the PSF is not known: that of the image is taken"):
        result, _ = finished(run_image(known, Recipe(iterations=2), kernel.replace(spacing={})))
    assert (result.samples == finished(run_image(known, Recipe(iterations=2), kernel))[0].samples).all()
    assert any(found.sentence == UNKNOWN_VOXEL for found in findings(known, Recipe(), psf=kernel.replace(spacing={})))


def test_spacing_can_be_given(series):
    assert with_spacing(series, (1.0, 0.5, 0.5)).voxel == (1.0, 0.5, 0.5)
    assert with_spacing(series, ()) is series
    with pytest.raises(ValueError, match=r"spacing = \(1.0, 0.5\): give one positive number in µm for each of z y x"):
        with_spacing(series, (1.0, 0.5))
