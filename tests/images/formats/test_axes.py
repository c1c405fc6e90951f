"""Which axis is which: as asked for, else as the file tells, else a question that proposes an answer."""

from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution.images.formats.axes import settled
from napari_deconvolution.images.formats.base import Found

PATH = Path("cell.tif")


def samples(*shape):
    return np.arange(np.prod(shape)).reshape(shape)


def asked(shape, axes=None, sizes=None, *, told="", **more):
    return settled(Found(samples(*shape), told, **more), axes, sizes, PATH)


@pytest.mark.parametrize(
    ("told", "shape", "kept", "axes"),
    [
        ("zyx", (4, 5, 6), "", "zyx"),
        ("xzcy", (5, 3, 2, 4), "", "czyx"),
        ("tczyx", (1, 2, 1, 5, 6), "", "cyx"),
        ("tczyx", (1, 2, 1, 5, 6), "z", "czyx"),
        ("zyxs", (4, 5, 6, 3), "", "czyx"),
        ("qyx", (1, 5, 6), "", "yx"),
        ("yx", (1, 6), "", "yx"),
    ],
)
def test_what_a_file_tells_comes_in_the_common_order(told, shape, kept, axes):
    found, letters = asked(shape, told=told, kept=kept)
    assert letters == axes
    channels = told.replace("s", "c")
    np.testing.assert_array_equal(found, np.einsum(f"{channels}->{axes}", samples(*shape)))


def test_what_is_asked_for_wins_and_single_axes_make_room():
    assert asked((3, 5, 6), "zyx", told="tyx")[1] == "zyx"
    assert asked((3, 1, 5, 6), "zyx", told="tcyx")[0].shape == (3, 5, 6)
    assert asked((3, 1, 5, 6), "tcyx", told="tcyx")[0].shape == (3, 1, 5, 6)
    assert asked((1, 1, 5, 6), "zyx", told="tzyx")[0].shape == (1, 5, 6)
    assert asked((1, 3, 1, 5, 6), "tcyx", told="tczyx")[0].shape == (1, 3, 5, 6), "those go that are not asked for"
    with pytest.raises(ValueError, match="one letter is needed per dimension"):
        asked((3, 5, 6), "tzyx", told="tyx")


def test_a_file_that_does_not_tell_is_asked_back():
    with pytest.raises(ValueError, match=r'cell.tif has the shape 3x5x6 .* axes="zyx" \(--axes zyx\) for a stack'):
        asked((3, 5, 6), told="qyx")
    with pytest.raises(ValueError, match=r'shape 2x3x5x6 .* axes="czyx" \(--axes czyx\) or the like'):
        asked((2, 3, 5, 6), told="qzyx")


def test_planes_in_turn_are_laid_out_by_sizes():
    found, letters = asked((8, 5, 6), "zcyx", (4, 2, 5, 6), told="qyx")
    assert letters == "czyx"
    np.testing.assert_array_equal(found, samples(4, 2, 5, 6).swapaxes(0, 1))
    nested, _ = asked((2, 4, 5, 6), "zyx", (8, 5, 6), told="qryx")
    np.testing.assert_array_equal(nested, samples(8, 5, 6))


@pytest.mark.parametrize(
    ("axes", "sizes", "said"),
    [
        (None, (4, 2, 5, 6), "give axes that end in yx with them"),
        ("zcyx", (8, 5, 6), "a letter per size"),
        ("yxz", (5, 6, 8), "give axes that end in yx with them"),
        ("zcyx", (3, 2, 5, 6), "cell.tif has 8 planes of 5x6"),
        ("zcyx", (4, 2, 6, 5), "cell.tif has 8 planes of 5x6"),
        ("zcyx", (-4, -2, 5, 6), "cell.tif has 8 planes of 5x6"),
        ("zzyx", (4, 2, 5, 6), "use each letter at most once"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(axes, sizes, said):
    with pytest.raises(ValueError, match=said):
        asked((8, 5, 6), axes, sizes, told="qyx")
