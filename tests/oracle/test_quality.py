"""Measures of a PSF on PSFs whose measures are known."""

import numpy as np
import pytest

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.models import MODELS, Gaussian, psf
from napari_deconvolution.optics.quality import centre_offset, fwhm, pedestal, plane_energy


def gaussian(shape, centre, widths):
    axes = [np.exp(-(((np.arange(n) - c) / w) ** 2) / 2) for n, c, w in zip(shape, centre, widths, strict=True)]
    return np.einsum("z,y,x->zyx", *axes) if len(axes) == 3 else np.outer(*axes)


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), (0.5, -0.5, 0.5), (1.3, 0.2, -2.4)])
@pytest.mark.parametrize("shape", [(21, 24, 25), (20, 25, 24)])
def test_the_centre_is_found_below_a_voxel(shape, shift):
    at = gaussian(shape, [n // 2 + s for n, s in zip(shape, shift, strict=True)], (2.5, 2.0, 2.0))
    np.testing.assert_allclose(centre_offset(at), shift, atol=0.05)
    np.testing.assert_allclose(centre_offset(1000 * at + 100), shift, atol=0.05)


def test_neither_noise_nor_a_second_bead_moves_the_centre():
    shape = (21, 32, 32)
    bead = gaussian(shape, (10.4, 16.3, 15.7), (2.5, 2, 2)) + 0.9 * gaussian(shape, (5, 5, 5), (2.5, 2, 2))
    noisy = np.random.default_rng(1).poisson(500 * bead + 20)
    np.testing.assert_allclose(centre_offset(noisy), (0.4, 0.3, -0.3), atol=0.1)


@pytest.mark.parametrize("model", MODELS)
def test_our_own_psfs_have_no_offset_and_no_pedestal(model):
    for shape in [(15, 64, 65), (16, 65, 64), (64, 65)]:
        kernel = psf(model, Microscope(na=1.3), Grid(shape=shape, spacing=(0.2, 0.1, 0.1)[-len(shape) :]))
        assert max(map(abs, centre_offset(kernel))) < 0.01
        assert pedestal(kernel) < 0.005 * kernel.max()


@pytest.mark.parametrize("background", [0.0, 0.3])
def test_the_width_of_a_gaussian_between_samples(background):
    at = gaussian((31, 32, 33), (15.3, 16.4, 16.0), (3.0, 2.0, 1.5)) + background
    expected = np.sqrt(8 * np.log(2)) * np.array([3.0, 2.0, 1.5]) * (0.3, 0.1, 0.1)
    np.testing.assert_allclose(fwhm(at, (0.3, 0.1, 0.1)), expected, rtol=0.005)


def test_the_width_of_the_model_is_the_one_it_was_made_with():
    microscope, spacing = Microscope(na=0.8, n_immersion=1.0, n_sample=1.33), (0.1, 0.04, 0.04)
    lateral, axial = np.sqrt(8 * np.log(2)) * np.array(Gaussian.widths(microscope))
    kernel = psf(Gaussian(sampling="centre"), microscope, Grid(shape=(41, 41, 41), spacing=spacing))
    np.testing.assert_allclose(fwhm(kernel, spacing), (axial, lateral, lateral), rtol=1e-3)


def test_a_psf_that_does_not_fall_to_half_has_no_width():
    assert np.isnan(fwhm(np.ones((1, 9)) * np.hanning(9), (1.0, 1.0))[0])
    assert np.isnan(fwhm(np.add.outer(np.arange(9.0), np.hanning(9)), (1.0, 1.0))[0])


def test_pedestal_is_the_median_of_the_shell():
    at = np.full((5, 6, 7), 50.0)
    at[1:-1, 1:-1, 1:-1] = 1000
    at[0, 0, 0] = 1e6
    assert pedestal(at) == 50
    assert pedestal(np.ones((1, 1))) == 0


def test_energy_of_planes():
    at = np.zeros((3, 4, 4), np.float32)
    at[0, 1, 1], at[2] = 4, 0.5
    np.testing.assert_allclose(plane_energy(at), (1 / 3, 0, 2 / 3))
    np.testing.assert_allclose(plane_energy(at[0]), [1])
