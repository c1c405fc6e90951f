"""The diffraction integral over a symmetric pupil, held against its closed forms."""

import math

import numpy as np
import pytest
import scipy

from napari_deconvolution.optics.diffraction.pupil import Pupil

WAVELENGTH, NA = 0.5, 0.8


def travel(s):
    return np.sqrt(1 - s**2)


def lens(path=np.zeros_like, **more):
    return Pupil(WAVELENGTH, NA, NA, path, **{"travel": travel} | more)


def test_in_focus_it_is_the_airy_pattern():
    pupil, radii = lens(), np.linspace(0, 5, 301)[1:]
    v = pupil.wavenumber * NA * radii
    np.testing.assert_allclose(pupil.amplitude(radii, np.zeros(1))[:, 0], 2 * scipy.special.j1(v) / v, atol=1e-8)


def test_on_the_axis_of_a_paraxial_pupil_it_is_a_sinc():
    pupil, z = lens(travel=lambda s: 1 - s**2 / 2), np.linspace(-4, 4, 41)
    phase = pupil.wavenumber * z * NA**2 / 4
    np.testing.assert_allclose(abs(pupil.amplitude(np.zeros(1), z)[0]), abs(np.sinc(phase / math.pi)), atol=1e-8)


@pytest.mark.parametrize("path", [np.zeros_like, lambda s: 2 * s**4, lambda s: 0.3 * s**6])
def test_the_light_of_a_plane_does_not_depend_on_the_path(path):
    assert lens(path).energy() == pytest.approx(WAVELENGTH**2 / (math.pi * NA**2), rel=1e-9)
    half = lens(path, weight=lambda s: np.full_like(s, 0.5))
    assert half.energy() == pytest.approx(lens(path).energy() / 4, rel=1e-9)
    assert half.in_phase() == pytest.approx(0.5, rel=1e-9)


def test_the_light_within_a_radius_is_that_of_rayleigh():
    pupil, radii = lens(), np.linspace(0, 2, 2001)
    light = abs(pupil.amplitude(radii, np.zeros(1))[:, 0]) ** 2 * 2 * math.pi * radii
    v = pupil.wavenumber * NA * radii[-1]
    expected = 1 - scipy.special.j0(v) ** 2 - scipy.special.j1(v) ** 2
    assert scipy.integrate.trapezoid(light, radii) / pupil.energy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("place", [-3.0, 0.0, 7.3])
def test_a_pupil_that_is_only_out_of_focus_is_best_where_its_focus_is(place):
    assert lens(lambda s: place * travel(s)).best_focus() == pytest.approx(place, abs=1e-4)


def test_a_ring_lacks_the_light_of_the_disk_within():
    ring = lens(weight=lambda s: np.where(s > 0.5, 1.0, 0.0), zones=(0.5,))
    assert ring.amplitude(np.zeros(1), np.zeros(1))[0, 0] == pytest.approx(1 - (0.5 / NA) ** 2, abs=1e-8)
