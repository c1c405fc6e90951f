"""Good beads are taken, bad ones refused with their reason. The rules were tuned on the seeds 100 and 101."""

import numpy as np
import pytest

from napari_deconvolution.optics.beads.find import find_beads
from napari_deconvolution.optics.beads.settings import BeadSettings

SEEDS = [11, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (12, 13, 14, 15))]


def nearest(found, place):
    """The bead at a place and its distance, a plane counting half of a pixel."""
    apart = [np.linalg.norm((np.array(bead.position) - place) * (0.5, 1, 1)) for bead in found.beads]
    return found.beads[int(np.argmin(apart))], min(apart)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("peak", [200, 3000])
@pytest.mark.parametrize("optics", ["oil", "air"])
def test_good_beads_are_taken_and_bad_ones_refused(simulator, optics, peak, seed):
    stage, large = simulator.stage(optics), simulator.stage(optics, 0.6)
    image, good, bad = simulator.mixed_field(stage, large, peak, seed)
    found = find_beads(image, stage.optics.spacing, bead=0.2, **stage.optics.settings)
    taken = [bead.good and apart < 2 for bead, apart in (nearest(found, place) for place in good)]
    assert sum(taken) >= 0.97 * len(good)
    assert len(found.good) == sum(taken)
    for kind, place in bad:
        bead, apart = nearest(found, place)
        if apart < 4:  # a dim one may not be seen at all
            assert bead.reason == kind, (place, bead)
        else:
            assert kind == "dim", place


def test_positions_lie_on_the_beads(simulator):
    stage = simulator.stage("oil")
    image, places = simulator.row_of_beads(stage, 3000, 4, 5)
    found = find_beads(image, stage.optics.spacing, bead=0.2, **stage.optics.settings)
    assert len(found.good) == 4
    for place in places:
        bead, apart = nearest(found, place)
        assert apart < 0.15  # the Gaussian's centre and the point of an aberrated pupil differ
        assert bead.nearest > 4


def test_the_table_tells_every_bead(simulator):
    stage = simulator.stage("oil")
    image, _ = simulator.row_of_beads(stage, 1000, 4, 6)
    found = find_beads(image, stage.optics.spacing, bead=0.2, **stage.optics.settings)
    lines = found.csv().splitlines()
    assert lines[0].startswith("number,z,y,x,used,reason,peak")
    assert len(lines) == 1 + len(found.beads)
    assert len({line.count(",") for line in lines}) == 1


def test_a_person_takes_beads_out(simulator):
    stage = simulator.stage("oil")
    image, _ = simulator.row_of_beads(stage, 1000, 4, 6)
    found = find_beads(image, stage.optics.spacing, bead=0.2, **stage.optics.settings)
    fewer = found.with_reasons(["left out by hand", "", "", ""])
    assert [bead.good for bead in fewer.beads] == [False, True, True, True]
    assert "1 left out by hand" in fewer.counted()


def test_hot_pixels_are_no_beads(simulator):
    stage = simulator.stage("oil")
    image, _ = simulator.row_of_beads(stage, 1000, 4, 7)
    image[20, 70, 75] = 3000
    found = find_beads(image, stage.optics.spacing, bead=0.2, **stage.optics.settings)
    assert len(found.good) == 4
    assert nearest(found, (20, 70, 75))[0].reason in ("too narrow", "too close")


def gaussian(shape=(25, 61, 61), spacing=(0.2, 0.1, 0.1)):
    z, y, x = (((np.arange(n) - n // 2) * step) ** 2 for n, step in zip(shape, spacing, strict=True))
    return 100 + 900 * np.exp(-z[:, None, None] / 0.14 - y[:, None] / 0.024 - x / 0.024)


OIL = {"bead": 0.1, "na": 1.3, "wavelength": 0.52}


@pytest.mark.parametrize(
    ("image", "spacing", "settings", "said"),
    [
        (np.random.default_rng(0).poisson(20, (25, 60, 60)), (0.2, 0.1, 0.1), OIL, "there is no bead in the image"),
        (gaussian()[12], (0.1, 0.1), OIL, "a PSF is measured in a stack"),
        (gaussian(), (0.2, 0.1), OIL, "give the voxel size along z, y and x"),
        (gaussian(), (0.2, 0.3, 0.3), OIL, r"3 times the Nyquist step.*finer step"),
        (gaussian(), (0.9, 0.1, 0.1), OIL, r"along z is .* times the Nyquist step"),
        (gaussian(), (0.2, 0.1, 0.1), {**OIL, "bead": None}, "the diameter of the beads is needed"),
        (gaussian(), (0.2, 0.1, 0.1), {**OIL, "bead": 1.5}, "use beads of 100 to 200 nm"),
        (gaussian(), (0.2, 0.1, 0.1), {**OIL, "bead": 200}, "Did you mean nm"),
        (gaussian((7, 61, 61)), (0.2, 0.1, 0.1), OIL, r"too short.*take more planes"),
        (np.where(gaussian() > 900, np.nan, gaussian()), (0.2, 0.1, 0.1), OIL, "NaN or infinity"),
        (gaussian(), (0.2, 0.1, 0.1), {**OIL, "window": (2.0, 2.0)}, "size of the PSF along z, y and x"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(image, spacing, settings, said):
    with pytest.raises(ValueError, match=said):
        find_beads(image, spacing, **settings)


def test_expected_width_adds_diffraction_and_sphere():
    air = BeadSettings(bead=0.2).assign(na=0.95, n_immersion=1.0, wavelength=0.52)
    assert air.expected_widths() == pytest.approx((0.678, 0.301), abs=0.001)
