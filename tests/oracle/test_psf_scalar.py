"""Scalar models beside Gibson & Lanni's, and phantoms, against quadrature, closed forms and limits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import j0

from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import Dougherty, GibsonLanni, Phantom, VariableIndexGibsonLanni

OIL = Microscope(na=1.4, wavelength=0.51)
DRY = Microscope(na=0.6, wavelength=0.51, n_immersion=1.0, n_sample=1.0)
PROFILES = ["gaussian", "lorentzian", "cosine", "sinc", "circular-pupil", "koehler", "defocus", "oriented-gaussian"]


def widths(model, microscope):
    """Full widths in nm of the intensity itself, across and along the axis."""
    lateral = model.along_radius(microscope, np.zeros(1))
    across = brentq(lambda r: lateral(np.array([r])).item() - 0.5, 0.01, 0.35)
    along = brentq(lambda z: model.along_radius(microscope, np.array([z]))(np.zeros(1)).item() - 0.5, 0.05, 1.5)
    return 2000 * across, 2000 * along


@pytest.mark.parametrize(
    ("model", "microscope", "expected", "lobe"),
    [
        (Dougherty(), OIL, (148, 596), 0.102),
        (GibsonLanni(apodisation="aplanatic"), OIL, (181, 490), 0.024),
        (Dougherty(), DRY, (407, 2284), None),
        (GibsonLanni(apodisation="aplanatic"), DRY, (433, 2261), None),
    ],
)
def test_the_width_that_the_weight_of_marginal_rays_makes(model, microscope, expected, lobe):
    """Diffraction PSF 3D is too narrow across and too long along the axis, by the weight that it gives to marginal
    rays.
    """
    np.testing.assert_allclose(widths(model, microscope), expected, atol=0.6)
    if lobe is not None:
        line = model.along_radius(microscope, np.zeros(1))(np.linspace(0.15, 0.5, 400))[:, 0]
        inner = line[1:-1]
        assert inner[(inner > line[:-2]) & (inner > line[2:])][0] == pytest.approx(lobe, abs=6e-4)


@pytest.mark.parametrize("aberration", [0.0, 0.6, -0.4])
def test_dougherty_is_the_integral_over_a_flat_aperture(aberration):
    model = Dougherty(spherical_aberration=aberration)
    k, top = 2 * np.pi * OIL.n_immersion / OIL.wavelength, np.tan(np.arcsin(OIL.na / OIL.n_immersion))
    for r, z in ((0.0, 0.2), (0.1, 0.0), (0.3, -0.5)):

        def integrand(u, part, r=r, z=z):
            secant = np.sqrt(1 + u**2)
            return u * j0(k * r * u / secant) * part(k * (-z + aberration * (u / top) ** 4) / secant)

        whole = (
            sum(quad(integrand, 0, top, (part,), epsabs=1e-10, limit=400)[0] ** 2 for part in (np.cos, np.sin))
            * 4
            / top**4
        )
        assert model.along_radius(OIL, np.array([z]))(np.array([r])).item() == pytest.approx(whole, abs=1e-8)


def test_the_aplanatic_pupil_is_the_square_root_of_the_cosine_in_theta():
    k, alpha = 2 * np.pi * OIL.n_immersion / OIL.wavelength, np.arcsin(OIL.na / OIL.n_immersion)
    filled = quad(lambda t: np.sqrt(np.cos(t)) * np.sin(t), 0, alpha)[0]
    for r, z in ((0.12, 0.0), (0.25, 0.6)):

        def integrand(t, part, r=r, z=z):
            return np.sqrt(np.cos(t)) * np.sin(t) * j0(k * r * np.sin(t)) * part(k * z * np.cos(t)) / filled

        whole = sum(quad(integrand, 0, alpha, (part,), epsabs=1e-10)[0] ** 2 for part in (np.cos, np.sin))
        found = GibsonLanni(apodisation="aplanatic").along_radius(OIL, np.array([z]))(np.array([r])).item()
        assert found == pytest.approx(whole, abs=1e-8)


@pytest.mark.parametrize("profile", ["linear", "logarithmic", "exponential"])
@pytest.mark.parametrize(("n_sample", "n_deep", "depth"), [(1.33, 1.4, 20.0), (1.42, 1.35, 30.0), (1.33, 1.4, 70.0)])
def test_the_path_through_a_varying_index_is_its_integral(profile, n_sample, n_deep, depth):
    model = VariableIndexGibsonLanni(profile=profile, n_deep=n_deep, reach=50)
    microscope = Microscope(na=1.3, n_sample=n_sample, depth=depth)
    assert model.aperture(microscope) <= 1.3
    for s in (0.0, 0.7, 1.25, model.aperture(microscope)):

        def along(d, s=s):
            return np.sqrt(max(model.index(microscope, np.array(d)) ** 2 - s**2, 0))

        wanted = quad(along, 0, depth, points=[50.0], epsabs=1e-9)[0]
        assert model.in_sample(microscope, np.array([s])).item() == pytest.approx(wanted, abs=2e-6)


def test_a_varying_index_that_does_not_vary_is_gibson_and_lanni():
    microscope, grid = Microscope(na=1.2, n_sample=1.38, depth=12.0), Grid(shape=(5, 9, 9), spacing=(0.3, 0.1, 0.1))
    plain = GibsonLanni().intensity(microscope, grid)
    np.testing.assert_allclose(
        VariableIndexGibsonLanni(n_deep=1.38).intensity(microscope, grid), plain, rtol=0, atol=1e-9
    )
    assert abs(VariableIndexGibsonLanni(n_deep=1.42).intensity(microscope, grid) - plain).max() > 0.01


@pytest.mark.parametrize("broadening", ["linear", "exponential", "parabolic", "constant"])
def test_phantoms_are_half_as_high_at_half_their_width_and_twice_as_wide_at_the_doubling(broadening):
    for profile in set(PROFILES) - {"defocus", "oriented-gaussian"}:
        phantom = Phantom(profile=profile, broadening=broadening, doubling=0.4)
        half = OIL.wavelength / (4 * OIL.na)
        doubled = 1 if broadening == "constant" else 2
        for z, factor in ((0.0, 1), (0.4, doubled), (-0.4, doubled)):
            line = phantom.along_radius(OIL, np.array([z]))(np.array([0.0, half * factor]))[:, 0]
            assert line[0] == pytest.approx(1 / factor**2, rel=1e-9)
            assert line[1] / line[0] == pytest.approx(0.5, abs=2e-4), profile


@pytest.mark.parametrize("profile", ["gaussian", "cosine", "koehler", "oriented-gaussian", "defocus", "circular-pupil"])
def test_phantoms_hold_the_same_light_in_every_plane(profile):
    grid = Grid(shape=(3, 161, 161), spacing=(0.25, 0.05, 0.05))
    light = Phantom(profile=profile, sampling="centre").intensity(OIL, grid).sum(axis=(1, 2))
    np.testing.assert_allclose(light / light[1], 1, rtol=0.03 if profile in ("circular-pupil", "defocus") else 1e-3)


def test_the_oriented_gaussian_is_longer_along_its_direction():
    phantom = Phantom(profile="oriented-gaussian", elongation=3, direction=90, sampling="centre")
    plane = phantom.intensity(OIL, Grid(shape=(41, 41), spacing=(0.02, 0.02)))
    sigma = phantom.width(OIL)
    np.testing.assert_allclose(plane[:, 20], np.exp(-(((np.arange(41) - 20) * 0.02 / (3 * sigma)) ** 2) / 2), atol=1e-9)
    np.testing.assert_allclose(plane[20], np.exp(-(((np.arange(41) - 20) * 0.02 / sigma) ** 2) / 2), atol=1e-9)


def test_on_pixels_a_phantom_is_the_mean_over_their_area():
    for profile in PROFILES:
        coarse = Phantom(profile=profile).intensity(OIL, Grid(shape=(3, 5, 5), spacing=(0.2, 0.12, 0.12)))
        fine = Phantom(profile=profile, sampling="centre").intensity(
            OIL, Grid(shape=(3, 55, 55), spacing=(0.2, 0.12 / 11, 0.12 / 11))
        )
        np.testing.assert_allclose(coarse, fine.reshape(3, 5, 11, 5, 11).mean(axis=(2, 4)), rtol=0, atol=2e-3)
