"""A part of a result is that part of all that has its shape."""

import numpy as np

from napari_deconvolution.algorithms.diagnostics import Photons, Residual
from napari_deconvolution.algorithms.result import Result

FIELD = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
REGION = (slice(1, 3), slice(0, 2), slice(2, 5))


def part(array):
    return array[REGION]


def test_maps_are_cut_and_sums_are_kept():
    light, spectrum = Photons(1.0, 2.0, 3.0, 4.0, 5.0), np.arange(4.0)
    whole = Result(
        FIELD,
        "5 iterations done",
        5,
        (),
        {"iterations": 5},
        masked=FIELD > 30,
        photons=light,
        residual=Residual(-FIELD, 1.5, spectrum, spectrum),
        uncertainty=FIELD / 100,
        kept=((2, FIELD + 1), (4, FIELD.max(axis=0))),
    )
    cut = whole.cut(REGION, part)
    np.testing.assert_array_equal(cut.image, part(FIELD))
    np.testing.assert_array_equal(cut.masked, part(FIELD > 30))
    np.testing.assert_array_equal(cut.residual.map, -part(FIELD))
    np.testing.assert_array_equal(cut.uncertainty, part(FIELD / 100))
    assert [number for number, _ in cut.kept] == [2, 4]
    np.testing.assert_array_equal(cut.kept[0][1], part(FIELD) + 1)
    np.testing.assert_array_equal(cut.kept[1][1], FIELD.max(axis=0)[REGION[1:]], "a projection has no z")
    assert (cut.photons, cut.residual.chi_square, cut.record) == (light, 1.5, whole.record)


def test_data_of_another_shape_are_cut_their_own_way():
    whole = Result(FIELD, "", 1, (), {}, masked=np.ones((2, 3, 4, 5), bool))
    cut = whole.cut(REGION, lambda views: views[:, *REGION])
    assert (cut.image.shape, cut.masked.shape) == ((2, 2, 3), (2, 2, 2, 3))
    assert (cut.residual, cut.uncertainty) == (None, None)
