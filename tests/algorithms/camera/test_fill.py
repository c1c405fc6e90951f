"""Fill outside the field is found, and nothing else is taken for it."""

import numpy as np
import pytest

from napari_deconvolution.algorithms.camera.fill import find_fill


def light(shape=(4, 96, 96), mean=20):
    return np.random.default_rng(0).poisson(mean, shape)


@pytest.mark.parametrize("value", [0, 17, 65535])
def test_the_corners_of_a_turned_image_are_found_whatever_they_hold(value):
    image = light()
    y, x = np.indices(image.shape[-2:])
    outside = x + 2 * y < 60
    image[:, outside] = value
    found = find_fill(image)
    assert found[:, outside].mean() > 0.97, "all but the tip that is narrower than the box"
    assert found[:, ~outside].mean() < 0.001, "single voxels at the border that have its value"


def test_planes_that_were_moved_each_have_their_own_border():
    image = light()
    for plane, width in zip(image, (0, 10, 20, 30), strict=True):
        plane[:, :width] = 0
    assert find_fill(image).sum(axis=(1, 2)).tolist() == [0, 960, 1920, 2880]


def test_a_hole_a_strip_and_a_small_area_are_no_fill():
    image = light()
    image[:, 30:60, 30:60] = 0
    assert not find_fill(image).any(), "it does not touch the border"
    image = light()
    image[:, :, :5] = 0
    assert not find_fill(image).any(), "narrower than the box"
    image = light((1, 96, 96))
    image[:, :30, :30] = 0
    assert not find_fill(image).any(), "fewer than a thousand voxels"


def test_dim_light_of_which_most_voxels_are_zero_is_no_fill():
    assert not find_fill(np.random.default_rng(0).poisson(0.05, (4, 96, 96))).any()
    assert not find_fill(np.zeros((4, 96, 96))).any(), "nothing is within the field"
