"""Sample data."""

import pytest

NAME = "napari-deconvolution"


@pytest.mark.parametrize("key", ["filaments", "beads", "nucleus"])
def test_simulated_samples(plugins, key):
    from napari.components import ViewerModel

    viewer = ViewerModel()
    viewer.open_sample(NAME, key)
    psf, truth, image = viewer.layers
    assert image.data.shape == truth.data.shape
    assert (image.visible, truth.visible, psf.visible) == (True, False, False)
    assert all(tuple(layer.scale) == (0.25, 0.1, 0.1) for layer in viewer.layers)
    assert psf.data.sum() == pytest.approx(1, rel=1e-4)


def test_real_sample(plugins, data, monkeypatch):
    from napari.components import ViewerModel

    monkeypatch.setenv("NAPARI_DECONVOLUTION_DATA", str(data))
    [layer] = ViewerModel().open_sample(NAME, "dapi")
    assert tuple(layer.scale) == (0.3, 0.13, 0.13)
    assert layer.metadata["napari-deconvolution.acquisition"]["optics"]["na"] == 1.45
