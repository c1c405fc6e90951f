"""PSFs from elsewhere: what is refused, what is said, and that resampling and recentring are right."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_deconvolution.optics.measured_psf import MeasuredPsf, conditioned, resample, subtract_pedestal, with_origin
from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import Gaussian, GibsonLanni, psf
from napari_deconvolution.optics.psf_measures import centre_offset, fwhm, plane_energy

LENS = Microscope(na=0.9, wavelength=0.6, n_immersion=1.0, n_sample=1.0)


def made(model, shape, spacing):
    return model.intensity(LENS, Grid(shape=shape, spacing=spacing)) * spacing[-1] * spacing[-2]


@pytest.mark.parametrize("shape", [(15, 41, 41), (16, 42, 41), (15, 41, 42)])
@pytest.mark.parametrize("spacing", [(0.4, 0.13, 0.13), (0.25, 0.08, 0.11), (0.3, 0.1, 0.05)])
def test_a_gaussian_resampled_is_the_gaussian_made_there(shape, spacing):
    old = (0.3, 0.1, 0.1)
    found = resample(made(Gaussian(), shape, old), old, spacing)
    assert all(n % 2 for n in found.shape)
    expected = made(Gaussian(), found.shape, spacing) * spacing[0] / old[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-3 * expected.max())
    np.testing.assert_allclose(centre_offset(found), 0, atol=1e-3)


def test_a_diffraction_psf_resampled_is_the_one_made_there():
    old, new = (0.3, 0.08, 0.08), (0.4, 0.11, 0.1)
    found = resample(made(GibsonLanni(), (15, 81, 81), old), old, new)
    expected = made(GibsonLanni(), found.shape, new) * new[0] / old[0]
    inside = (slice(1, -1), slice(3, -3), slice(3, -3))  # beyond the array nothing is known
    np.testing.assert_allclose(found[inside], expected[inside], rtol=0, atol=3e-3 * expected.max())


@pytest.mark.parametrize("n", [40, 41])
def test_there_and_back(n):
    fine, coarse = (0.05, 0.05), (0.07, 0.06)
    here = made(Gaussian(), (n, n), fine)
    back = resample(resample(here, fine, coarse), coarse, fine)
    low = [m // 2 - n // 2 for m in back.shape]
    np.testing.assert_allclose(back[low[0] : low[0] + n, low[1] : low[1] + n], here, rtol=0, atol=1e-3 * here.max())


def test_the_light_of_each_plane_is_kept_even_at_the_edge():
    rough = np.random.default_rng(3).random((4, 12, 13))
    found = resample(rough, (0.2, 0.1, 0.1), (0.2, 0.17, 0.07))
    assert len(found) == 3  # of four planes the first has no partner beyond the origin
    np.testing.assert_allclose(found.sum(axis=(1, 2)), rough.sum(axis=(1, 2))[1:], rtol=1e-6)


@pytest.mark.parametrize(
    ("spacing", "new"), [((0.1,), (0.1, 0.1)), ((0.1, 0.1), (0.1, 0.0)), ((0.1, 0.1), (0.1, float("nan")))]
)
def test_an_impossible_spacing_is_refused(spacing, new):
    with pytest.raises(ValueError, match="one number above zero, in µm, for each of the 2 axes"):
        resample(np.ones((5, 5)), spacing, new)


@pytest.mark.parametrize("shape", [(16, 40, 41), (15, 41, 40), (40, 40)])
def test_a_centre_between_samples_is_moved_to_the_origin(shape):
    """As PSF Generator and ImageJ Ops make them."""
    axes = [np.exp(-(((np.arange(n) - (n - 1) / 2) / 3) ** 2) / 2) for n in shape]
    between = np.einsum("z,y,x->zyx", *axes) if len(axes) == 3 else np.outer(*axes)
    expected = [np.exp(-(((np.arange(n) - n // 2) / 3) ** 2) / 2) for n in shape]
    moved = with_origin(between, "(n-1)/2")
    wanted = np.einsum("z,y,x->zyx", *expected) if len(axes) == 3 else np.outer(*expected)
    inside = tuple(slice(3, -3) for _ in shape)
    np.testing.assert_allclose(moved[inside], wanted[inside], rtol=0, atol=1e-3)
    np.testing.assert_allclose(centre_offset(moved), 0, atol=1e-3)


def test_the_measured_centre_is_moved_to_the_origin():
    axes = [
        np.exp(-(((np.arange(n) - n // 2 - s) / 2.5) ** 2) / 2)
        for n, s in zip((21, 30, 31), (1.3, -0.7, 0.4), strict=True)
    ]
    np.testing.assert_allclose(centre_offset(with_origin(np.einsum("z,y,x->zyx", *axes), "centre")), 0, atol=0.03)


def test_a_good_psf_passes_without_a_word_and_keeps_its_form():
    kernel = psf("gibson-lanni", LENS, Grid(shape=(15, 41, 40), spacing=(0.3, 0.1, 0.1)))
    kept = kernel.copy()
    np.testing.assert_allclose(conditioned(1000 * kernel), kernel, rtol=1e-5)
    np.testing.assert_array_equal(kernel, kept)
    counts = np.rint(4e5 * kernel).astype(np.uint16)
    found = conditioned(counts, spacing=(0.3, 0.1, 0.1), image_spacing=(0.3, 0.1, 0.1000001))
    assert found.dtype == np.float32
    assert found.shape == counts.shape
    assert found.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)


def test_a_psf_at_another_spacing_is_brought_to_that_of_the_image():
    kernel = psf("gaussian", LENS, Grid(shape=(15, 41, 41), spacing=(0.3, 0.1, 0.1)))
    found = conditioned(kernel, spacing=(0.3, 0.1, 0.1), image_spacing=(0.45, 0.15, 0.15))
    expected = psf("gaussian", LENS, Grid(shape=found.shape, spacing=(0.45, 0.15, 0.15)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-3 * expected.max())


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.array([[0, np.nan], [np.inf, 1]]), "NaN or infinity in 2 of 4 voxels"),
        (np.zeros((3, 3)), "zero everywhere"),
        (-np.ones((3, 3)), "sums to -9"),
        (np.ones(5), "two axes"),
        (np.ones((2, 2, 2, 2)), "two axes"),
        (np.ones((0, 3)), "at least one sample"),
    ],
)
def test_what_cannot_be_a_psf_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        conditioned(bad)


def test_taking_off_too_much_is_refused_with_the_name_of_the_parameter():
    with pytest.raises(ValueError, match="after subtraction of psf_background = 200: lower it"):
        conditioned(np.full((5, 5), 100.0), MeasuredPsf(psf_background=200))


def test_a_pedestal_is_named_with_its_remedy_and_goes_with_it():
    kernel = psf("gibson-lanni", LENS, Grid(shape=(9, 41, 41), spacing=(0.3, 0.1, 0.1)))
    with pytest.warns(
        UserWarning, match=r"pedestal of .* psf_background= in Python or --psf-background on the command line"
    ):
        conditioned(2000 * kernel / kernel.max() + 100)
    np.testing.assert_allclose(
        conditioned(2000 * kernel / kernel.max() + 100, MeasuredPsf(psf_background=100)),
        kernel,
        rtol=0,
        atol=1e-5 * kernel.max(),
    )
    assert subtract_pedestal(np.array([[90, 110]], np.uint16), 100).tolist() == [[-10.0, 10.0]]


def test_an_origin_elsewhere_is_named_with_its_offset():
    kernel = psf("gaussian", LENS, Grid(shape=(9, 41, 41), spacing=(0.3, 0.1, 0.1)))
    with pytest.warns(UserWarning, match=r"\(\+0\.00, \+2\.00, -1\.00\) voxels from index n // 2"):
        conditioned(np.roll(kernel, (2, -1), (1, 2)))


def test_clipping_the_noise_would_make_a_new_pedestal():
    """Why values below zero stay: the clipped noise of this bead holds more light than the bead."""
    axes = [np.exp(-(((np.arange(n) - n // 2) / w) ** 2) / 2) for n, w in ((21, 2.0), (64, 1.5), (64, 1.5))]
    bead = 1000 * np.einsum("z,y,x->zyx", *axes)
    counts = np.random.default_rng(5).poisson(bead + 100)
    kept, clipped = counts - 100.0, np.clip(counts - 100.0, 0, None)
    assert kept.sum() == pytest.approx(bead.sum(), rel=0.1)
    assert clipped.sum() > 2 * bead.sum()
    found = conditioned(counts, MeasuredPsf(psf_background=100))
    assert found.max() == pytest.approx(bead.max() / bead.sum(), rel=0.2)


def test_a_real_bead():
    """A bead of 2400 counts on an offset of 103, three pixels off the middle: both are said, and both remedied.

    Its light is then the same in all planes but the first few, as in a widefield microscope it must be.
    """
    file = Path(__file__).parents[3] / "shared" / "data" / "pyotf-bil113-bead" / "BIL113_zstack_z300nm_current.tif"
    if not file.exists():
        pytest.skip("the bead does not lie beside the project, in ../shared/data/pyotf-bil113-bead")
    bead = tifffile.imread(file)
    with (
        pytest.warns(UserWarning, match="pedestal of 103, 4% of its peak"),
        pytest.warns(UserWarning, match=r"-3\.25\) voxels from"),
    ):
        conditioned(bead)
    found = conditioned(bead, MeasuredPsf(psf_background=float(np.median(bead)), psf_origin="centre"))
    assert max(map(abs, centre_offset(found))) < 0.1
    assert found.sum(dtype=np.float64) == pytest.approx(1, abs=1e-5)
    axial, *lateral = fwhm(found, (0.3, 0.08667, 0.08667))
    assert 0.8 < axial < 1.4
    assert all(0.25 < width < 0.4 for width in lateral)
    np.testing.assert_allclose(plane_energy(found)[3:], 1 / 21, rtol=0.1)
