"""What is found about an image before the run decides how it is deconvolved, and is told."""

import numpy as np
import pytest
import scipy.ndimage

from napari_deconvolution import ALGORITHMS, Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.algorithms.stopping.base import STOPS, Unknown
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.simulation.acquisition import acquire

OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
STACK = Grid(shape=(10, 64, 64), spacing=(0.25, 0.08, 0.08))
CONFOCAL = MODELS["confocal"].replace(detection="born-wolf")
KNOWN = {"offset": 100.0, "background": 2.0, "threads": 1}


@pytest.fixture(scope="module")
def scene():
    camera = Camera(offset=100.0, background=2.0, gain=0.5)
    return acquire("filaments", "born-wolf", OPTICS, STACK, photons=100.0, camera=camera, seed=230)


def error(scene, image, **values):
    truth, _, psf = scene
    result = deconvolve(image, psf, spacing=STACK.spacing, **KNOWN | values)
    return fitted_error(result.image, truth), result.record


def test_a_gain_far_too_high_is_told_and_not_followed(scene):
    fair, _ = error(scene, scene[1])
    with pytest.warns(
        UserWarning, match=r"gain: it stands for 8 electrons per count, but the noise of the image shows 0\.\d+"
    ):
        wrong, record = error(scene, scene[1], gain=8.0)
    assert wrong < 1.05 * fair
    assert record["estimated_from_image"]["gain"] == pytest.approx(0.5, rel=0.25)
    with pytest.warns(UserWarning, match="snr: it stands for"):
        error(scene, scene[1], snr=100.0, iterations=1)


def test_a_gain_far_too_low_is_not_followed_all_the_way(scene):
    with pytest.warns(UserWarning, match="as far below that as is careful"):
        _, record = error(scene, scene[1], gain=0.02, iterations=1)
    assert record["estimated_from_image"]["gain"] == pytest.approx(0.5 / 4, rel=0.25)


def test_a_gain_that_agrees_is_followed(scene):
    _, record = error(scene, scene[1], gain=0.6, iterations=1)
    assert "gain_doubt" not in record
    assert "estimated_from_image" not in record


def test_a_processed_image_keeps_the_usual_weight_and_is_told(scene):
    truth, image, _ = scene
    processed = scipy.ndimage.median_filter(image, 3)
    found, record = error(scene, processed)
    assert "its noise is not the same" in record["processed"]
    assert "usual weight" in record["stop"]
    assert "search" not in record
    assert found < 0.8 * fitted_error(processed - 102, truth)


def test_flicker_is_put_into_the_model_and_told():
    camera = Camera(offset=100.0, background=2.0, gain=0.5)
    deep = Grid(shape=(16, 64, 64), spacing=STACK.spacing)
    confocal = acquire("filaments", CONFOCAL, OPTICS, deep, photons=100.0, camera=camera, seed=231)
    factors = 1 + 0.15 * np.random.default_rng(1).standard_normal(16)
    electrons = np.round((confocal[1] - 100) * 0.5).astype(int)
    lit = np.random.default_rng(0).binomial(electrons, (factors / factors.max())[:, None, None]) / 0.5 + 100
    with_factors, record = error(confocal, lit)
    without, plain = error(confocal, lit, flicker=False)
    assert np.std(record["exposure"] / factors) < 0.7 * factors.std()
    assert "exposure" not in plain
    assert with_factors < 0.95 * without
    assert error(confocal, lit, algorithm="tikhonov")[0] < error(confocal, lit, algorithm="tikhonov", flicker=False)[0]


def test_a_lost_plane_is_no_flicker(scene):
    lost = scene[1].copy()
    lost[4] = 0
    record = error(scene, lost, iterations=1)[1]
    assert record["left_out"]["planes"] == lost[4].size
    assert "exposure" not in record


def test_photons_of_a_processed_image_are_not_held_out_even_with_a_gain():
    stop, why = STOPS["auto"].settled(ALGORITHMS["richardson-lucy"], Unknown(raw="the image was processed"))
    assert stop.name == "i-divergence"
    assert "the image was processed" in why
