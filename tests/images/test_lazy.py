"""Samples in a file are the array that they would be in memory, and no more of them is read than is needed."""

from contextlib import contextmanager

import numpy as np
import pytest

from napari_deconvolution.images.lazy import LazySamples, by_planes

WHOLE = np.random.default_rng(0).integers(0, 999, (3, 4, 5, 6))


@pytest.fixture
def read():
    """Numbers of the planes that were read."""
    return []


@pytest.fixture
def lazy(read):
    flat = WHOLE.reshape(12, 5, 6)

    @contextmanager
    def session():
        yield lambda number: read.append(number) or flat[number]

    return by_planes((3, 4), (5, 6), WHOLE.dtype, session)


@pytest.mark.parametrize(
    "cut",
    [
        lambda a: a,
        lambda a: a[1],
        lambda a: a[-1, ..., 2:],
        lambda a: a[:, 1:3, ::-1, ::2],
        lambda a: a[2:0:-1, 3:, 4:1:-2, 0],
        lambda a: a.transpose(2, 0, 3, 1)[1:4, 2],
        lambda a: a.transpose([3, 2, 1, 0])[::-2][1:, -1],
        lambda a: a[1:][1:, 1:][0, ::2].transpose(),
        lambda a: a[1:2, :, 2:3].squeeze((0, 2)),
        lambda a: a[1, 2, 3, 4],
    ],
)
def test_every_part_is_that_of_the_array(lazy, cut):
    np.testing.assert_array_equal(np.asarray(cut(lazy)), cut(WHOLE))
    assert np.shape(cut(lazy)) == cut(WHOLE).shape


def test_nothing_is_read_before_it_is_needed(lazy, read):
    part = lazy.transpose(1, 0, 2, 3)[2, 1:]
    assert (part.shape, part.ndim, part.size, part.nbytes, len(part)) == ((2, 5, 6), 3, 60, 480, 2)
    assert not hasattr(part, "chunks")
    assert not read
    np.asarray(part)
    assert read == [6, 10]


def test_whatever_else_is_done_with_it_is_done_by_numpy(lazy):
    assert lazy.max() == WHOLE.max()
    assert lazy.astype("f4").dtype == np.float32
    np.testing.assert_array_equal(1 + lazy * 2, 1 + WHOLE * 2)
    np.testing.assert_array_equal(lazy[WHOLE > 500], WHOLE[WHOLE > 500])
    np.testing.assert_array_equal(np.stack([lazy, lazy]), np.stack([WHOLE, WHOLE]))
    with pytest.raises(IndexError):
        lazy[3]
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(LazySamples((2,), "u1", lambda at: np.zeros(2)[at]), copy=False)
