"""Measures of a PSF on PSFs whose measures are known."""

import numpy as np
import pytest

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import MODELS, Gaussian, psf
from napari_deconvolution.optics.psf_measures import centre_offset, fwhm, pedestal, plane_energy
from napari_deconvolution.optics.psf_report import energy_kept, fitted_widths, psf_report


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


@pytest.mark.filterwarnings("ignore:spacing = ")
@pytest.mark.parametrize("model", [name for name in MODELS if not MODELS[name].engineered])
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


@pytest.mark.parametrize("shape", [(21, 32, 33), (32, 33)])
def test_a_gaussian_is_fitted_to_its_widths(shape):
    sigma = (3.0, 2.0, 1.5)[-len(shape) :]
    at = gaussian(shape, [n // 2 + 0.3 for n in shape], sigma) * 500 + 40
    expected = np.sqrt(8 * np.log(2)) * np.array(sigma) * 0.1
    np.testing.assert_allclose(fitted_widths(at, (0.1,) * len(shape)), expected, rtol=1e-4)
    np.testing.assert_allclose(
        fitted_widths(np.random.default_rng(1).poisson(at), (0.1,) * len(shape)), expected, rtol=0.04
    )


def test_the_report_of_a_computed_psf():
    optics, grid = Microscope(na=1.2, n_sample=1.38, depth=5.0), Grid(shape=(31, 65, 64), spacing=(0.2, 0.08, 0.08))
    report = psf_report(
        psf("gibson-lanni", optics, grid), grid.spacing, "gibson-lanni", optics, image_shape=(31, 512, 512)
    )
    np.testing.assert_allclose(report.nyquist, (0.2 / 0.4447, 0.08 / 0.1094, 0.08 / 0.1094), rtol=1e-3)
    np.testing.assert_allclose(report.fitted_widths[1:], report.widths[1:], rtol=0.1)
    assert max(map(abs, report.centre)) < 0.1
    assert report.asymmetry[0] > 20 * max(report.asymmetry[1:])  # spherical aberration
    assert report.kept[0] < report.kept[15] > 0.95
    np.testing.assert_allclose(
        np.array(report.kept) / max(report.kept), np.array(report.energy) / max(report.energy), rtol=1e-4
    )
    assert len(report.missing) == 2
    assert "61 (2 · 31 − 1)" in report.missing[0]
    text = str(report)
    assert "FWHM, profile (nm)" in text
    assert len(text.splitlines()) == 11 + 2


def test_the_report_of_a_measured_psf_knows_no_optics():
    at = gaussian((15, 20, 21), (8, 10, 10), (2.0, 1.5, 1.5)) * 900 + 100
    report = psf_report(at, (0.3, 0.1, 0.1))
    assert (report.nyquist, report.kept, report.missing) == ((), (), ())
    assert report.peak_to_background == pytest.approx(10, rel=0.01)
    np.testing.assert_allclose(report.centre, (1, 0, 0), atol=0.05)
    assert report.asymmetry[0] > 5 * report.asymmetry[1]
    assert "Nyquist" not in str(report)
    with pytest.raises(ValueError, match="each of the 3 axes"):
        psf_report(at, (0.1, 0.1))


def test_confocal_psfs_need_no_light_from_far_planes():
    optics, grid = Microscope(na=1.2), Grid(shape=(21, 33, 33), spacing=(0.15, 0.05, 0.05))
    assert (
        psf_report(psf("confocal", optics, grid), grid.spacing, "confocal", optics, image_shape=(40, 256, 256)).missing
        == ()
    )


def test_what_leaves_the_field_is_the_tail_of_the_airy_disk():
    """Beyond the radius R the share 2 / π v, v = k NA R, of the light; a square of side 2 R holds a little more than
    the circle.
    """
    optics, grid = Microscope(na=0.8, n_immersion=1.0, n_sample=1.0), Grid(shape=(1, 201, 201), spacing=(0.2, 0.1, 0.1))
    tail = 2 / (np.pi * 2 * np.pi / optics.wavelength * optics.na * 10.05)
    assert 0.8 * tail < 1 - energy_kept(MODELS["gibson-lanni"], optics, grid)[0] < tail
