"""Real beads: the field of PSF-Extractor against the average that PSF-Extractor made of it, and a single bead."""

import numpy as np
import pytest
import scipy
import tifffile

from napari_deconvolution import psf_from_beads
from napari_deconvolution.optics.psf_measures import fwhm

BLOCK = 5
"""The other tool repeated every voxel so often before it averaged: of each block one sample is compared."""


@pytest.fixture(scope="module")
def measured(data):
    field = tifffile.imread(data / "psf-extractor-beads" / "sample_zstack.tif")
    optics = {"na": 0.95, "wavelength": 0.52, "n_immersion": 1.0}
    return psf_from_beads(field, (0.3, 0.108, 0.108), bead=0.2, window=(6.9, 3.35, 3.35), **optics)


def test_the_field_has_many_good_beads_and_its_doublets_are_found(measured):
    assert len(measured.found.good) >= 25
    doublets = {
        tuple(round(at) for at in bead.position[1:]) for bead in measured.found.beads if bead.reason == "doublet"
    }
    # twice as bright as the others, and longer than wide
    assert doublets == {(52, 249), (390, 39), (464, 486), (40, 349), (483, 413)}


def test_the_average_is_that_of_another_tool(measured, data):
    golden = tifffile.imread(data / "psf-extractor-beads" / "psf_av.tif").astype(float)
    peak = np.unravel_index(golden.argmax(), golden.shape)
    other = golden[tuple(slice(at % BLOCK, None, BLOCK) for at in peak)]
    origin = [at // BLOCK for at in peak]
    reach = (11, 14, 14)
    other = other[tuple(slice(o - r, o + r + 1) for o, r in zip(origin, reach, strict=True))]
    places = np.meshgrid(
        *(np.arange(-r, r + 1) + n // 2 for r, n in zip(reach, measured.average.shape, strict=True)), indexing="ij"
    )
    spline = scipy.ndimage.spline_filter(measured.average.astype(float), 5)

    def laid(move):
        at = [place + by for place, by in zip(places, move, strict=True)]
        values = scipy.ndimage.map_coordinates(spline, at, order=5, prefilter=False, mode="nearest").ravel()
        columns = np.stack([values, np.ones_like(values)], axis=1)
        return columns @ np.linalg.lstsq(columns, other.ravel(), rcond=None)[0]

    found = scipy.optimize.minimize(
        lambda move: np.sum((laid(move) - other.ravel()) ** 2), np.zeros(3), method="Powell"
    )
    ours = laid(found.x)
    assert np.linalg.norm(ours - other.ravel()) / np.linalg.norm(other) <= 0.055
    assert np.corrcoef(ours, other.ravel())[0, 1] >= 0.998


def test_widths_are_those_that_were_measured_by_hand(measured):
    assert fwhm(measured.average, measured.spacing) == pytest.approx((0.88, 0.404, 0.400), rel=0.03)
    assert measured.widths[1] < fwhm(measured.average, measured.spacing)[1]


def test_a_single_bead_of_unlike_optics_is_taken_with_two_warnings(data):
    stack = tifffile.imread(data / "pyotf-bil113-bead" / "BIL113_zstack_z300nm_current.tif")
    optics = {"na": 1.3, "wavelength": 0.525, "n_immersion": 1.515}  # assumed: the file does not tell
    few, other = "only 1 of 3 beads can be used", "are expected: check the voxel size"
    with pytest.warns(UserWarning, match=few), pytest.warns(UserWarning, match=other):
        measured = psf_from_beads(stack, (0.3, 0.08667, 0.08667), bead=0.2, **optics)
    assert len(measured.found.good) == 1
    assert measured.psf.sum(dtype=float) == pytest.approx(1, abs=1e-5)
