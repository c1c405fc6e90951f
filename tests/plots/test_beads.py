"""The picture of a field of beads, and its PSF as an image."""

import numpy as np
import pytest

from napari_deconvolution import psf_from_beads
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plots.beads import field_and_psf
from napari_deconvolution.recipes.bead_psf import bead_psf


@pytest.fixture(scope="module")
def field():
    z, y, x = np.ogrid[:31, :104, :150]
    places = [(14 + 0.3 * k, 30 + 44 * (k // 3), 30 + 44 * (k % 3)) for k in range(6)] + [(15, 50, 3)]
    signal = sum(800 * np.exp(-((z - a) ** 2) / 3.2 - ((y - b) ** 2 + (x - c) ** 2) / 2.2) for a, b, c in places)
    return np.random.default_rng(0).poisson(signal + 30).astype(np.uint16)


@pytest.fixture(scope="module")
def measured(field):
    return psf_from_beads(field, (0.2, 0.1, 0.1), bead=0.1, na=1.3, wavelength=0.52, n_immersion=1.518)


def test_every_kind_of_bead_is_in_the_legend(field, measured):
    figure = field_and_psf(field, measured)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["used: 6", "edge: 1"]
    assert len(figure.axes) == 5


def test_the_psf_keeps_the_optics_of_its_beads(field, measured):
    image = bead_psf(measured, Image(field, "zyx", channels=(Channel("green"),), name="field"))
    assert image.optics == {"na": 1.3, "n_immersion": 1.518, "n_sample": 1.515}
    assert (image.channels[0].name, image.channels[0].emission) == ("green", 0.52)
    assert image.voxel == pytest.approx((0.2, 0.1, 0.1))
