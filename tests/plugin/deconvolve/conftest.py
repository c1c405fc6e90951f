"""What tests of results need."""

import numpy as np
import pytest

from napari_deconvolution.plugin.commands import deconvolve

OPTICS = {"na": 1.2, "wavelength": 0.461, "n_immersion": 1.333, "n_sample": 1.333}
ABOUT = {"name": "cell", "scale": (2.0, 0.3, 0.1, 0.1), "units": ("s", "um", "um", "um"), "axis_labels": tuple("tzyx")}


@pytest.fixture(scope="module")
def stack():
    return np.random.default_rng(0).poisson(50, (2, 4, 24, 26)).astype(np.uint16) + np.uint16(100)


@pytest.fixture(scope="module")
def made(stack):
    asked = {"residual": True, "reproducibility": True, "gain": 1.0, "offset": 100.0}
    return deconvolve((stack, ABOUT, "image"), algorithm="richardson-lucy", iterations=6, **asked, **OPTICS)


@pytest.fixture
def panel(viewer):
    from napari_deconvolution.plugin.deconvolve.result_panel import ResultPanel

    panel = ResultPanel(viewer)
    viewer.window.add_dock_widget(panel, name="Result", area="right", add_vertical_stretch=False)
    return panel


@pytest.fixture
def shown(viewer, panel, stack, made):
    """The panel with image and result, as after a run."""
    from napari.layers import Layer

    image = viewer.add_image(stack, **ABOUT)
    results = [viewer.add_layer(Layer.create(*each)) for each in made]
    panel.take(image, results)
    return image, *results
