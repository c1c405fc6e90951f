"""Voxels read from a table along the radius, held against an Airy pattern computed for every point."""

import math

import numpy as np
import pytest
import scipy.special

from napari_deconvolution import Grid
from napari_deconvolution.optics.diffraction.radial_table import POINTS, at_points, by_rows, interpolation, voxels

BAND = 4 * math.pi * 1.2 / 0.5
"""Of the intensity: twice the wavenumber times NA."""


def airy(radii):
    """Two planes: one of them half as bright."""
    v = np.maximum(BAND / 2 * np.asarray(radii), 1e-9)
    return np.multiply.outer((2 * scipy.special.j1(v) / v) ** 2, [1.0, 0.5])


@pytest.mark.parametrize("shape", [(15, 24), (16, 9)])
@pytest.mark.parametrize("accuracy", [1e-3, 1e-6])
def test_at_the_centres_of_pixels_it_is_the_intensity(shape, accuracy):
    grid = Grid(shape=shape, spacing=(0.05, 0.08))
    y, x = ((np.arange(n) - n // 2) * step for n, step in zip(shape, grid.spacing, strict=True))
    found = voxels(airy, BAND, grid, accuracy, pixels=False)
    assert found == pytest.approx(np.moveaxis(airy(np.hypot(y[:, None], x)), -1, 0), abs=accuracy)


@pytest.mark.parametrize("step", [0.06, 0.4])
def test_a_pixel_is_the_mean_over_its_area(step):
    grid, fine = Grid(shape=(7, 6), spacing=(step, step)), 41
    inner = ((np.arange(fine) + 0.5) / fine - 0.5) * step
    y, x = (((np.arange(n) - n // 2) * step)[:, None] + inner for n in grid.shape)
    means = airy(np.hypot(y[:, :, None, None], x)).mean(axis=(1, 3))
    found = voxels(airy, BAND, grid, 1e-6, pixels=True)
    assert found == pytest.approx(np.moveaxis(means, -1, 0), abs=5e-4 * means.max())


def test_any_points_are_read_from_one_table():
    y, x = np.linspace(-0.3, 0.9, 8), np.linspace(0.1, 0.8, 5)
    assert at_points(airy, BAND, 1.3, 1e-6)(y, x) == pytest.approx(airy(np.hypot(y[:, None], x)), abs=1e-6)


def test_near_the_axis_a_table_goes_on_evenly_or_oddly():
    step, radii = 0.1, np.array([0.0, 0.03, 0.11, 0.26])
    at = step * np.arange(12)
    for function, odd in ((np.cos, False), (np.sin, True)):
        assert interpolation(radii, step, len(at), odd) @ function(at) == pytest.approx(function(radii), abs=1e-8)


def test_a_few_rows_at_a_time_are_all_of_them():
    sizes = []

    def some(y, x):
        sizes.append(len(y))
        return (y[:, None] + 10 * x)[..., None]

    y, x = np.arange(9.0), np.arange(POINTS // 4, dtype=float)
    np.testing.assert_array_equal(by_rows(some, 1)(y, x), (y[:, None] + 10 * x)[..., None])
    assert sizes == [4, 4, 1]
