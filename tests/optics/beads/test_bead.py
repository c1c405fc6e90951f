"""The table of beads."""

import csv
import math

import pytest

from napari_deconvolution.optics.beads.bead import COLUMNS, Bead, FoundBeads

BEADS = (Bead((1.0, 2.0, 3.0), peak=90.5), Bead((4.0, 5.0, 6.0), "dim"), Bead((7.0, 8.0, 9.0), "edge", nearest=2.5))
FOUND = FoundBeads((*BEADS, Bead((0.0, 0.0, 0.0), "dim")), (0.2, 0.1, 0.1), (5, 5, 5))


def test_only_beads_without_a_reason_are_used():
    assert FOUND.good == (BEADS[0],)
    assert FOUND.counted() == "4 beads found: 1 used, 3 refused (2 dim, 1 edge)"
    assert FoundBeads(BEADS[:1], FOUND.spacing, FOUND.half).counted() == "1 beads found: 1 used"


def test_a_person_decides_and_the_rest_of_a_bead_stays():
    chosen = FOUND.with_reasons(["left out by hand", "", "edge", "dim"])
    assert chosen.good == (Bead((4.0, 5.0, 6.0)),)
    assert chosen.beads[0] == Bead((1.0, 2.0, 3.0), "left out by hand", peak=90.5)
    with pytest.raises(ValueError, match="shorter"):
        FOUND.with_reasons([""])


def test_the_table_has_a_row_for_each_bead_under_its_columns():
    rows = list(csv.DictReader(FOUND.csv().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["number"] for row in rows] == ["1", "2", "3", "4"]
    assert [(row["used"], row["reason"]) for row in rows[:2]] == [("True", ""), ("False", "dim")]
    assert [float(rows[2][name]) for name in ("z", "y", "x", "nearest")] == [7, 8, 9, 2.5]
    assert float(rows[0]["peak"]) == 90.5
    assert math.isnan(float(rows[0]["fwhm_z"]))
