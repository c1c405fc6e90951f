"""The hollow bars of the EPFL benchmark, whose truth is known, at a quarter of their size."""

import pytest
import tifffile

from napari_deconvolution import deconvolve
from napari_deconvolution.algorithms.metrics.errors import fitted_error

# Its kernel was scaled down to a quarter with an even size: the centre lies half a plane off.
pytestmark = pytest.mark.filterwarnings("ignore:the PSF is off-centre by .-0.56")


@pytest.fixture(scope="module")
def bars(data):
    return [tifffile.imread(data / "bars-25pct" / name) for name in ("data.tif", "kernel.tif", "actual.tif")]


def test_the_image_is_far_from_the_truth(bars):
    image, _, truth = bars
    assert fitted_error(image, truth) == pytest.approx(0.933, abs=5e-4)


@pytest.mark.parametrize(("iterations", "error"), [(50, 0.82), (100, 0.78)])
def test_richardson_lucy_comes_closer(bars, iterations, error):
    image, psf, truth = bars
    assert fitted_error(deconvolve(image, psf, "richardson-lucy", iterations=iterations).image, truth) <= error


@pytest.mark.parametrize("name", ["wiener", "tikhonov"])
def test_direct_filters_come_closer_without_being_tuned(bars, name):
    image, psf, truth = bars
    assert fitted_error(deconvolve(image, psf, name).image, truth) < 0.91
