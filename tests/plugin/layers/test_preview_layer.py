"""The layer of previews lies on the image."""

import numpy as np
import pytest


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
def test_the_preview_of_a_part_lies_on_it_in_a_layer_that_is_turned(viewer, widget, qtbot, cells, add):
    from napari_deconvolution.plugin.layers.layer_source import Source
    from napari_deconvolution.plugin.layers.preview_layer import Place

    source = add(
        viewer,
        cells,
        rotate=(10, 20, 30),
        shear=(0.1, 0.0, 0.2),
        affine=np.diag([1.0, 1.0, 2.0, 1.0]),
        translate=(1, 2, 3),
    )
    part = {"y": slice(20, 50), "x": slice(7, 30)}
    samples, attributes = Place(Source.of(source), "zyx", {}, part).layer(cells[:, 20:50, 7:30])
    preview = viewer.add_image(samples, **attributes)
    assert np.allclose(preview.data_to_world((1, 2, 3)), source.data_to_world((1, 22, 10)))
