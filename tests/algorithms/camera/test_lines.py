"""Dead and hot lines and lost planes are found, and the edges of specimens are not."""

import numpy as np
import pytest

from napari_deconvolution.algorithms.camera.lines import find_lines, find_planes


def light(shape=(4, 40, 48), mean=100):
    return np.random.default_rng(0).poisson(mean, shape)


def lines(image, axis, ratio=1.5):
    """Those along an axis; all that is found has to be whole lines of it."""
    found = np.moveaxis(find_lines(image, 0.0, ratio), axis, 0)
    whole = found.reshape(len(found), -1).all(axis=1)
    assert found.sum() == whole.sum() * found[0].size
    return np.flatnonzero(whole).tolist()


@pytest.mark.parametrize("value", [0, 5, 1000])
@pytest.mark.parametrize("axis", [1, 2])
def test_a_line_of_one_value_is_found_also_at_the_border(axis, value):
    for at in ([0], [20], [17, 18], [39]):
        image = light()
        np.moveaxis(image, axis, 0)[at] = value
        assert lines(image, axis) == at


def test_a_noisy_line_is_found_where_the_psf_could_not_make_it():
    image = light()
    image[:, :, 30] *= 2
    assert lines(image, 2, ratio=1.5) == [30]
    assert lines(image, 2, ratio=2.5) == [], "a PSF so sharp can make it"


def test_a_blurred_edge_and_many_lines_are_left_alone():
    edge = 100 + 400 / (1 + np.exp(-(np.arange(48.0) - 24)))
    assert lines(light(mean=edge), 2) == []
    image = light()
    image[:, :, ::4] = 0
    assert lines(image, 2) == [], "more than a tenth: it is a grating"
    assert not find_lines(light((40, 8)), 0.0, 1.5).any()


@pytest.mark.parametrize("lost", [0, 3, 7])
def test_an_empty_and_a_repeated_plane_are_lost(lost):
    image = light((8, 16, 16))
    image[lost] = 5
    assert np.flatnonzero(find_planes(image).all(axis=(1, 2))).tolist() == [lost]
    image = light((8, 16, 16))
    image[max(lost, 1)] = image[max(lost, 1) - 1]
    assert np.flatnonzero(find_planes(image).all(axis=(1, 2))).tolist() == [max(lost, 1)]


def test_a_stack_of_one_plane_over_and_over_lost_none():
    assert not find_planes(np.repeat(light((1, 16, 16)), 8, axis=0)).any()
    assert not find_planes(np.zeros((2, 16, 16))).any()
