"""Optical paths through coverslip and immersion."""

import numpy as np
import pytest

from napari_deconvolution import Microscope
from napari_deconvolution.optics.models.layered import Layered, layer

OIL = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.33, n_coverslip=1.52)
S = np.linspace(0, 1.3, 27)


def test_a_layer_is_as_long_as_its_cosine_and_ends_at_its_critical_angle():
    angle = np.linspace(0, 1.5, 16)
    assert layer(1.4, 1.4 * np.sin(angle)) == pytest.approx(1.4 * np.cos(angle))
    assert layer(1.33, np.array([1.33, 1.4])).tolist() == [0, 0]


def test_as_designed_and_at_the_coverslip_all_rays_are_in_phase():
    path, travel = Layered().paths(OIL)
    assert path(S) == pytest.approx(0, abs=1e-9)
    assert travel(S) == pytest.approx(layer(1.515, S))


def test_depth_in_a_sample_like_the_immersion_only_moves_the_focus():
    path, travel = Layered().paths(OIL.replace(n_sample=1.515, depth=20.0))
    assert path(S) == pytest.approx(20 * travel(S))


@pytest.mark.parametrize("used", [{"t_coverslip": 180.0}, {"n_coverslip_design": 1.5}, {"n_immersion_design": 1.47}])
def test_at_stage_zero_rays_near_the_axis_are_in_focus(used):
    """What is not as designed is refocused there: of the aberration the fourth order in s is the first."""
    path, _ = Layered(**used).paths(OIL)
    centre, inner, outer = path(np.array([0, 0.05, 0.1]))
    assert (outer - centre) / (inner - centre) == pytest.approx(16, rel=0.05)


def test_an_objective_whose_aperture_no_layer_carries_is_refused():
    with pytest.raises(ValueError, match=r"n_immersion_design = 1 with na = 1.3: no objective is designed so"):
        Layered(n_immersion_design=1.0).paths(OIL)
