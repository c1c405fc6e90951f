"""A bright ground is known from fluorescence, and what dark structures take away adds up."""

import numpy as np
import pytest

from napari_deconvolution.algorithms.camera.bright_field import absorbance, bright_ground


def cells(shape=(96, 96), ground=900.0, dark=300.0):
    """Dark cells on a bright ground, with shot noise."""
    light = np.full(shape, ground)
    light[..., 20:50, 30:60] = dark
    return np.random.default_rng(0).poisson(light)


@pytest.mark.parametrize("shape", [(96, 96), (3, 96, 96)])
def test_the_ground_of_dark_cells_is_its_level(shape):
    assert bright_ground(cells(shape)) == pytest.approx(900, rel=0.02)


def test_fluorescence_noise_and_tiny_images_have_none():
    assert bright_ground(cells(ground=100.0, dark=2000.0)) is None
    assert bright_ground(cells(dark=900.0)) is None, "shot noise alone goes as far up as down"
    assert bright_ground(np.full((32, 32), 7)) is None
    assert bright_ground(cells()[:7]) is None


def test_a_bright_structure_that_leaves_the_border_dark_is_no_ground():
    bright = np.full((96, 96), 300.0)
    bright[10:86, 10:86] = 900
    assert bright_ground(np.random.default_rng(0).poisson(bright)) is None


def test_two_layers_of_one_dye_absorb_twice_as_much():
    ground, offset = 1000.0, 100.0
    through = offset + (ground - offset) * np.exp([-0.7, -1.4])
    once, twice = absorbance(through, ground, offset)
    assert (once, twice) == pytest.approx((0.7, 1.4), rel=1e-5)


def test_absorbance_is_held_between_none_and_a_thousandth_of_the_light():
    assert absorbance([1200.0, 0.0, -50.0], 1000.0) == pytest.approx([0, np.log(1000), np.log(1000)], rel=1e-5)
