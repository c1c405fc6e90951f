"""Planes of unequal brightness: found where the image tells them, and put into the model."""

import numpy as np
import pytest

from napari_deconvolution import Camera, Grid, Microscope
from napari_deconvolution.algorithms.camera.exposure import exposure, field
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.exposed import Exposed
from napari_deconvolution.fourier import transfer
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.simulation.acquisition import acquire

OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
STACK = Grid(shape=(16, 64, 64), spacing=(0.25, 0.1, 0.1))
CONFOCAL = MODELS["confocal"].replace(detection="born-wolf")
pytestmark = pytest.mark.filterwarnings("ignore:spacing")


def electrons(specimen, model, photons, seed, grid=STACK):
    _, image, psf = acquire(
        specimen, model, OPTICS, grid, photons=photons, camera=Camera(background=2.0, gain=1.0), seed=seed
    )
    return image, psf


def flickering(image, factors, seed=0):
    """The same with less light in some planes: every photon comes with a chance of factor / largest factor."""
    share = (factors / factors.max())[:, None, None]
    return np.random.default_rng(seed).binomial(np.round(image).astype(int), share).astype(np.float32)


@pytest.mark.parametrize("specimen", ["filaments", "nucleus", "bars"])
@pytest.mark.parametrize(("photons", "spread"), [(30.0, 0.1), (200.0, 0.05)])
@pytest.mark.parametrize("model", ["born-wolf", CONFOCAL])
def test_alternating_light_is_found(specimen, model, photons, spread):
    image, psf = electrons(specimen, model, photons, seed=210)
    factors = 1 + spread * (-1.0) ** np.arange(16)
    found = exposure(flickering(image, factors), transfer(psf, field(image.shape)))
    assert found.flickers
    left = found.factors / factors
    assert left.std() / left.mean() < 0.6 * spread


@pytest.mark.parametrize("specimen", ["filaments", "nucleus", "bars"])
@pytest.mark.parametrize("model", ["born-wolf", CONFOCAL])
def test_even_light_is_left_alone(specimen, model):
    image, psf = electrons(specimen, model, 200.0, seed=211)
    assert not exposure(image, transfer(psf, field(image.shape))).flickers


def test_what_planes_far_apart_show_is_no_flicker():
    grid = Grid(shape=(16, 64, 64), spacing=(2.0, 0.1, 0.1))
    image, psf = electrons("filaments", CONFOCAL, 200.0, 212, grid)
    dimmed = flickering(image, 1 + 0.2 * (-1.0) ** np.arange(16))
    assert not exposure(dimmed, transfer(psf, field(image.shape))).flickers


@pytest.mark.parametrize("boundary", ["open", "mirror", "zero", "periodic"])
def test_forward_and_adjoint_belong_together(boundary):
    rng = np.random.default_rng(0)
    psf = rng.random((5, 5, 5)).astype(np.float32)
    plain = Blur(psf / psf.sum(), (7, 12, 11), boundary)
    factors = rng.uniform(0.5, 1.5, 7).astype(np.float32)
    H = Exposed(plain, factors)
    x, y = rng.random(H.shape, np.float32), rng.random(H.data_shape, np.float32)
    np.testing.assert_allclose(H.forward(x), plain.forward(x) * factors[:, None, None], rtol=1e-5)
    assert np.vdot(H.forward(x), y) == pytest.approx(np.vdot(x, H.adjoint(y)), rel=1e-4)
    stored = np.empty(H.shape, np.float32)
    H.through(
        x, lambda blurred, at: np.multiply(blurred, y[at], out=blurred), lambda back, at: stored.__setitem__(at, back)
    )
    np.testing.assert_allclose(stored, H.adjoint(H.forward(x) * y), atol=1e-5)
    np.testing.assert_allclose(H.weight, np.maximum(H.adjoint(np.ones(H.data_shape, np.float32)), 0), atol=1e-5)
