"""Which layers are offered as images."""

import numpy as np


def test_images_are_offered_and_psfs_last(viewer):
    from napari_deconvolution.plugin.layers.preview_layer import PREVIEW
    from napari_deconvolution.plugin.ui.layer_choice import layer_choice

    about = {"napari-deconvolution.acquisition": {"psf": True}}
    psf = viewer.add_image(np.ones((3, 3)), name="psf", metadata=about)
    viewer.add_labels(np.ones((4, 4), int))
    viewer.add_image(np.ones((4, 4, 3), np.uint8), rgb=True)
    viewer.add_image(np.ones((4, 4)), name=PREVIEW)
    image = viewer.add_image(np.ones((4, 4)), name="cell")
    choice = layer_choice(viewer, (("none", None),))
    assert choice.choices == (None, image, psf)
    heard = []
    choice.changed.connect(heard.append)
    choice.value = image
    choice.value = None
    assert heard == [image, None]
