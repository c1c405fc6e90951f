"""The simulated microscope conserves light, agrees with scipy, and its camera has the moments it should."""

import numpy as np
import pytest
from scipy.signal import fftconvolve

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import psf
from napari_deconvolution.simulation.acquisition import Acquisition, acquire, expose
from napari_deconvolution.simulation.specimens import SPECIMENS, Beads, Nucleus, binned

WATER = Microscope(na=1.1, n_immersion=1.333, n_sample=1.333)
GRID = Grid(shape=(10, 30, 34), spacing=(0.3, 0.12, 0.12))
BRIGHT = {"photons": 1e9, "offset": 100.0, "background": 20.0, "gain": 0.5, "read_noise": 0.0}


def signal(image):
    """The counts above offset and background."""
    return image.astype(float) - 120.0


@pytest.mark.parametrize("finer", [1, 2, 3])
def test_the_image_is_the_convolution_of_the_wide_specimen(finer):
    """Against scipy, at a brightness where noise is one in thirty thousand."""
    _, image, kernel = acquire("filaments", "gibson-lanni", WATER, GRID, **BRIGHT, seed=4, finer=finer)
    reach = [n // 2 for n in kernel.shape]
    parts = (1, finer, finer)
    spacing = (0.3, 0.12 / finer, 0.12 / finer)
    wide = tuple((n + 2 * r) * part for n, r, part in zip(GRID.shape, reach, parts, strict=True))
    narrow = tuple(2 * r * part + 1 for r, part in zip(reach, parts, strict=True))
    drawn = SPECIMENS["filaments"].draw(Grid(shape=wide, spacing=spacing), seed=4)
    blurred = fftconvolve(
        drawn.astype(float), psf("gibson-lanni", WATER, Grid(shape=narrow, spacing=spacing)), mode="valid"
    )
    expected = binned(blurred, parts)
    expected *= 1e9 / 0.5 / np.percentile(expected, 99.8)
    np.testing.assert_allclose(signal(image), expected, atol=1e-3 * expected.max())


def test_light_is_neither_made_nor_lost():
    """Of an object in the dark and a PSF within the field, image and truth have the same sum and centre of mass."""
    grid = Grid(shape=(24, 48, 48), spacing=(0.3, 0.12, 0.12))
    truth, image, kernel = acquire(
        Nucleus(width=2.0, thickness=2.0, pedestal=0.0), "gaussian", WATER, grid, **BRIGHT, seed=1
    )
    seen = signal(image)
    assert seen.mean() == pytest.approx(truth.mean(dtype=float), rel=1e-3)
    assert kernel.sum(dtype=float) == pytest.approx(1, abs=1e-6)
    for axis, size in enumerate(grid.shape):
        other = tuple(a for a in range(3) if a != axis)
        places = np.arange(size)
        assert seen.sum(axis=other) @ places / seen.sum() == pytest.approx(
            truth.sum(axis=other) @ places / truth.sum(), abs=0.01
        )


def test_an_even_specimen_stays_even():
    """The mean of the image is that of the specimen: what leaves the field is made up for by what lies beyond it."""
    everywhere = Nucleus(width=30.0, thickness=30.0, roughness=0.0)
    truth, image, _ = acquire(everywhere, "born-wolf", WATER, GRID, **BRIGHT)
    np.testing.assert_allclose(truth, truth.mean(), rtol=1e-5)
    np.testing.assert_allclose(signal(image), truth, rtol=1e-3)


def test_the_bright_parts_have_the_photons_that_were_asked_for():
    for photons in (1e5, 1e8):
        _, image, _ = acquire("nucleus", "gaussian", WATER, GRID, **{**BRIGHT, "photons": photons})
        assert np.percentile(signal(image), 99.8) * 0.5 == pytest.approx(photons, rel=0.02)


def test_the_dark_has_offset_and_background_with_its_shot_noise():
    """In counts: mean offset + background, variance (gain · background + read_noise²) / gain²."""
    settings = {"photons": 0.01, "offset": 100.0, "background": 40.0, "gain": 0.25, "read_noise": 2.0}
    _, image, _ = acquire("nucleus", "gaussian", WATER, GRID, **settings)
    assert image.mean(dtype=float) == pytest.approx(140.0, abs=0.5)
    assert image.var(dtype=float) == pytest.approx((10 + 4) / 0.25**2, rel=0.06)


def test_a_plane_can_be_imaged():
    truth, image, kernel = acquire("filaments", "gaussian", WATER, Grid(shape=(40, 44), spacing=(0.1, 0.1)))
    assert truth.shape == image.shape == (40, 44)
    assert (truth.dtype, image.dtype, kernel.dtype, kernel.ndim) == (np.float32, np.float32, np.float32, 2)


def test_the_same_seed_gives_the_same_image():
    first, again, other = (acquire("filaments", "gaussian", WATER, GRID, seed=seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_settings_are_one_object_or_single_values():
    settings = Acquisition().assign(photons=50.0, read_noise=3.0, seed=7)
    assert Acquisition.of(settings.to_dict()) == settings
    one = acquire("bars", "gaussian", WATER, GRID, settings)[1]
    np.testing.assert_array_equal(
        one, acquire("bars", "gaussian", WATER, GRID, photons=50.0, read_noise=3.0, seed=7)[1]
    )


@pytest.mark.parametrize(("gain", "read_noise", "offset"), [(1.0, 0.0, 0.0), (0.5, 2.0, 100.0), (4.0, 6.0, 10.0)])
def test_moments_of_the_camera(gain, read_noise, offset):
    """Mean e/gain + offset; variance (e + read_noise²) / gain²; third central moment e / gain³, as for Poisson."""
    electrons = np.full(400_000, 30.0)
    counts = expose(electrons, offset=offset, gain=gain, read_noise=read_noise, seed=3).astype(float)
    variance = (30 + read_noise**2) / gain**2
    assert counts.mean() == pytest.approx(30 / gain + offset, abs=5 * np.sqrt(variance / counts.size))
    assert counts.var() == pytest.approx(variance, rel=0.015)
    assert ((counts - counts.mean()) ** 3).mean() == pytest.approx(30 / gain**3, abs=0.02 * variance**1.5)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="cannot be negative"):
        expose(np.array([1.0, -0.5]))
    with pytest.raises(ValueError, match="finer = 0"):
        acquire("beads", "gaussian", WATER, GRID, finer=0)
    with pytest.raises(ValueError, match="photon"):
        acquire("beads", "gaussian", WATER, GRID, photon=3)
    with pytest.raises(ValueError, match="there is no specimen"):
        acquire("bead", "gaussian", WATER, GRID)
    dark = Grid(shape=(64, 64), spacing=(0.1, 0.1))
    with pytest.raises(ValueError, match="no light of the beads"):
        acquire(Beads(concentration=0.01, diameter=0.02), "gaussian", WATER, dark, seed=1)
