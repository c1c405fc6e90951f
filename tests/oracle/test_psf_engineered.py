"""Pupils with a phase of their own, against the sum of their rays, and Zernike polynomials against their table."""

import numpy as np
import pytest

from napari_deconvolution.optics.diffraction.zernike import NAMES, noll, polynomial
from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import Astigmatism, DoubleHelix, GibsonLanni, Vortex, Zernike

WATER = Microscope(na=1.1, wavelength=0.52, n_immersion=1.333, n_sample=1.36, depth=4.0)
LOW = Microscope(na=0.2, wavelength=0.5, n_immersion=1.0, n_sample=1.0)


def summed(phase, microscope, x, y, z, zones=1):
    """The intensity by a sum over rays in rings of equal area: 150 radii in all, 128 angles."""
    k, na = 2 * np.pi / microscope.wavelength, microscope.na
    nodes, weights = np.polynomial.legendre.leggauss(150 // zones)
    theta = 2 * np.pi * np.arange(128) / 128
    total = 0
    for zone in range(zones):
        area = (zone + (nodes + 1) / 2) / zones  # of the pupil, within the ray
        rho = np.sqrt(area)[:, None]
        s = na * rho

        def cosine(n, s=s):
            return np.sqrt(n**2 - s**2)

        path = microscope.depth * cosine(microscope.n_sample) - z * cosine(microscope.n_immersion)
        wave = np.exp(1j * (phase(rho, theta) + k * path + k * s * (x * np.cos(theta) + y * np.sin(theta))))
        total = total + np.sum(weights / (2 * zones) * wave.mean(axis=1))
    return abs(total) ** 2


TABLE = {
    4: lambda r, t: np.sqrt(3) * (2 * r**2 - 1),
    5: lambda r, t: np.sqrt(6) * r**2 * np.sin(2 * t),
    6: lambda r, t: np.sqrt(6) * r**2 * np.cos(2 * t),
    7: lambda r, t: np.sqrt(8) * (3 * r**3 - 2 * r) * np.sin(t),
    8: lambda r, t: np.sqrt(8) * (3 * r**3 - 2 * r) * np.cos(t),
    9: lambda r, t: np.sqrt(8) * r**3 * np.sin(3 * t),
    10: lambda r, t: np.sqrt(8) * r**3 * np.cos(3 * t),
    11: lambda r, t: np.sqrt(5) * (6 * r**4 - 6 * r**2 + 1),
    12: lambda r, t: np.sqrt(10) * (4 * r**4 - 3 * r**2) * np.cos(2 * t),
    13: lambda r, t: np.sqrt(10) * (4 * r**4 - 3 * r**2) * np.sin(2 * t),
    14: lambda r, t: np.sqrt(10) * r**4 * np.cos(4 * t),
    15: lambda r, t: np.sqrt(10) * r**4 * np.sin(4 * t),
    22: lambda r, t: np.sqrt(7) * (20 * r**6 - 30 * r**4 + 12 * r**2 - 1),
}
"""As printed by Noll."""


@pytest.mark.parametrize("index", TABLE)
def test_polynomials_are_those_of_noll(index):
    rho, theta = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 6, 11))
    np.testing.assert_allclose(polynomial(index, rho, theta), TABLE[index](rho, theta), rtol=0, atol=1e-12)


def test_polynomials_are_orthonormal():
    nodes, weights = np.polynomial.legendre.leggauss(20)
    rho, theta = np.sqrt((nodes + 1) / 2)[:, None], 2 * np.pi * np.arange(32) / 32
    values = np.stack([polynomial(index, rho, theta) for index in range(1, 46)])
    np.testing.assert_allclose(np.einsum("irt,jrt,r->ij", values, values, weights / 2) / 32, np.eye(45), atol=1e-12)
    assert len({noll(index) for index in range(1, 46)}) == 45


def test_every_named_term_has_a_field_and_an_index():
    for index in range(4, 16):
        name = "defocus_waves" if index == 4 else NAMES[index].replace(" ", "_")
        assert Zernike(**{name: 0.1}).waves() == Zernike.of_noll({index: 0.1}).waves() == {index: 0.1}
    assert Zernike.of_noll({22: 0.05}).waves() == {22: 0.05}
    with pytest.raises(ValueError, match="Noll index = 2: piston and tilts"):
        Zernike.of_noll({2: 0.1})


@pytest.mark.parametrize(
    "waves",
    [{5: 0.1}, {7: 0.15, 4: -0.1}, {8: 0.4, 9: 0.2, 14: 0.3}, {11: 0.2, 22: -0.1}, {6: 1.2}],
    ids=lambda w: "+".join(map(str, w)),
)
def test_an_aberrated_pupil_is_the_sum_of_its_rays(waves):
    model = Zernike.of_noll(waves).replace(accuracy=1e-6)
    focus = GibsonLanni().best_focus(WATER)
    places = [(0.0, 0.0, focus), (0.2, 0.1, focus), (-0.3, 0.25, focus + 0.8), (0.5, -0.6, focus - 1.5)]
    points = {z: model.points(WATER, np.array([z]), 1.0) for *_, z in places}

    def phase(rho, theta):
        return 2 * np.pi * sum(amount * TABLE[index](rho, theta) for index, amount in waves.items())

    for x, y, z in places:
        found = points[z](np.array([y]), np.array([x])).item()
        assert found == pytest.approx(summed(phase, WATER, x, y, z), abs=1e-6)


def test_without_waves_it_is_gibson_and_lanni_and_keeps_the_light_with_them():
    grid = Grid(shape=(3, 15, 15), spacing=(0.4, 0.1, 0.1))
    np.testing.assert_allclose(
        Zernike().intensity(WATER, grid), GibsonLanni().intensity(WATER, grid), rtol=0, atol=1e-5
    )
    wide = Grid(shape=(1, 161, 161), spacing=(0.3, 0.13, 0.13))
    bent, plain = (model.intensity(WATER, wide).sum() for model in (Zernike(vertical_coma=0.2), GibsonLanni()))
    assert bent == pytest.approx(plain, rel=2e-3)


def test_astigmatism_makes_two_lines_as_far_apart_as_it_says():
    """At half the distance the phase is flat along one axis: there the line is as narrow as the focus of that pupil can
    be.
    """
    model = Astigmatism(amount=0.5, accuracy=1e-6)
    apart = 4 * np.sqrt(6) * 0.5 * LOW.wavelength * LOW.n_immersion / LOW.na**2
    axis = np.zeros(1)
    line = 2.0 * np.array([1.0, 2.0, 3.0])
    for side in (-1, 1):
        points = model.points(LOW, np.array([side * apart / 2]), 10.0)
        along_x, along_y = points(axis, line)[0, :, 0], points(line, axis)[:, 0, 0]
        long, short = (along_x, along_y) if along_x.sum() > along_y.sum() else (along_y, along_x)
        assert (along_x.sum() > along_y.sum()) == (side > 0)
        assert long.sum() > 5 * short.sum()
    mirrored = model.points(LOW, np.array([apart / 3, -apart / 3]), 10.0)(line, line)
    np.testing.assert_allclose(mirrored[:, :, 0], mirrored[:, :, 1].T, atol=2e-3)


def test_the_double_helix_is_the_sum_of_its_rays_and_turns_at_the_stated_rate():
    def phase(rho, theta):
        return (2 * np.minimum(np.floor(5 * rho**2), 4) + 1) * theta

    model, focus = DoubleHelix(accuracy=1e-6), GibsonLanni().best_focus(WATER)
    for x, y, z in ((0.2, 0.1, focus), (-0.3, 0.35, focus + 0.7)):
        found = model.points(WATER, np.array([z]), 1.0)(np.array([y]), np.array([x])).item()
        assert found == pytest.approx(summed(phase, WATER, x, y, z, zones=5), abs=1e-6)
    z = np.array([-20.0, 0.0, 20.0])
    at = np.arange(-60, 61) * 0.1
    volume = model.points(LOW, z, 9.0)(at, at)
    angle = np.arctan2(at[:, None], at)
    turned = [np.angle(np.sum(volume[:, :, plane] * np.exp(2j * angle))) / 2 for plane in range(3)]
    steps = np.angle(np.exp(2j * np.diff(turned))) / 2
    np.testing.assert_allclose(np.abs(steps), np.pi * LOW.na**2 / (2 * LOW.wavelength * 5) * 20, rtol=0.1)
    assert np.sign(steps[0]) == np.sign(steps[1])


def test_the_vortex_is_dark_on_the_axis_and_the_sum_of_its_rays():
    model = Vortex(charge=2, accuracy=1e-6)
    focus = model.best_focus(WATER)
    points = model.points(WATER, np.array([focus + 0.3]), 1.0)
    assert points(np.zeros(1), np.zeros(1)).item() < 1e-12
    for x, y in ((0.2, 0.1), (-0.3, 0.35)):
        wanted = summed(lambda rho, theta: 2 * theta + 0 * rho, WATER, x, y, focus + 0.3)
        assert points(np.array([y]), np.array([x])).item() == pytest.approx(wanted, abs=1e-6)
