"""Images become layers, at the place of their source."""

import numpy as np
import pytest

from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plugin.layers.layer_data import contrast_limits, layer_data
from napari_deconvolution.plugin.layers.layer_source import Source

layers = pytest.importorskip("napari.layers")


def of(samples, **attributes):
    return Source.of(layers.Image(samples, **attributes))


def test_round_trip_through_a_layer():
    made = {"z": 0.3, "y": 0.1, "x": 0.2}
    image = Image(
        np.random.default_rng(0).random((3, 4, 5), np.float32),
        "zyx",
        made,
        (Channel("GFP", 0.509),),
        {"na": 1.4},
        {"made": 1},
        name="cell",
    )
    back = Source.of(layers.Layer.create(*layer_data(image))).image()
    assert np.array_equal(back.samples, image.samples)
    for name in ("axes", "spacing", "channels", "optics", "record", "name"):
        assert getattr(back, name) == getattr(image, name), name


def test_result_lies_where_its_source_lies():
    source = of(
        np.zeros((2, 3, 4, 5)), scale=(1, 300, 100, 100), units=("pixel", "nm", "nm", "nm"), translate=(7, 600, 10, 20)
    )
    image = source.image("czyx").select(c=1)
    _, attributes, _ = layer_data(image, source, "czyx")
    assert attributes["scale"] == (300, 100, 100)
    assert attributes["translate"] == (600, 10, 20)
    assert [str(unit) for unit in attributes["units"]] == ["nanometer"] * 3
    result = layer_data(image.replace(spacing={"z": 0.6, "y": 0.1, "x": 0.1}), source, "czyx")
    assert result[1]["scale"] == (300, 100, 100), "both lie on each other"
    assert Source.of(result).spacing("zyx") == {"z": 0.6, "y": 0.1, "x": 0.1}, (
        "what the source does not have, the result remembers"
    )


def test_contrast_limits_leave_out_few_bright_voxels():
    samples = np.random.default_rng(0).random((50, 50))
    samples[0, 0] = 1e6
    assert contrast_limits(samples)[1] < 2
    assert contrast_limits(np.zeros((4, 4))) == (0, 1)
