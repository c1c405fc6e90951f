"""The Gaussian that fits a bead, held against Gaussians of known place, width and angle."""

import math

import numpy as np
import pytest

from napari_deconvolution.optics.beads.gaussian import TO_FWHM, GaussianFit, fit_gaussian

SPACING = (0.2, 0.1, 0.1)
PLACE = (9.3, 12.8, 11.6)
AXIAL, LATERAL = 0.3, np.array([[0.03, 0.01], [0.01, 0.02]])


def bell(place=PLACE, height=80.0, floor=20.0):
    """A bead on a volume."""
    z, y, x = ((np.arange(n) - at) * step for n, at, step in zip((19, 25, 25), place, SPACING, strict=True))
    precision = np.linalg.inv(LATERAL)
    across = precision[0, 0] * y[:, None] ** 2 + 2 * precision[0, 1] * y[:, None] * x + precision[1, 1] * x**2
    return floor + height * np.exp(-(z[:, None, None] ** 2 / AXIAL**2 + across) / 2)


def fitted(image, at=(9, 13, 12)):
    return fit_gaussian(image, at, (6, 8, 8), SPACING, (0.6, 0.3, 0.3))


@pytest.mark.parametrize("place", [PLACE, (9.0, 13.0, 12.0), (2.2, 20.7, 4.1)])
def test_a_gaussian_is_found_as_it_is(place):
    found = fitted(bell(place), tuple(round(at) for at in place))
    assert found.position == pytest.approx(place, abs=1e-4)
    assert (found.height, found.floor, found.axial) == pytest.approx((80, 20, AXIAL), rel=1e-4)
    assert found.lateral == pytest.approx(LATERAL, rel=1e-3)


def test_width_light_and_elongation_follow_from_the_covariance():
    found = GaussianFit(PLACE, 80.0, 20.0, AXIAL, LATERAL)
    assert found.widths == pytest.approx((TO_FWHM * 0.3, TO_FWHM * math.sqrt(0.03), TO_FWHM * math.sqrt(0.02)))
    assert found.light == pytest.approx((bell(floor=0.0)).sum() * math.prod(SPACING), rel=1e-3)
    turned = GaussianFit(PLACE, 80.0, 20.0, AXIAL, np.diag([0.04, 0.01]))
    assert turned.elongation == pytest.approx(2)


def test_where_there_is_no_bead_there_is_no_fit():
    assert fitted(np.full((19, 25, 25), 7.0)) is None
    assert fitted(bell((9.3, 12.8, 31.0))) is None, "its middle is beyond what is fitted"
    assert fitted(120 - bell()) is None, "a hole"
