"""Image and result on one scale."""

from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture
def button(screen, qtbot):
    from napari_deconvolution.plugin.deconvolve.same_contrast import SameContrast

    made = SameContrast()
    qtbot.addWidget(made)
    return made


def test_a_count_above_the_pedestal_is_as_bright_in_both(button):
    image, result = SimpleNamespace(contrast_limits=(90, 200)), SimpleNamespace(contrast_limits=(0, 900))
    planes = np.linspace(100, 180, 10_000).reshape(100, 100), np.linspace(0, 800, 10_000).reshape(100, 100)
    button.equalise(image, result, planes, 100.0)
    (black, white), (zero, highest) = image.contrast_limits, result.contrast_limits
    assert (black, zero) == (100, 0)
    assert white - black == highest == pytest.approx(800, rel=0.01)
    assert button.isChecked()
    button.restore()
    assert (image.contrast_limits, result.contrast_limits) == ((90, 200), (0, 900))
    assert not button.isChecked()


def test_a_plane_without_light_is_refused_and_nothing_changes(button):
    layers = SimpleNamespace(contrast_limits=(0, 1)), SimpleNamespace(contrast_limits=(0, 2))
    with pytest.raises(ValueError, match="no light in this plane"):
        button.equalise(*layers, (np.full((4, 4), 100.0), np.full((4, 4), np.nan)), 100.0)
    assert [layer.contrast_limits for layer in layers] == [(0, 1), (0, 2)]
