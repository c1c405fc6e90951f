"""Gain and offset of a camera from a fit, where the PSF is so sharp that no frequency shows the noise alone."""

import numpy as np
import pytest
import scipy.ndimage

from napari_deconvolution import ALGORITHMS, Camera
from napari_deconvolution.algorithms.fitted_camera import fitted_camera
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.problem import Problem

PSF = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / 16


def problem(gain, offset=0.0, **known):
    """Blobs of up to some hundred photons behind the PSF."""
    rng = np.random.default_rng(0)
    specimen = np.maximum(scipy.ndimage.gaussian_filter(rng.standard_normal((96, 96)), 2), 0)
    light = scipy.ndimage.convolve(400 * specimen / specimen.max() + 4, PSF, mode="wrap")
    image = rng.poisson(light) / gain + offset
    camera = Camera(background=0.0, **known)
    return Problem(image.astype(np.float32), StationaryPsf(PSF), camera, ALGORITHMS["richardson-lucy"])


@pytest.mark.parametrize("gain", [0.25, 1.0, 8.0])
def test_the_gain_is_found_to_a_factor_and_rather_too_low(gain):
    fitted, found = fitted_camera(problem(gain), unsaid=False)
    assert 0.5 < found["gain_by_fit"] / gain < 1.2
    assert fitted.camera.gain == found["gain_by_fit"]
    assert list(found) == ["gain_by_fit"], "the offset was said"


def test_an_offset_that_was_not_said_is_found_with_it():
    level = float(problem(1.0, 100.0).image.min())
    start = problem(1.0, 100.0)
    start = Problem(start.image, start.formation, Camera(background=level), start.algorithm)
    fitted, found = fitted_camera(start, unsaid=True)
    assert 60 < found["offset"] <= level
    assert fitted.camera.offset == found["offset"]
    assert 0.4 < found["gain_by_fit"] < 1.5
