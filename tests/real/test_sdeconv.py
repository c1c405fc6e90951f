"""The Wiener filter of another program on a real image, as a composition of our parts: mirrored data, PSF,
Laplacian.
"""

import numpy as np
import pytest
import tifffile

from napari_deconvolution import deconvolve
from napari_deconvolution.algorithms.forward.periodic import Spectral
from napari_deconvolution.algorithms.methods.direct import RegularizedInverse


@pytest.fixture(scope="module")
def worm(data):
    folder = data / "sdeconv-celegans2d"
    names = (
        "celegans.tif",
        "psf_gaussian_sigma1.5_13x13_derived.tif",
        "celegans_wiener.tif",
        "celegans_richardson_lucy.tif",
    )
    image, *others = (tifffile.imread(folder / name) for name in names)
    return image[3:-3, 3:-3], *others


def test_wiener_is_regularized_inverse_on_reflected_data(worm):
    """Its filter is OTF* / (|OTF|² + β |L|²), L the Laplacian, on data reflected by 13 without repeating the edge,
    wrapped round beyond.
    """
    image, psf, golden, _ = worm
    around = np.pad(image, 13, mode="reflect")
    H = Spectral(psf, around.shape, "periodic")
    *_, estimate = RegularizedInverse(weight=0.005).iterates(around, H, np.zeros(H.shape, np.float32))
    assert np.abs(estimate[13:-13, 13:-13] - golden).max() < 1e-5 * np.ptp(golden)


def test_our_own_edges_change_nothing_far_from_them(worm):
    image, psf, golden, _ = worm
    ours = deconvolve(image, psf, "regularized-inverse", weight=0.005, background=0, mask=False).image
    inner = (slice(40, -40), slice(40, -40))
    assert np.abs(ours - golden)[inner].max() < 1e-3 * np.ptp(golden)


def test_richardson_lucy_is_near_one_whose_adjoint_is_a_pixel_off(worm):
    """That program correlates with a PSF flipped one pixel off, so that equality would be an error of ours."""
    image, psf, _, golden = worm
    around = np.pad(image, 13, mode="reflect")
    settings = {"boundary": "periodic", "start": around, "iterations": 30, "stop": "none", "gain": 1, "mask": False}
    ours = deconvolve(around, psf, "richardson-lucy", background=0, **settings).image[13:-13, 13:-13]
    assert np.corrcoef(ours.ravel(), golden.ravel())[0, 1] > 0.998
    assert 0.03 < np.sqrt(np.mean((ours - golden) ** 2) / np.mean(golden**2)) < 0.06
