"""An image knows its axes, spacing and channels."""

import numpy as np
import pytest

from napari_deconvolution.images.image import Channel, Image


def test_voxel_is_none_where_a_spacing_is_unknown():
    samples = np.zeros((4, 3, 5))
    assert Image(samples, "zyx", {"y": 0.1, "x": 0.1}).voxel is None
    assert Image(samples, "zyx", {"z": 0.3, "y": 0.1, "x": 0.2}).voxel == (0.3, 0.1, 0.2)
    assert Image(samples, "tyx", {"t": 2.0, "y": 0.1, "x": 0.2}).voxel == (0.1, 0.2)


def test_select_drops_the_axis_and_keeps_the_channel_and_the_input():
    samples = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    image = Image(samples, "tcyx", channels=(Channel("a"), Channel("b"), Channel("c")))
    part = image.select(c=1, t=-1)
    assert part.axes == "yx"
    assert part.channels == (Channel("b"),)
    np.testing.assert_array_equal(part.samples, samples[1, 1])
    assert np.shares_memory(part.samples, samples)


def test_volumes_are_in_the_order_z_y_x_whatever_the_order_of_the_image():
    samples = np.arange(2 * 3 * 4 * 5 * 6).reshape(6, 2, 5, 3, 4)
    image = Image(samples, "xtzyc")
    found = list(image.volumes())
    assert [index for index, _ in found] == [{"t": t, "c": c} for t in range(2) for c in range(4)]
    for index, volume in found:
        assert volume.shape == (5, 3, 6)
        np.testing.assert_array_equal(volume, samples[:, index["t"], :, :, index["c"]].transpose(1, 2, 0))


def test_an_image_without_time_and_channels_is_one_volume():
    image = Image(np.ones((3, 4)), "yx")
    ((index, volume),) = image.volumes()
    assert index == {}
    assert volume.shape == (3, 4)


@pytest.mark.parametrize(
    ("shape", "axes", "more", "words"),
    [
        ((3, 4), "zx", {}, "at least y and x"),
        ((3, 4, 5), "yx", {}, "one letter is needed per dimension"),
        ((3, 4, 5), "qyx", {}, "out of t, c, z, y and x"),
        ((3, 4, 5), "yyx", {}, "at most once"),
        ((0, 4), "yx", {}, "empty"),
        ((3, 4), "yx", {"spacing": {"y": 0.0}}, "positive number"),
        ((3, 4), "yx", {"spacing": {"c": 1.0}}, "spacing of c"),
        ((3, 4, 5), "cyx", {"channels": (Channel(),) * 2}, "2 channels are described, but the image has 3"),
    ],
)
def test_what_does_not_fit_is_refused(shape, axes, more, words):
    with pytest.raises(ValueError, match=words):
        Image(np.zeros(shape), axes, **more)


def test_complex_samples_are_refused():
    with pytest.raises(ValueError, match="complex64"):
        Image(np.zeros((3, 4), np.complex64), "yx")


@pytest.mark.parametrize("index", [{"z": 0}, {"y": 0}, {"t": 2}, {"t": -3}])
def test_selecting_what_is_not_there_is_refused(index):
    with pytest.raises(ValueError, match=next(iter(index))):
        Image(np.zeros((2, 3, 4)), "tyx").select(**index)
