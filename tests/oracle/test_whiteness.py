"""Images that are not raw are known by their noise, and raw ones are not taken for such."""

from functools import cache

import numpy as np
import pytest
import scipy.ndimage

from napari_deconvolution import Camera, Grid, Microscope
from napari_deconvolution.algorithms.camera.noise import noise_of
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.simulation.acquisition import acquire

OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
STACK = Grid(shape=(12, 80, 80), spacing=(0.25, 0.08, 0.08))
CONFOCAL = MODELS["confocal"].replace(detection="born-wolf")


@cache
def imaged(specimen, model, photons, seed, **camera):
    known = Camera(**{"offset": 100.0, "background": 2.0, "gain": 0.5} | camera)
    _, image, psf = acquire(specimen, model, OPTICS, STACK, photons=photons, camera=known, seed=seed)
    return image, psf


def shrunk(image):
    """Wavelet shrinkage, as denoisers do: the details of a Haar step that are below a threshold are left out."""
    out = image.astype(float)
    for axis in (1, 2):
        pairs = out.swapaxes(0, axis)
        mean, half = (pairs[::2] + pairs[1::2]) / 2, (pairs[::2] - pairs[1::2]) / 2
        half[np.abs(half) < 2 * np.median(np.abs(half))] = 0
        pairs[::2], pairs[1::2] = mean + half, mean - half
    return out


PROCESSED = {
    "median": lambda image: scipy.ndimage.median_filter(image, (1, 3, 3)),
    "median in 3-D": lambda image: scipy.ndimage.median_filter(image, 3),
    "smoothed": lambda image: scipy.ndimage.gaussian_filter(image, (0, 0.5, 0.5)),
    "averaged over planes": lambda image: scipy.ndimage.uniform_filter1d(image, 3, axis=0),
    "shifted": lambda image: scipy.ndimage.shift(image, (0, 0.5, 0.5), order=1, mode="nearest"),
    "turned": lambda image: scipy.ndimage.rotate(image, 7, (1, 2), reshape=False, order=3, mode="reflect"),
    "shrunk": shrunk,
}


@pytest.mark.parametrize("how", PROCESSED)
@pytest.mark.parametrize(
    ("specimen", "model", "photons"), [("filaments", "born-wolf", 30.0), ("nucleus", CONFOCAL, 200.0)]
)
def test_processed_images_do_not_tell_a_gain(how, specimen, model, photons):
    image, psf = imaged(specimen, model, photons, seed=220)
    with pytest.raises(ValueError, match="the image was processed"):
        noise_of(PROCESSED[how](image), StationaryPsf(psf), 100.0)


@pytest.mark.parametrize("specimen", ["filaments", "nucleus", "bars"])
@pytest.mark.parametrize("model", ["born-wolf", CONFOCAL])
@pytest.mark.parametrize("photons", [30.0, 2000.0])
def test_raw_images_tell_theirs(specimen, model, photons):
    image, psf = imaged(specimen, model, photons, seed=221)
    assert noise_of(image, StationaryPsf(psf), 100.0).gain == pytest.approx(0.5, rel=0.3)  # the stack is small


def test_another_scale_and_read_noise_are_raw_too():
    image, psf = imaged("filaments", "born-wolf", 200.0, seed=222, gain=2.0, read_noise=2.0)
    whole = np.round(image)
    assert noise_of(whole, StationaryPsf(psf), 100.0).gain == pytest.approx(2.0, rel=0.2)
    highest = float(whole.max())
    assert noise_of(whole / highest, StationaryPsf(psf), 100.0 / highest).gain == pytest.approx(2.0 * highest, rel=0.2)


def test_the_mean_of_frames_is_raw_with_more_electrons_in_a_count():
    image, psf = imaged("nucleus", "born-wolf", 200.0, seed=223)
    frames = np.random.default_rng(0).multinomial(np.round((image - 100) / 2).astype(int), [0.25] * 4)
    assert noise_of(frames.mean(axis=-1), StationaryPsf(psf), 0.0).gain == pytest.approx(4.0, rel=0.2)
    assert frames.shape[-1] == 4


def test_a_smoothed_image_is_known_where_the_otf_fills_the_band():
    grid = Grid(shape=(128, 128), spacing=(0.325, 0.325))
    air = Microscope(na=0.75, wavelength=0.52, n_immersion=1.0, n_sample=1.33)
    _, image, psf = acquire(
        "filaments", "born-wolf", air, grid, photons=200.0, camera=Camera(background=2.0, gain=1.0), seed=224
    )
    with pytest.raises(ValueError, match="the OTF fills the band"):
        noise_of(image, StationaryPsf(psf), 0.0)
    with pytest.raises(ValueError, match="the image was processed"):
        noise_of(scipy.ndimage.gaussian_filter(image, 1.0), StationaryPsf(psf), 0.0)
