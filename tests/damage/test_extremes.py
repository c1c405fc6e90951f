"""Images and settings at the ends of what is possible: a result, or one sentence, without a warning of numpy."""

import json

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Grid, Microscope, deconvolve, psf
from napari_deconvolution.images.image import Image
from napari_deconvolution.optics.models.engineered import Zernike
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished

BASE = np.random.default_rng(0).poisson(30, (3, 12, 12)).astype(float)
BELL = np.exp(-np.add.outer(*[np.arange(-6, 7) ** 2 / 4] * 2)).astype(np.float32)
IMAGES = {
    "one voxel": np.full((1, 1), 5.0),
    "one row": BASE[0, :1],
    "two by two": BASE[0, :2, :2],
    "one value": np.full((3, 12, 12), 7.0),
    "dark": np.zeros((3, 12, 12)),
    "one bright voxel": np.pad([[1e6]], ((5, 6), (5, 6))),
    "bright": BASE * 1e10,
    "dim": BASE * 1e-10,
    "two values": BASE > 30,
}


@pytest.mark.parametrize("kind", IMAGES)
def test_a_result_of_numbers_or_one_sentence(kind):
    samples = IMAGES[kind]
    axes = "zyx"[-samples.ndim :]
    kernel = Image(BELL if samples.ndim == 2 else np.stack([BELL / 2, BELL, BELL / 2]), axes)
    for name in ("richardson-lucy", "maximum-likelihood", "wiener", "fista"):
        try:
            result = finished(
                run_image(Image(samples, axes), Recipe().assign(algorithm=name, iterations=2), kernel)
            ).image
        except ValueError as error:
            told = str(error)
        else:
            told = json.dumps(result.record, allow_nan=False)
            assert np.isfinite(result.samples).all()
        assert len(told) > 20


@pytest.mark.parametrize("factor", [1e20, 1e-20, 1e36, 1e-42])
def test_what_single_precision_cannot_hold_is_refused(factor):
    with pytest.raises(ValueError, match="beyond what can be computed in single precision"):
        deconvolve(BASE[0] * factor, BELL, "richardson-lucy", iterations=2)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) for name in ALGORITHMS])
def test_every_method_takes_them(name):
    for samples in IMAGES.values():
        kernel = BELL if samples.ndim == 2 else np.stack([BELL / 2, BELL, BELL / 2])
        try:
            found = deconvolve(samples, kernel, name, iterations=2).image
        except ValueError as error:
            found = np.zeros(len(str(error)) > 20)
        assert found.size
        assert np.isfinite(found).all()


def test_settings_that_would_take_for_ever_are_refused():
    with pytest.raises(ValueError, match="t_coverslip = 170000: must be 0 to 5000"):
        Recipe().assign(t_coverslip=170_000)
    with pytest.raises(ValueError, match="higher: 5000 terms are given"):
        Zernike(higher=(0.1,) * 5000)
    deep = Microscope(na=1.3, n_sample=1.33, depth=10_000)
    with pytest.raises(ValueError, match="more than any objective corrects: lower the depth"):
        psf("gibson-lanni", deep, Grid(shape=(3, 9, 9), spacing=(0.3, 0.1, 0.1)))
