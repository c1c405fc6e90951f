"""A part of an image comes out as in the whole."""

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.preview import preview
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire

OPTICS = Microscope(na=0.9, wavelength=0.5, n_immersion=1.0)
STEPS = (0.6, 0.2, 0.2)
REGION = {"y": slice(40, 70), "x": slice(10, 45)}


@pytest.fixture(scope="module")
def image():
    _, counts, _ = acquire("filaments", "gaussian", OPTICS, Grid(shape=(9, 96, 96), spacing=STEPS), photons=400, seed=3)
    return Image(counts, "zyx", dict(zip("zyx", STEPS, strict=True)))


@pytest.mark.parametrize("algorithm", ["richardson-lucy", "landweber", "maximum-likelihood"])
def test_the_part_equals_that_of_the_whole(image, algorithm):
    recipe = Recipe().assign(
        algorithm=algorithm,
        iterations=15,
        stop="none",
        offset=100,
        background=20,
        mask=False,
        model="gaussian",
        microscope=OPTICS,
    )
    whole = finished(run_image(image, recipe)).image.samples[:, 40:70, 10:45]
    part = finished(preview(image, recipe, {}, REGION)).image.samples
    assert part.shape == whole.shape
    assert abs(part - whole).max() < 0.005 * whole.max()


def test_the_part_has_the_psfs_of_its_depths(image):
    optics = {"model": "gibson-lanni", "na": 1.2, "n_immersion": 1.515, "n_sample": 1.33, "depth": 2.0}
    recipe = Recipe().assign(algorithm="richardson-lucy", iterations=5, offset=100, depth_varying=True, **optics)
    deep = image.replace(samples=image.samples[:, :64, :56])
    whole = finished(run_image(deep, recipe)).image
    (psf,) = Record.of(whole.record).psf
    assert psf.modes > 1 > 100 * psf.model_error
    part = finished(preview(deep, recipe, {}, {"z": slice(3, 7), **REGION})).image.samples
    seen = whole.samples[3:7, 40:64, 10:45]
    assert abs(part - seen).max() < 0.005 * seen.max()
    one = finished(run_image(deep, recipe.replace(depth_varying=False))).image.samples[3:7, 40:64, 10:45]
    assert abs(one - seen).max() > 0.05 * seen.max()


def test_the_chosen_volume_with_the_psf_of_its_channel(image):
    colours = (Channel("DAPI", 0.461), Channel("GFP", 0.509))
    series = Image(np.stack([[image.samples, image.samples[:, ::-1]]] * 2), "tczyx", image.spacing, colours)
    recipe = Recipe().assign(algorithm="richardson-lucy", iterations=5, offset=100, model="gaussian", microscope=OPTICS)
    whole = finished(run_image(series, recipe)).image
    part = finished(preview(series, recipe, {"t": 1, "c": 1}, REGION)).image
    assert part.axes == "zyx"
    assert abs(part.samples - whole.samples[1, 1, :, 40:70, 10:45]).max() < 0.005 * whole.samples[1, 1].max()


def test_nothing_in_the_part(image):
    with pytest.raises(ValueError, match="the part is empty along y: it goes from 96 to 96 of 96"):
        next(preview(image, Recipe().assign(model="gaussian", microscope=OPTICS), {}, {"y": slice(200, 300)}))
