"""Specimens are the same object on every grid, and have the volumes that geometry gives them."""

import math

import numpy as np
import pytest
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from napari_deconvolution.optics.microscope import Grid
from napari_deconvolution.simulation.specimens import SPECIMENS, Bars, Beads, Chirp, Filaments, Nucleus, binned


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_finer_grid_shows_the_same_object(name):
    specimen = SPECIMENS[name]
    coarse = specimen.draw(Grid(shape=(12, 64, 70), spacing=(0.4, 0.12, 0.12)), seed=3)
    for parts in ((1, 2, 2), (2, 1, 1), (1, 3, 3)):
        shape = tuple(n * part for n, part in zip((12, 64, 70), parts, strict=True))
        spacing = tuple(step / part for step, part in zip((0.4, 0.12, 0.12), parts, strict=True))
        finer = binned(specimen.draw(Grid(shape=shape, spacing=spacing), seed=3).astype(float), parts)
        assert np.abs(finer - coarse).max() < 0.02 * coarse.max(), parts
        assert finer.mean() == pytest.approx(coarse.mean(), rel=1e-3)


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_specimen_is_positive_and_repeats_with_its_seed(name):
    grid = Grid(shape=(8, 40, 44), spacing=(0.4, 0.2, 0.2))
    specimen = SPECIMENS[name]
    drawn = specimen.draw(grid, seed=5)
    assert drawn.shape == grid.shape
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()
    assert drawn.min() >= 0
    assert drawn.max() > 0
    np.testing.assert_array_equal(specimen.draw(grid, seed=5), drawn)
    if name != "chirp":
        assert not np.array_equal(specimen.draw(grid, seed=6), drawn)


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_plane_is_a_section_of_one_micrometre(name):
    plane = SPECIMENS[name].draw(Grid(shape=(40, 44), spacing=(0.2, 0.2)), seed=5)
    np.testing.assert_array_equal(
        plane, SPECIMENS[name].draw(Grid(shape=(1, 40, 44), spacing=(1.0, 0.2, 0.2)), seed=5)[0]
    )


def test_threads_have_their_volume_and_density():
    threads = Filaments(threads=1, length=2, width=0.3, persistence=1e4)
    drawn = threads.draw(Grid(shape=(100, 100, 100), spacing=(0.06, 0.06, 0.06)), seed=1)
    sigma = 0.3 / math.sqrt(8 * math.log(2))
    assert drawn.sum(dtype=float) * 0.06**3 == pytest.approx(2 * 2 * math.pi * sigma**2, rel=1e-3)
    assert 0.95 < drawn.max() < 1.001


def test_beads_have_the_volume_of_spheres():
    grid = Grid(shape=(40, 100, 100), spacing=(0.3, 0.1, 0.1))
    drawn = Beads(concentration=100, diameter=0.3).draw(grid, seed=2)
    number = round(100 * 12 * 10 * 10 / 1000)
    volume = drawn.sum(dtype=float) * 0.3 * 0.1 * 0.1 / (number * math.pi * 0.3**3 / 6)
    assert 0.96 < volume < 1.005  # the border of the box cuts some of them


def test_a_smooth_nucleus_is_an_ellipsoid_on_its_pedestal():
    grid = Grid(shape=(30, 60, 60), spacing=(0.25, 0.2, 0.2))
    drawn = Nucleus(roughness=0, pedestal=0.1).draw(grid)
    assert drawn[0, 0, 0] == np.float32(0.1)
    assert drawn[15, 30, 30] == pytest.approx(1.0, rel=1e-6)
    volume = math.pi / 6 * 5 * 9 * 6.75
    assert (drawn.sum(dtype=float) * 0.01 - 0.1 * 7.5 * 144) / 0.9 == pytest.approx(volume, rel=5e-3)


def test_the_texture_keeps_the_brightness():
    grid = Grid(shape=(30, 60, 60), spacing=(0.25, 0.2, 0.2))
    inside = Nucleus(roughness=0, pedestal=0).draw(grid) > 0.99
    textured = Nucleus(roughness=0.5, grain=0.5, pedestal=0).draw(grid, seed=1)[inside]
    assert textured.mean() == pytest.approx(1.0, abs=0.1)
    assert 0.3 < textured.std() < 0.6  # sqrt(exp(0.25) - 1) = 0.53, less what the voxels average away


def test_bars_have_the_volume_of_their_walls():
    drawn = Bars(width=1.0, wall=0.2, distance=2.0).draw(Grid(shape=(40, 30, 80), spacing=(0.15, 0.1, 0.1)), seed=1)
    assert drawn.sum(dtype=float) * 0.15 * 0.01 == pytest.approx(4 * (1.0 - 0.6**2) * 3.0, rel=1e-4)
    assert drawn.max() == pytest.approx(1.0)
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, -1])


def test_the_chirp_has_full_contrast_and_its_number_of_stripes():
    chirp = Chirp(coarsest=2.0, finest=0.2, thickness=0.5)
    drawn = chirp.draw(Grid(shape=(5, 2, 4000), spacing=(0.5, 0.5, 0.005)))
    np.testing.assert_allclose(drawn[[0, 1, 3, 4]], 0, atol=1e-6)
    profile = drawn[2, 0]
    assert minimum_filter1d(maximum_filter1d(profile, 401), 401).min() > 0.99
    assert maximum_filter1d(minimum_filter1d(profile, 401), 401).max() < 0.01
    peaks = np.count_nonzero((profile[1:-1] > profile[:-2]) & (profile[1:-1] >= profile[2:]))
    assert peaks == pytest.approx(20 * (1 / 0.2 - 1 / 2.0) / math.log(10), abs=1)
