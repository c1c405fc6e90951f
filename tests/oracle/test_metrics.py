"""Numbers about results, against their definitions and against closed forms."""

import math

import numpy as np
import pytest

from napari_deconvolution import Camera, deconvolve
from napari_deconvolution.algorithms.diagnostics import Spread, photons, residual
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.metrics.errors import compare, fitted_error
from napari_deconvolution.algorithms.metrics.fourier_correlation import reproducibility
from napari_deconvolution.fourier import shells

PLAIN = "richardson-lucy"


def gaussian(shape, sigma):
    grid = np.indices(shape) - np.array([n // 2 for n in shape]).reshape(-1, *(1,) * len(shape))
    psf = np.exp(-np.square(grid / sigma).sum(0) / 2)
    return (psf / psf.sum()).astype(np.float32)


@pytest.fixture
def dots():
    rng = np.random.default_rng(1)
    y, x = np.indices((48, 44), float)
    blurred = sum(80 * np.exp(-((y - a) ** 2 + (x - b) ** 2) / 8) for a, b in rng.uniform(0, 44, (20, 2)))
    return rng.poisson(blurred + 3).astype(np.float32), gaussian((13, 13), 2.0)


def test_comparison_is_what_its_formulas_say():
    rng = np.random.default_rng(0)
    truth, image = rng.random((6, 20, 20)), rng.random((6, 20, 20))
    found = compare(image, truth)
    scales = np.linspace(0, 2, 20_001)
    errors = [np.linalg.norm(s * image - truth) / np.linalg.norm(truth) for s in scales]
    assert found.nrmse == pytest.approx(min(errors), rel=1e-6)
    assert found.nrmse == pytest.approx(fitted_error(image, truth), rel=1e-9)
    assert found.scale == pytest.approx(scales[np.argmin(errors)], abs=1e-4)
    mse = np.mean((found.scale * image - truth) ** 2)
    assert found.psnr == pytest.approx(10 * math.log10(np.ptp(truth) ** 2 / mse))
    assert found.snr == pytest.approx(10 * math.log10(np.mean(truth**2) / mse))
    assert compare(7 * image, truth)[1:] == pytest.approx(found[1:])


def test_similarity_agrees_with_scikit_image():
    measure = pytest.importorskip("skimage.metrics")
    rng = np.random.default_rng(0)
    truth = rng.random((40, 44))
    image = truth + 0.2 * rng.standard_normal(truth.shape)
    scaled = compare(image, truth).scale * image
    span = float(np.ptp(truth))
    settings = {
        "gaussian_weights": True,
        "sigma": 1.5,
        "use_sample_covariance": False,
        "data_range": span,
        "full": True,
    }
    _, full = measure.structural_similarity(scaled, truth, **settings)
    assert compare(image, truth).ssim == pytest.approx(full.mean(), rel=1e-6)


def test_bad_comparisons_are_refused():
    with pytest.raises(ValueError, match=r"its shape \(3, 3\) is not that of the truth"):
        compare(np.ones((3, 3)), np.ones((3, 4)))
    with pytest.raises(ValueError, match="nothing to compare with"):
        compare(np.ones((3, 3)), np.ones((3, 3)))


def test_the_residual_of_the_truth_is_white_and_of_variance_one():
    rng = np.random.default_rng(0)
    psf = gaussian((9, 9), 1.5)
    H = Blur(psf, (96, 96), background=9.0)
    x = rng.gamma(2, 100, H.shape).astype(np.float32)
    gain, read_noise = 0.5, 2.0
    shift = read_noise**2 / gain
    H.background = 9.0 + shift
    electrons = gain * (H.forward(x) + 9.0)
    y = ((rng.poisson(electrons) + rng.normal(0, read_noise, electrons.shape)) / gain + shift).astype(np.float32)
    found = residual(x, y, H, gain)
    assert found.chi_square == pytest.approx(1, abs=0.05)
    assert found.power[2:] == pytest.approx(np.ones_like(found.power[2:]), abs=0.8)
    assert found.power[5:].mean() == pytest.approx(1, abs=0.05)
    missed = residual(0.9 * x, y, H, gain)
    assert missed.power[:3].mean() > 5 * missed.power[20:].mean()  # what is missed shows at low frequencies


def test_residual_is_given_on_request_and_without_masked_voxels(dots):
    image, psf = dots
    image = image.copy()
    image[20, 21] = 5000
    result = deconvolve(image, psf, PLAIN, iterations=60, background=3, gain=1, residual=True)
    assert result.residual.map[20, 21] == 0
    assert 0.7 < result.residual.chi_square < 1.2
    assert deconvolve(image, psf, PLAIN, iterations=2).residual is None
    assert result.record["reduced_chi_square"] == pytest.approx(result.residual.chi_square, rel=0.02)


def test_shells_are_means_over_frequency():
    axes = [np.fft.fftfreq(16), np.fft.fftfreq(20), np.fft.fftfreq(20)]
    radius = np.sqrt(sum(np.square(g) for g in np.meshgrid(*axes, indexing="ij")))
    frequency, [mean] = shells([radius], radius.shape)
    assert mean == pytest.approx(frequency, abs=0.5 / 20)
    assert frequency[-1] <= 0.5


@pytest.mark.parametrize("boundary", ["open", "zero", "periodic"])
def test_the_account_of_the_light_is_balanced(dots, boundary):
    image, psf = dots
    result = deconvolve(image, psf, PLAIN, iterations=30, background=3, boundary=boundary)
    light = result.photons
    assert light.image == pytest.approx(image.sum() - 3 * image.size, rel=1e-6)
    assert light.estimate == pytest.approx(result.image.sum(dtype=float), rel=1e-6)
    assert light.model == pytest.approx(light.estimate - light.out + light.into, rel=1e-4)
    if boundary == "periodic":
        assert abs(light.out) + abs(light.into) < 1e-3 * light.model
    if boundary == "open":
        assert light.into > 0.01 * light.model
    assert deconvolve(image, psf, "tikhonov").photons is None


def test_light_from_outside_is_told_apart():
    H = Blur(gaussian((9, 9), 1.5), (20, 20))
    x = np.zeros(H.shape, np.float32)
    x[H.inside][0, 10] = 100  # on the edge: a little less than half of it is lost
    inside = photons(0.0, x, H)
    assert 30 < inside.out < 50
    assert inside.into == pytest.approx(0, abs=1e-3)
    outside = np.zeros(H.shape, np.float32)
    outside[H.inside[0].start - 1, 12] = 100
    assert photons(0.0, outside, H).into == pytest.approx(inside.out, rel=0.4)
    assert photons(0.0, outside, H).estimate == 0


def test_correlation_falls_where_the_noise_begins():
    rng = np.random.default_rng(0)
    frequency = np.sqrt(sum(np.square(g) for g in np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128), indexing="ij")))
    band = frequency < 0.2
    common = np.fft.ifft2(np.fft.fft2(rng.standard_normal((128, 128))) * band).real
    a, b = (common + 0.5 * rng.standard_normal(common.shape) for _ in range(2))
    found = reproducibility(a, b, (0.1, 0.1))
    assert found.period == pytest.approx(0.1 / 0.2, rel=0.1)
    assert found.correlation[found.frequency < 1.5].min() > 0.5
    assert abs(found.correlation[found.frequency > 2.5]).mean() < 0.1


def test_noise_alone_is_not_reproducible():
    rng = np.random.default_rng(0)
    found = reproducibility(rng.standard_normal((64, 64)), rng.standard_normal((64, 64)), (0.1, 0.1))
    assert found.period > 1


def test_a_single_voxel_has_no_period():
    found = reproducibility(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32), (0.1, 0.1))
    assert found.frequency.tolist() == [0]
    assert found.period == np.inf


def test_spread_is_that_of_numpy():
    images = np.random.default_rng(0).random((6, 4, 5), np.float32) + 1
    spread = Spread()
    for image in images:
        spread.add(image)
    np.testing.assert_allclose(spread.relative(), images.std(0, ddof=1) / images.mean(0), rtol=1e-4)


def test_uncertainty_is_the_scatter_of_repeated_images():
    """Halves of one image, scaled by two, scatter as much as images taken anew do."""
    rng = np.random.default_rng(3)
    y, x = np.indices((32, 32), float)
    expected = 400 * np.exp(-((y - 16) ** 2 + (x - 16) ** 2) / 40) + 50
    psf = gaussian((9, 9), 1.2)
    settings = {"iterations": 6, "gain": 1}
    anew = np.stack([deconvolve(rng.poisson(expected), psf, PLAIN, **settings).image for _ in range(60)])
    scatter = anew.std(0, ddof=1) / anew.mean(0)
    halves = np.mean(
        [deconvolve(rng.poisson(expected), psf, PLAIN, uncertainty=12, **settings).uncertainty for _ in range(4)],
        axis=0,
    )
    assert np.median(halves / scatter) == pytest.approx(1, abs=0.1)
    assert np.corrcoef(halves.ravel(), scatter.ravel())[0, 1] > 0.8


@pytest.mark.filterwarnings("ignore:the PSF has one plane")
def test_what_is_asked_for_is_kept(dots):
    image, psf = dots
    stack = np.stack([image, image, image])
    result = deconvolve(stack, psf[None], PLAIN, iterations=7, keep=3, reproducibility=True, gain=1)
    assert [number for number, _ in result.kept] == [3, 6]
    assert (result.kept[1][1] == deconvolve(stack, psf[None], PLAIN, iterations=6).image).all()
    flat = deconvolve(stack, psf[None], PLAIN, iterations=6, keep=6, projection=True).kept[0][1]
    assert (flat == result.kept[1][1].max(0)).all()
    assert 0 < result.reproducibility.correlation[1] <= 1
    with pytest.raises(ValueError, match="uncertainty = 1: a spread needs at least two"):
        deconvolve(image, psf, PLAIN, uncertainty=1, camera=Camera(gain=1))
