"""Which of the PSFs that are given is that of a channel."""

import numpy as np
import pytest

from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.given_psfs import psf_at, psfs_by_channel
from napari_deconvolution.recipes.recipe import Recipe

SINGLE = [Image(np.full((3, 3), number + 1.0), "yx") for number in range(3)]
TOGETHER = Image(np.stack([psf.samples for psf in SINGLE]), "cyx")


def value(psf):
    return float(psf.samples[0, 0])


@pytest.mark.parametrize("given", [SINGLE, TOGETHER, [SINGLE[0], TOGETHER.replace(samples=TOGETHER.samples[1:])]])
def test_one_for_each_channel_alone_or_along_an_axis(given):
    assert {number: value(psf) for number, psf in psfs_by_channel(given, 3, range(3)).items()} == {0: 1, 1: 2, 2: 3}
    assert {number: value(psf) for number, psf in psfs_by_channel(given, 3, [1]).items()} == {1: 2}


def test_one_for_the_channel_that_is_chosen():
    assert value(psfs_by_channel(SINGLE[:1], 3, [2])[2]) == 1


@pytest.mark.parametrize("given", [None, []])
def test_none_are_to_be_computed(given):
    assert psfs_by_channel(given, 2, range(2)) == {0: None, 1: None}


def test_another_number_is_refused():
    with pytest.raises(ValueError, match="there are 2 for an image of 3 channels"):
        psfs_by_channel(SINGLE[:2], 3, range(3))
    with pytest.raises(ValueError, match="there are 2 for an image of one channel"):
        psfs_by_channel(SINGLE[:2], 1, range(1))


def test_of_a_volume():
    image = Image(np.ones((2, 3, 8, 8)), "tcyx")
    assert value(psf_at(SINGLE, Recipe(), image, {"t": 1, "c": 2})) == 3
    assert value(psf_at(SINGLE, Recipe(channel=1), image, {"t": 1})) == 2
