"""Presets: every one can be taken by name, and does what its name says at once."""

import json

import numpy as np
import pytest

from napari_deconvolution import Deconvolution, deconvolve
from napari_deconvolution.algorithms.metrics import fitted_error
from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.scale.recipe import Recipe

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


@every
def test_it_comes_nearer_to_the_truth(name):
    side = np.arange(-8, 9)
    kernel = np.exp(-(side[:, None] ** 2 + side**2) / 8)
    truth = np.zeros((48, 48))
    truth[20:28, 12:36] = 100
    spectrum = np.fft.rfft2(truth) * np.fft.rfft2(np.fft.ifftshift(np.pad(kernel / kernel.sum(), (16, 15))))
    image = np.random.default_rng(1).poisson(np.maximum(np.fft.irfft2(spectrum), 0))
    result = deconvolve(image, kernel, gain=1.0, iterations=60, **PRESETS[name].values)
    assert fitted_error(result.image, truth) < fitted_error(image, truth)
