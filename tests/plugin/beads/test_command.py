"""The command that measures a PSF with beads."""

import numpy as np
import pytest

from napari_deconvolution.plugin.beads.command import psf_from_beads

SPACING = (0.2, 0.1, 0.1)
OIL = {"bead": 0.1, "na": 1.3, "wavelength": 0.52, "n_immersion": 1.518}


def field():
    """Six Gaussian beads, and one at the border."""
    z, y, x = np.ogrid[:31, :104, :150]
    places = [(14 + 0.3 * k, 30 + 44 * (k // 3), 30 + 44 * (k % 3)) for k in range(6)] + [(15, 50, 3)]
    signal = sum(800 * np.exp(-((z - a) ** 2) / 3.2 - ((y - b) ** 2 + (x - c) ** 2) / 2.2) for a, b, c in places)
    return np.random.default_rng(0).poisson(signal + 30).astype(np.uint16)


def test_layer_data_go_in_and_psf_and_points_come_out():
    attributes = {"name": "field", "scale": SPACING, "units": ("µm",) * 3, "translate": (1.0, 2.0, 3.0)}
    (psf, about, kind), (places, shown, points) = psf_from_beads((field(), attributes, "image"), **OIL)
    assert (kind, points) == ("image", "points")
    assert psf.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert about["scale"] == pytest.approx(SPACING)
    assert shown["scale"] == pytest.approx(SPACING)
    assert shown["translate"] == (1.0, 2.0, 3.0)
    assert sorted(shown["features"]["reason"]) == ["edge", *["used"] * 6]
    assert len(places) == len(shown["border_color"]) == 7
    assert len(set(shown["border_color"])) == 2


def test_an_array_needs_its_spacing():
    (_, about, _), _ = psf_from_beads(field(), SPACING, **OIL)
    assert about["metadata"]["napari-deconvolution"]["beads"]["used"] == 6
    with pytest.raises(ValueError, match="give the voxel size along z, y and x"):
        psf_from_beads(field(), **OIL)
