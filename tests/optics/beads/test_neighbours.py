"""Beads in a crowd, each without the light of the others."""

import numpy as np
import pytest

from napari_deconvolution.optics.beads.average import Average
from napari_deconvolution.optics.beads.neighbours import Crowd
from napari_deconvolution.optics.beads.register import centred, shifted
from napari_deconvolution.optics.beads.settings import BeadSettings

SPACING, HALF = (0.2, 0.1, 0.1), (5, 7, 7)
SETTINGS = BeadSettings(bead=0.1).assign(na=1.3, wavelength=0.52, n_immersion=1.518)
PLACES = np.array([[15.2, 24.6, 20.3], [14.7, 25.1, 31.4], [15.4, 34.2, 26.0]])
HEIGHTS = np.array([100.0, 60.0, 150.0])


@pytest.fixture(scope="module")
def bead():
    """As theory has it, far beyond the window, brightest voxel 1."""
    wide = SETTINGS.sphere((15, 28, 28), SPACING).model
    return wide / wide.max()


@pytest.fixture(scope="module")
def crowd(bead):
    image = np.zeros((31, 57, 57))
    for place, height in zip(PLACES, HEIGHTS, strict=True):
        image += height * shifted(bead, place - (15, 28, 28))
    window = centred(bead, (15, 28, 28), HALF)
    average = Average(window, np.zeros((1, 3)), np.ones(1), np.zeros(1), np.ones(1), 0.0)
    guess = PLACES + np.array([[0.2, -0.2, 0.1], [-0.3, 0.1, 0.2], [0.0, 0.2, -0.2]])
    return Crowd(image, guess.tolist(), (1.1 * HEIGHTS).tolist(), average, HALF, SPACING, SETTINGS)


def test_places_and_heights_are_those_of_the_beads(crowd):
    assert crowd.places == pytest.approx(PLACES, abs=0.01)
    assert crowd.heights == pytest.approx(HEIGHTS, rel=0.01)


def test_all_but_nothing_is_left_when_all_are_subtracted(crowd):
    assert np.abs(crowd.rest).max() < 0.02 * HEIGHTS.max()


def test_a_window_holds_its_own_bead_alone(crowd, bead):
    for number, height in enumerate(HEIGHTS):
        alone = centred(height * bead, (15, 28, 28), HALF)
        assert crowd.take(number, PLACES[number]) == pytest.approx(alone, abs=0.015 * HEIGHTS.max())
