"""What an image tells of its camera, against cameras that are known."""

import numpy as np
import pytest

from napari_deconvolution import Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.camera.noise import darkest, noise_of
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.fourier import halves, taper
from napari_deconvolution.simulation.acquisition import acquire, expose
from napari_deconvolution.simulation.specimens import SPECIMENS

OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
STACK = Grid(shape=(10, 64, 64), spacing=(0.3, 0.1, 0.1))


@pytest.mark.parametrize("specimen", ["filaments", "beads", "bars"])
@pytest.mark.parametrize(("photons", "gain", "read_noise"), [(100, 0.5, 1.5), (1000, 3.0, 4.0)])
def test_gain_within_a_fifth_from_a_hundred_photons_on(specimen, photons, gain, read_noise):
    camera = Camera(offset=100, background=10 / gain, gain=gain, read_noise=read_noise)
    _, image, psf = acquire(specimen, "born-wolf", OPTICS, STACK, photons=float(photons), camera=camera, seed=2)
    assert noise_of(image, StationaryPsf(psf), 100.0).gain == pytest.approx(gain, rel=0.2)


def test_read_noise_is_told_where_dark_parts_show_it():
    camera = Camera(offset=50, background=1, gain=1, read_noise=6)
    _, image, psf = acquire("beads", "born-wolf", OPTICS, STACK, photons=400.0, camera=camera, seed=5)
    seen = noise_of(image, StationaryPsf(psf), 50.0)
    assert seen.read_noise / seen.gain == pytest.approx(6, rel=0.1)


def test_an_offset_that_was_not_said_is_seen():
    camera = Camera(offset=100, background=5, gain=1)
    _, image, psf = acquire("filaments", "born-wolf", OPTICS, STACK, photons=1000.0, camera=camera, seed=5)
    seen = noise_of(image, StationaryPsf(psf), 0.0)
    assert seen.dark == pytest.approx(100, rel=0.2)
    assert seen.gain == pytest.approx(1, rel=0.2)


def wide(image, psf):
    return image, np.ones((1,) * image.ndim, np.float32)


def processed(image, psf):
    spectrum = np.fft.rfftn(image)
    spectrum *= np.exp(-20 * np.square(np.fft.rfftfreq(image.shape[-1])))
    return np.fft.irfftn(spectrum, image.shape), psf


def corner(image, psf):
    return image[:2, :32, :32], psf


@pytest.mark.parametrize(
    ("spoil", "why"), [(wide, "fills the band"), (processed, "not white"), (corner, "only 2048 voxels")]
)
def test_where_it_cannot_be_told_it_says_why(spoil, why):
    camera = Camera(offset=0, background=5, gain=1)
    _, image, psf = acquire("filaments", "born-wolf", OPTICS, STACK, photons=200.0, camera=camera, seed=5)
    seen, kernel = spoil(image, psf)
    with pytest.raises(ValueError, match=why):
        noise_of(seen, StationaryPsf(kernel), 0.0)


@pytest.mark.parametrize("specimen", ["beads", "filaments", "nucleus"])
def test_automatic_background_is_within_a_twentieth_of_the_truth(specimen):
    """Specimens that leave some of the field dark, through a confocal microscope, whose haze does not fill what is
    dark.
    """
    drawn = {
        "filaments": SPECIMENS["filaments"].replace(threads=4.0),
        "nucleus": SPECIMENS["nucleus"].replace(pedestal=0.0, width=5.0),
    }
    grid = Grid(shape=(12, 96, 96), spacing=(0.25, 0.1, 0.1))
    camera = Camera(offset=100, background=40, gain=0.5, read_noise=1.5)
    _, image, _ = acquire(drawn.get(specimen, specimen), "gaussian", OPTICS, grid, photons=100.0, camera=camera, seed=1)
    assert darkest(image) - 100 == pytest.approx(40, rel=0.05)


def test_noise_does_not_pull_the_background_down():
    """Even light: the darkest of many windows is darker than the mean, unless it is measured where it was not
    chosen.
    """
    image = np.random.default_rng(0).poisson(10, (8, 128, 128)).astype(float)
    assert darkest(image) == pytest.approx(10, rel=0.01)


def test_empty_borders_are_no_background():
    image = np.random.default_rng(0).poisson(30, (100, 100)).astype(float)
    image[:, :40] = 0
    assert darkest(image) == pytest.approx(30, rel=0.05)


def test_background_auto_reaches_the_run_and_its_record():
    image = expose(np.full((40, 40), 30.0) + 400 * (np.indices((40, 40)).sum(0) % 40 > 36), Camera(gain=1), seed=0)
    psf = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    result = deconvolve(image, psf, "richardson-lucy", background="auto", iterations=3)
    told = result.record["estimated_from_image"]["background"]
    assert told == pytest.approx(30, rel=0.2)
    same = deconvolve(image, psf, "richardson-lucy", background=told, iterations=3)
    assert (same.image == result.image).all()


@pytest.mark.parametrize("n", [8, 9])
def test_half_spectra_count_twice(n):
    x = np.random.default_rng(0).random((5, n))
    power = np.abs(np.fft.rfftn(x)) ** 2
    assert (power * halves(n)).sum() == pytest.approx(x.size * (x**2).sum())


def test_the_taper_ends_near_zero_and_is_one_in_the_middle():
    window = taper((16, 40, 50))
    assert window[0].max() < 0.04
    assert window[:, 0].max() < 0.04
    assert window[8, 20, 25] > 0.99
    assert taper((1, 8, 8)).max() > 0.99
