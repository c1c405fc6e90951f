"""Voxel size and axes are written to a layer, and to the results that lie on it."""

import numpy as np
import pytest

layers = pytest.importorskip("napari.layers")
NAME = "napari-deconvolution"


def test_results_are_calibrated_with_their_image():
    from napari_deconvolution.plugin.layers.calibrate import calibrate

    image = layers.Image(np.zeros((2, 3, 4, 5)), name="cell", translate=(0, 0, 2, 3))
    told = {NAME: {"name": "cell"}, f"{NAME}.acquisition": {"spacing": {"z": 0.3, "y": 0.1, "x": 0.1}}}
    result = layers.Image(
        np.zeros((3, 4, 5)), name="sharp", metadata=told, axis_labels=tuple("zyx"), translate=(0, 2, 3)
    )
    other = layers.Image(np.zeros((3, 4, 5)), name="other")
    calibrate(image, "tzyx", (0.3, 0.1, 0.1), [image, result, other])
    assert tuple(image.scale) == (1, 0.3, 0.1, 0.1)
    assert tuple(image.translate) == pytest.approx((0, 0, 0.2, 0.3)), "it keeps its place in voxels"
    assert image.axis_labels == tuple("tzyx")
    assert [str(unit) for unit in image.units] == ["pixel", "micrometer", "micrometer", "micrometer"]
    assert tuple(result.scale) == (0.3, 0.1, 0.1)
    assert tuple(result.translate) == pytest.approx((0, 0.2, 0.3))
    assert "spacing" not in result.metadata[f"{NAME}.acquisition"]
    assert tuple(other.scale) == (1, 1, 1)


def test_without_a_voxel_size_only_the_axes_are_written():
    from napari_deconvolution.plugin.layers.calibrate import calibrate

    image = layers.Image(np.zeros((3, 4, 5)), scale=(2, 1, 1))
    calibrate(image, "zyx", (), [image])
    assert tuple(image.scale) == (2, 1, 1)
    assert image.axis_labels == tuple("zyx")
