"""Aperture and immersion, as far as a file tells them and they can be."""

import pytest

from napari_deconvolution.images.objective import objective_optics


@pytest.mark.parametrize(
    ("medium", "index"),
    [("OIL", 1.515), ("water dipping", 1.333), ("Silicone-Oil", 1.406), ("Dry", 1.0), ("Imm", 1.518)],
)
def test_a_medium_by_its_name(medium, index):
    assert objective_optics(0.7, None, medium) == {"na": 0.7, "n_immersion": index}


def test_an_index_that_is_told_counts_before_the_name():
    assert objective_optics(1.2, 1.518, "Water") == {"na": 1.2, "n_immersion": 1.518}


def test_what_cannot_be_is_left_out():
    assert objective_optics(1.4, None, "Air") == {"na": 1.4}, "the aperture is more reliable"
    assert objective_optics(1.33, 1.33, None) == {"na": 1.33}
    assert objective_optics(0.0, 0.0, "honey") == objective_optics(None, -1.0, None) == {}
    assert objective_optics(None, None, "Glycerol") == {"n_immersion": 1.47}


def test_rounding_of_a_file_is_taken_off():
    assert objective_optics(float("1.4500000476837158"), None, None)["na"] == 1.45000005
