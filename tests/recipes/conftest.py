"""Results of small runs, with everything that a report can tell."""

import numpy as np
import pytest

from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.volumes import run_image
from napari_deconvolution.runs import finished

BELL = np.exp(-np.add.outer(*[np.arange(-6, 7) ** 2 / 4] * 2)).astype(np.float32)


PSF = Image(BELL / BELL.sum(), "yx", {"y": 0.1, "x": 0.1}, name="bell")


def made_record(samples, axes="yx", **settings):
    spacing = {"y": 0.1, "x": 0.1}
    psfs = [PSF] * (len(samples) if "c" in axes else 1)
    image = Image(samples, axes, spacing, name="cell")
    return Record.of(finished(run_image(image, Recipe().assign(**settings), psfs)).image.record)


@pytest.fixture(scope="module")
def noisy():
    return np.random.default_rng(0).poisson(40, (2, 32, 30)).astype(float) + 100


@pytest.fixture(scope="module")
def record(noisy):
    asked = {"residual": True, "reproducibility": True, "gain": 1.0, "offset": 100, "background": 3, "iterations": 12}
    return made_record(noisy, "tyx", algorithm="richardson-lucy", **asked)


@pytest.fixture(scope="module")
def searched(noisy):
    return made_record(noisy[0], algorithm="maximum-likelihood", gain=1.0, offset=100, iterations=8)
