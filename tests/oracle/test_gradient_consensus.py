"""Gradient consensus: the update as published, the halves, and that it spares what is only noise."""

from itertools import pairwise

import numpy as np
import pytest

from napari_deconvolution import deconvolve
from napari_deconvolution.algorithms.camera.photon_splitting import split
from napari_deconvolution.algorithms.forward.blur import Blur


@pytest.fixture
def scene():
    psf = np.outer(*[np.exp(-((np.arange(15) - 7) ** 2) / 8)] * 2).astype(np.float32)
    psf /= psf.sum()
    truth = np.zeros((48, 48), np.float32)
    truth[10:24, 12:20], truth[30:34, 6:42] = 200, 300
    image = np.random.default_rng(0).poisson(Blur(psf, truth.shape, "periodic").forward(truth) + 5)
    return image.astype(np.float32), psf, truth


def run(image, psf, name, iterations, **settings):
    fixed = {"boundary": "periodic", "background": 5, "stop": "none", "gain": 1, "mask": False}
    return deconvolve(image, psf, name, iterations=iterations, **{**fixed, **settings})


def test_the_halves_are_independent_photons(scene):
    image, _, _ = scene
    first, second = split(image * 50, 0.0, 0.5, np.random.default_rng(1))
    np.testing.assert_allclose(first + second, image * 50)
    assert (first >= 0).all()
    assert (second >= 0).all()
    # Each is Poisson about half of the image: their difference has the variance of their sum.
    assert np.mean((first - second) ** 2 / (image * 50 + 1e-3)) == pytest.approx(1, rel=0.06)


def test_the_update_is_the_published_one(scene):
    image, psf, _ = scene
    estimates = []
    run(image, psf, "gradient-consensus", 6, seed=3, watch=lambda step: estimates.append(step.estimate.astype(float)))
    otf = np.fft.rfft2(np.roll(np.pad(psf, (0, 33)), (-7, -7), (0, 1)))

    def through(x, response):
        return np.fft.irfft2(np.fft.rfft2(x) * response, x.shape)

    halves = split(image, 0.0, 0.5, np.random.default_rng(3))
    for before, after in pairwise(estimates):
        expected = through(before, otf) + 5
        update = [through(half / (expected / 2), otf.conj()) for half in halves]
        consensus = through(through((update[0] - 1) * (update[1] - 1), otf), otf.conj())
        want = before * np.where(consensus < 0, 1, through(image / expected, otf.conj()))
        clear = np.abs(consensus) > 1e-6
        assert clear.mean() > 0.5
        np.testing.assert_allclose(after[clear], want[clear], rtol=2e-3, atol=1e-3)


def test_it_does_not_fit_the_noise(scene):
    """After many iterations Richardson–Lucy has lost to the noise what this keeps."""
    image, psf, truth = scene
    lucy, consensus = (
        np.linalg.norm(run(image, psf, name, 400).image - truth) for name in ("richardson-lucy", "gradient-consensus")
    )
    assert consensus < 0.9 * lucy


def test_the_seed_decides(scene):
    image, psf, _ = scene
    one, same, other = (run(image, psf, "gradient-consensus", 20, seed=seed).image for seed in (0, 0, 1))
    assert (one == same).all()
    assert (one != other).any()
