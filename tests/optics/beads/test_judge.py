"""Each kind of bad bead is refused with its reason, and a good one is not: on fits and places made by hand."""

import math

import numpy as np
import pytest

from napari_deconvolution.optics.beads.gaussian import TO_FWHM, GaussianFit
from napari_deconvolution.optics.beads.judge import by_place, by_shape, saturation
from napari_deconvolution.optics.beads.settings import BeadSettings

SETTINGS = BeadSettings(bead=0.1).assign(na=1.3, wavelength=0.52, n_immersion=1.518)
AXIAL, LATERAL = SETTINGS.expected_widths()


def fit(height=100.0, axial=1.0, y=1.0, x=1.0):
    """A bead with widths in terms of the expected ones."""
    lateral = np.diag([(y * LATERAL / TO_FWHM) ** 2, (x * LATERAL / TO_FWHM) ** 2])
    return GaussianFit((0.0, 0.0, 0.0), height, 0.0, axial * AXIAL / TO_FWHM, lateral)


def judged(*fits):
    """Among twenty good beads."""
    every = [*fits, *[fit()] * 20]
    reasons = by_shape([""] * len(every), every, [1.0] * len(every), SETTINGS)
    assert set(reasons[len(fits) :]) == {""}
    return reasons[: len(fits)]


def test_every_form_has_its_reason():
    assert judged(None, fit(4.9), fit(29), fit(31)) == ["dim", "dim", "dim", ""]
    assert judged(fit(y=0.5, x=0.5), fit(axial=0.5)) == ["too narrow", "too narrow"]
    assert judged(fit(y=1.2, x=1.2), fit(axial=1.3), fit(axial=1.2)) == ["too wide", "too wide", ""]
    assert judged(fit(80, y=1.2), fit(y=1.1)) == ["elongated", ""]
    assert judged(fit(190), fit(130, y=1.1, x=1.1), fit(150, y=1.2)) == ["doublet"] * 3


def test_few_beads_are_compared_with_theory_only():
    few = [fit(y=1.2), fit(y=1.35), fit(y=2.1, x=2.1)]
    assert by_shape([""] * 3, few, [1.0] * 3, SETTINGS) == ["", "elongated", "too wide"]


def test_a_reason_that_is_known_stays():
    assert by_shape(["edge", ""], [None, fit()], [1.0, 1.0], SETTINGS) == ["edge", ""]


def placed(*peaks, heights=None, limit=math.inf, **settings):
    volume = np.zeros((30, 90, 90))
    for peak, height in zip(peaks, heights or [100.0] * len(peaks), strict=True):
        volume[peak] = height
    found = np.array(heights or [100.0] * len(peaks))
    spacing, half = (0.2, 0.1, 0.1), (8, 12, 12)
    return by_place(volume, np.array(peaks), found, spacing, half, limit, SETTINGS.assign(**settings))


def test_every_place_has_its_reason():
    reasons, nearest = placed((15, 45, 45), (15, 5, 80), (3, 77, 20))
    assert reasons == ["", "edge", "end of stack"]
    assert nearest[0] == pytest.approx(0.1 * math.hypot(40, 35))
    assert placed((15, 45, 45), limit=100.0)[0] == ["saturated"]


def test_neighbours_count_by_their_light_and_by_what_is_done_with_them():
    assert placed((15, 45, 45), (15, 45, 55)) == (["too close", "too close"], [1.0, 1.0])
    assert placed((15, 45, 45), (15, 45, 55), heights=[100.0, 9.0]) == (["", "too close"], [math.inf, 1.0])
    assert placed((15, 45, 45), (15, 45, 55), neighbours="subtract")[0] == ["", ""]


def test_saturation_is_a_limit_of_cameras_a_plateau_or_as_told():
    ramp = np.arange(300.0)
    assert saturation(ramp, BeadSettings()) == math.inf
    assert saturation(ramp.clip(0, 297), BeadSettings()) == 297
    assert saturation(ramp[:256], BeadSettings()) == 255
    assert saturation(ramp, BeadSettings(saturation=200.0)) == 200
