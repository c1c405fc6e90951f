"""Spectra against closed forms: waves of known amplitude in white noise, the Airy disk, and what is shifted or
unlike.
"""

import numpy as np
import pytest

from napari_deconvolution import MODELS, Grid, Microscope, psf
from napari_deconvolution.algorithms.metrics.spectra import spectra

STEP = 0.1
POINT = np.ones((1, 1))


def wave(cycles, shape=(200, 128)):
    return np.broadcast_to(np.sin(2 * np.pi * cycles * np.arange(shape[1]) / shape[1]), shape)


def test_signal_to_noise_of_a_wave():
    """Of a sine of amplitude a in noise of variance v the power is (a Σw / 2)² at its frequency, the noise v Σw²."""
    from napari_deconvolution.fourier import taper

    amplitude, variance, cycles = 3.0, 4.0, 20
    noise = np.random.default_rng(0).normal(0, np.sqrt(variance), (200, 128))
    image = amplitude * wave(cycles) + noise
    found = spectra(wave(cycles), image, image, POINT, np.full(image.shape, variance), STEP)
    window = taper((128,)).astype(float)
    expected = amplitude * window.sum() / 2 / np.sqrt(variance * np.square(window).sum())
    assert found.snr[cycles] == pytest.approx(expected, rel=0.02)
    assert found.frequency[cycles] == pytest.approx(cycles / (128 * STEP))
    assert np.median(found.snr[30:]) < 0.4


def test_agreement_is_of_the_parts_alike():
    """Truth of two waves; the image holds the first one and the second one upside down, the estimate neither."""
    truth = wave(10) + wave(40)
    found = spectra(truth, wave(10) - wave(40), wave(25), POINT, np.ones(truth.shape), STEP)
    assert found.seen[10] == pytest.approx(1, abs=1e-3)
    assert found.seen[40] == pytest.approx(-1, abs=1e-3)
    unlike = np.random.default_rng(1).normal(size=truth.shape)
    assert abs(spectra(truth, truth, unlike, POINT, np.ones(truth.shape), STEP).found[10]) < 0.25


@pytest.mark.parametrize("axis", [-1, -2])
def test_transfer_of_an_ideal_lens(axis):
    microscope = Microscope(na=0.5, wavelength=0.5, n_immersion=1.333, n_sample=1.333)
    kernel = psf(
        MODELS["born-wolf"].replace(sampling="centre"), microscope, Grid(shape=(401, 401), spacing=(STEP, STEP))
    )
    blank = np.random.default_rng(0).random((64, 64))
    found = spectra(blank, blank, blank, kernel, blank, STEP, axis)
    share = np.minimum(found.frequency / (2 * microscope.na / microscope.wavelength), 1)
    assert found.transfer == pytest.approx(2 / np.pi * (np.arccos(share) - share * np.sqrt(1 - share**2)), abs=0.02)


def test_an_axial_transfer_is_that_of_the_line_through_the_focus():
    sigma = 0.4
    z, y = (np.arange(61) - 30) * STEP, np.arange(9) - 4
    kernel = np.exp(-(z**2) / (2 * sigma**2))[:, None, None] * np.exp(-np.add.outer(y**2, y**2))
    blank = np.random.default_rng(0).random((32, 5, 6))
    found = spectra(blank, blank, blank, kernel, blank, STEP, axis=0)
    assert found.transfer == pytest.approx(np.exp(-2 * (np.pi * sigma * found.frequency) ** 2), abs=1e-6)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"have the shapes \(4, 4\), \(4, 5\); crop"):
        spectra(np.ones((4, 4)), np.ones((4, 5)), np.ones((4, 4)), POINT, np.ones((4, 4)))
