"""Noise of a camera is white; what is done to an image shows in one of three numbers."""

import math

import numpy as np
import pytest
import scipy.ndimage

from napari_deconvolution.algorithms.camera.floor import Floor, line, tapered_spectrum, window_of
from napari_deconvolution.algorithms.camera.whiteness import OBJECTIONS, RAW, Whiteness, falls_too_fast, whiteness

SHAPE = (128, 128)
RADIUS = np.hypot(np.fft.fftfreq(SHAPE[0])[:, None], np.fft.rfftfreq(SHAPE[1]))
CHANCE = (0.0, 0.0, 0.0)


def of_noise(treat):
    """Of shot noise on a ramp, treated in some way, beyond a fifth of a cycle per pixel."""
    ramp = np.tile(np.linspace(50, 200, SHAPE[1]), (SHAPE[0], 1))
    data = treat(np.random.default_rng(0).poisson(ramp).astype(np.float32))
    window, beyond = window_of(SHAPE, None), RADIUS > 0.2
    spectrum = tapered_spectrum(data, window)
    floor = Floor(spectrum, beyond, data, window)
    return whiteness(spectrum, beyond, floor, floor.blocks, line(floor.blocks))


def half_denoised(image):
    image[64:, :64] = scipy.ndimage.uniform_filter(image[64:, :64], 7)
    return image


def test_shot_noise_is_white_even_and_normal():
    found = of_noise(lambda image: image)
    assert (found.tilt, found.scatter) == pytest.approx((1, 1), abs=0.3)
    assert found.kurtosis == pytest.approx(3, abs=0.3)
    assert found.distance < RAW


@pytest.mark.parametrize(
    ("treat", "objection"),
    [(lambda image: scipy.ndimage.gaussian_filter(image, 0.6), OBJECTIONS[0]), (half_denoised, OBJECTIONS[1])],
)
def test_what_was_done_to_an_image_is_said(treat, objection):
    found = of_noise(treat)
    assert found.distance > RAW
    assert found.objection == objection


def test_a_distance_is_measured_in_units_of_what_chance_explains():
    assert Whiteness(1.0, 1.0, 3.0, CHANCE).distance == 0
    assert Whiteness(1.0, 0.5, 2.0, CHANCE).distance == 0, "less than chance is no objection"
    assert Whiteness(math.e**0.6, 3.0, 3.0, CHANCE).distances == pytest.approx((3, 4, 0))
    assert Whiteness(math.e**-0.6, 3.0, 3.0, CHANCE).distance == pytest.approx(5), "either way, as a hypotenuse"
    assert Whiteness(1.0, 1.0, 3.8, CHANCE).objection == OBJECTIONS[2]
    assert Whiteness(math.e**0.6, 1.0, 3.0, (0.1, 0, 0)).distance == pytest.approx(1)


def test_a_spectrum_falls_too_fast_if_it_falls_faster_than_the_otf():
    passed = np.maximum(1 - 2 * RADIUS, 0.01).astype(np.float32) ** 2
    noise = np.random.default_rng(0).normal(0, 1, SHAPE).astype(np.float32)
    raw, smooth = (
        tapered_spectrum(image, window_of(SHAPE, None)) for image in (noise, scipy.ndimage.gaussian_filter(noise, 1.5))
    )
    assert not falls_too_fast(raw, passed)
    assert not falls_too_fast(np.sqrt(passed).astype(complex), passed)
    assert falls_too_fast(smooth, np.ones_like(passed))
