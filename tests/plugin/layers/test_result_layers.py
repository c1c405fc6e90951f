"""Which layers belong to a result, and which of their planes."""

import numpy as np
import pytest

from napari_deconvolution.plugin.layers import result_layers

layers = pytest.importorskip("napari.layers")
RECORD = {"recipe": {"axes": None, "channel": None}, "runs": [{}], "name": "cell"}


@pytest.fixture
def three():
    """Image, result and residual."""
    samples = np.arange(60.0).reshape(3, 4, 5)
    image = layers.Image(samples, name="cell", axis_labels=tuple("zyx"))
    made = [
        layers.Image(samples + k, name=name, axis_labels=tuple("zyx"), metadata={"napari-deconvolution": RECORD})
        for k, name in enumerate(("cell wiener", "cell wiener, residual [1]"), 1)
    ]
    return image, *made


def test_results_know_their_image_and_their_residual(three):
    image, result, residual = three
    assert [result_layers.is_result(layer) for layer in three] == [False, True, False]
    assert result_layers.before(result, three) is image
    assert result_layers.companion(result, "residual", three) is residual
    assert result_layers.companion(result, "uncertainty", three) is None


def test_the_plane_at_a_point(three):
    image, result, _ = three
    at = result_layers.place(result, (1.6, 0.0, 0.0))
    assert at == {"z": 2, "y": 0, "x": 0}
    assert np.array_equal(result_layers.plane(image, result, at), image.data[2])
    small = layers.Image(np.zeros((3, 9, 9)), name="small", axis_labels=tuple("zyx"))
    with pytest.raises(ValueError, match="choose another image"):
        result_layers.plane(small, result, at)


def test_the_selected_line_in_voxels(three):
    _, result, _ = three
    lines = layers.Shapes([np.array([[0.0, 1.0], [3.0, 4.0]])], shape_type="line")
    assert result_layers.drawn_line([lines], result, (0, 0, 0)) is None
    lines.selected_data = {0}
    assert result_layers.drawn_line([lines], result, (0, 0, 0)) == ((0, 1), (3, 4))


def test_errors_against_a_truth(three):
    image, result, _ = three
    assert result_layers.against(image, image, {})["nrmse"] == 0
    assert result_layers.against(result, image, {})["nrmse"] > 0
