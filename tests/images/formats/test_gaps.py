"""Stacks with missing planes: time points that are whole are read, and any other gap is refused."""

from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution.images.formats.gaps import whole_times

SAMPLES = np.arange(4 * 3 * 2 * 2).reshape(4, 3, 2, 2)
PATH = Path("cell.nd2")


def there(*missing, shape=(4, 3)):
    planes = np.ones(shape, bool)
    for at in missing:
        planes[at] = False
    return planes


def test_what_is_whole_stays():
    assert whole_times(SAMPLES, "tzyx", there(), PATH) is SAMPLES


def test_only_time_points_before_the_gap_are_read():
    with pytest.warns(UserWarning, match=r"cell.nd2 .*\(1 of its 12 planes are missing\): .* 0 to 2 .* point 3 is"):
        np.testing.assert_array_equal(whole_times(SAMPLES, "tzyx", there((3, 2)), PATH), SAMPLES[:3])
    with pytest.warns(UserWarning, match=r"4 of its 12 .*; time points 2 to 3 are left out"):
        found = whole_times(SAMPLES, "tzyx", there((2, 2), 3), PATH)
    np.testing.assert_array_equal(found, SAMPLES[:2])


def test_time_may_be_any_axis():
    planes = there((2, 3), shape=(3, 4))
    with pytest.warns(UserWarning, match="time point 3 is left out"):
        found = whole_times(SAMPLES.swapaxes(0, 1), "ztyx", planes, PATH)
    np.testing.assert_array_equal(found, SAMPLES.swapaxes(0, 1)[:, :3])


@pytest.mark.parametrize(
    ("axes", "missing"),
    [("tzyx", [(1, 2)]), ("tzyx", [(0, 0), 1, 2, 3]), ("czyx", [3])],
    ids=["between", "none", "no time"],
)
def test_other_gaps_are_refused(axes, missing):
    with pytest.raises(ValueError, match=r"cell.nd2 is incomplete: \d+ of its 12 planes are missing.*into one folder"):
        whole_times(SAMPLES, axes, there(*missing), PATH)
