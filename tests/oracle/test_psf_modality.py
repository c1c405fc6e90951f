"""Microscopes that excite or detect selectively, against their formulas by other routes, and in their limits."""

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import j0, j1

from napari_deconvolution.optics.diffraction.disks import disk_kernel
from napari_deconvolution.optics.diffraction.pixels import box_filter, on_pixels
from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import (
    MODELS,
    BornWolf,
    Confocal,
    GibsonLanni,
    ImageScanning,
    LightSheet,
    RichardsWolf,
    SpinningDisk,
    Sted,
    TwoPhoton,
    Widefield,
    Zernike,
)

OIL = Microscope(na=1.3, wavelength=0.52)
BLUE = OIL.replace(wavelength=0.488)
PLAIN = GibsonLanni(sampling="centre", focus="stage")
GRID = Grid(shape=(5, 15, 15), spacing=(0.25, 0.06, 0.06))
MODALITIES = [name for name in MODELS if "detection" in {parameter.name for parameter in MODELS[name].parameters()}]


def point(model, microscope, x, y, z):
    return model.replace(accuracy=1e-6).points(microscope, np.array([z]), 8.0)(np.array([y]), np.array([x])).item()


def airy(r, microscope):
    v = 2 * np.pi * microscope.na / microscope.wavelength * np.maximum(r, 1e-9)
    return (2 * j1(v) / v) ** 2


@pytest.mark.parametrize("name", MODALITIES)
@pytest.mark.parametrize("detection", ["born-wolf", "richards-wolf"])
def test_every_modality_holds_any_model(name, detection):
    model = MODELS[name].replace(detection=detection, sampling="centre")
    volume = model.intensity(OIL, Grid(shape=(3, 7, 6), spacing=(0.2, 0.05, 0.05)))
    assert np.unravel_index(volume.argmax(), volume.shape) == (1, 3, 3)
    assert 0.5 < volume.max() < 1.25  # a vectorial focus is wider than the Airy disk that the height refers to


def test_widefield_is_the_objective():
    np.testing.assert_array_equal(
        Widefield(sampling="centre").intensity(OIL, GRID), GibsonLanni(sampling="centre").intensity(OIL, GRID)
    )
    assert Widefield().energy(OIL) == GibsonLanni().energy(OIL)


def test_a_closed_pinhole_multiplies_and_an_open_one_leaves_the_excitation():
    excited, detected = PLAIN.intensity(BLUE, GRID), PLAIN.intensity(OIL, GRID)
    closed = Confocal(pinhole=0, sampling="centre", focus="stage").intensity(OIL, GRID)
    np.testing.assert_allclose(closed, excited * detected, rtol=0, atol=1e-5)
    np.testing.assert_allclose(
        Confocal(pinhole=0.02, sampling="centre", focus="stage").intensity(OIL, GRID), closed, rtol=0, atol=1e-4
    )
    misfit = [
        abs(Confocal(pinhole=size, sampling="centre", focus="stage").intensity(OIL, GRID) - excited).max()
        for size in (4, 20)
    ]
    assert misfit[1] < misfit[0] / 20 < 1e-3


@pytest.mark.parametrize("pinhole", [0.6, 2.0])
def test_a_pinhole_is_the_mean_of_the_emission_over_a_disk(pinhole):
    model = Confocal(pinhole=pinhole, detection="born-wolf")
    radius = pinhole * 0.6098 * OIL.wavelength / OIL.na

    def mean(x):
        whole = dblquad(
            lambda t, r: r * airy(np.sqrt(x**2 + r**2 + 2 * x * r * np.cos(t)), OIL), 0, radius, 0, np.pi, epsabs=1e-9
        )[0]
        return 2 * whole / (np.pi * radius**2)

    for x in (0.1, 0.45):
        assert point(model, OIL, x, 0.0, 0.0) == pytest.approx(airy(x, BLUE) * mean(x) / mean(0.0), abs=2e-5)


def test_the_pinhole_of_an_objective_without_symmetry_is_the_same_disk():
    """A pupil with waves so small that nothing changes takes the way through two dimensions."""
    bent = Zernike(vertical_coma=1e-7)
    assert not Confocal(detection=bent).symmetric
    for model in (Confocal(), ImageScanning(detector=0.6), TwoPhoton(), Sted()):
        grid = Grid(shape=(2, 7, 6), spacing=(0.3, 0.07, 0.06))
        np.testing.assert_allclose(
            model.replace(detection=bent).intensity(OIL, grid), model.intensity(OIL, grid), rtol=0, atol=1e-4
        )


@pytest.mark.parametrize("radius", [0.1, 0.9])
def test_the_weights_of_a_disk_have_its_transform(radius):
    weights = disk_kernel(radius, 25.0, (0.08, 0.06), 1e-6)
    y, x = (step * (np.arange(n) - n // 2) for n, step in zip(weights.shape, (0.08, 0.06), strict=True))
    for w, turn in ((4.0, 0.3), (15.0, 1.2), (25.0, 0.7)):
        found = np.sum(weights * np.cos(w * (np.sin(turn) * y[:, None] + np.cos(turn) * x)))
        assert found == pytest.approx(2 * j1(w * radius) / (w * radius), abs=1e-5)


def test_the_mean_of_waves_over_pixels():
    grid, band = Grid(shape=(6, 7), spacing=(0.21, 0.13)), 24.0
    for wy, wx in ((0.0, 24.0), (17.0, -16.0), (9.0, 3.0)):
        found = on_pixels(
            lambda y, x, wy=wy, wx=wx: np.cos(np.add.outer(wy * y, wx * x))[:, :, None], band, grid, 1, 1e-5
        )
        y, x = grid.coordinates()
        factor = np.sinc(wy * 0.21 / 2 / np.pi) * np.sinc(wx * 0.13 / 2 / np.pi)
        np.testing.assert_allclose(found[0], factor * np.cos(np.add.outer(wy * y, wx * x)), atol=1e-5)
    assert box_filter(1.0, 0.0, 1e-8).sum() == pytest.approx(1, abs=1e-7)


def test_two_photons_square_the_excitation():
    deep = Microscope(na=1.0, n_immersion=1.333, n_sample=1.36, depth=20)
    red = deep.replace(wavelength=0.92)
    model = TwoPhoton(excitation=0.92, detection=RichardsWolf(polarisation="x"), focus="stage", sampling="centre")
    grid = Grid(shape=(3, 7, 7), spacing=(19.6, 0.1, 0.1))
    once = RichardsWolf(polarisation="x", focus="stage", sampling="centre").intensity(red, grid)
    np.testing.assert_allclose(model.intensity(deep, grid), once**2, rtol=0, atol=1e-4)


def test_the_best_focus_of_a_product_is_its_highest_point():
    deep = Microscope(na=1.2, n_sample=1.34, depth=8)
    for model in (Confocal(), Confocal(pinhole=0, excitation=0.405), TwoPhoton()):
        focus = model.best_focus(deep)
        z = focus + np.array([-0.02, 0.0, 0.02])
        before, at, after = model.replace(accuracy=1e-6).points(deep, z, 1.0)(np.zeros(1), np.zeros(1))[0, 0]
        assert at > max(before, after)


def overlap(distance, diameter):
    """The area that two disks share."""
    t = np.minimum(distance / diameter, 1)
    return diameter**2 / 2 * (np.arccos(t) - t * np.sqrt(1 - t**2))


@pytest.mark.parametrize(
    ("lattice", "basis"), [("square", ((2.0, 0.0), (0.0, 2.0))), ("hexagonal", ((2.0, 0.0), (1.0, np.sqrt(3))))]
)
def test_a_spinning_disk_sums_over_the_overlaps_of_its_holes(lattice, basis):
    """In focus, with the excitation laid out on a wide field beside every pair of holes."""
    model = SpinningDisk(hole=0.6, pitch=2.0, lattice=lattice, detection=BornWolf())
    step = 0.05
    at = np.arange(-200, 201) * step
    excited = airy(np.hypot(at[:, None], at), BLUE)
    holes = [
        (i * basis[0][0] + j * basis[1][0], i * basis[0][1] + j * basis[1][1])
        for i in range(-9, 10)
        for j in range(-9, 10)
    ]

    def lit(x, y):
        near = [hole for hole in holes if np.hypot(*hole) < 9.4]
        return sum(np.sum(excited * overlap(np.hypot(x - hx - at, (y - hy - at)[:, None]), 0.6)) for hx, hy in near)

    for x, y in ((0.2, 0.1), (0.0, 0.45), (1.0, 0.3)):
        assert point(model, OIL, x, y, 0.0) == pytest.approx(
            airy(np.hypot(x, y), OIL) * lit(x, y) / lit(0.0, 0.0), abs=1e-3
        )


def test_small_holes_far_apart_are_a_point_pinhole_and_wide_ones_side_by_side_widefield():
    confocal = PLAIN.intensity(BLUE, GRID) * PLAIN.intensity(OIL, GRID)
    far = SpinningDisk(hole=0.02, pitch=12, sampling="centre", focus="stage").intensity(OIL, GRID)
    np.testing.assert_allclose(far, confocal, rtol=0, atol=2e-3)
    dense = SpinningDisk(hole=0.05, pitch=0.06, sampling="centre", focus="stage").intensity(OIL, GRID)
    np.testing.assert_allclose(dense, PLAIN.intensity(OIL, GRID), rtol=0, atol=1e-3)
    with pytest.raises(ValueError, match=r"hole = 3 µm with pitch = 2\.5 µm"):
        SpinningDisk(hole=3)


def test_neighbouring_holes_let_in_light_from_out_of_focus():
    far = Grid(shape=(1, 1), spacing=(0.05, 0.05))
    light = [
        model.replace(defocus=8.0).intensity(OIL, far).item() for model in (SpinningDisk(), Confocal(), Widefield())
    ]
    assert light[1] < light[0] / 3 < light[2]


@pytest.mark.parametrize("profile", ["gaussian", "bessel", "lattice"])
def test_a_sheet_multiplies_the_detection_and_is_half_as_bright_at_half_its_width(profile):
    sheet = LightSheet(profile=profile, width=1.6, sampling="centre", focus="stage")
    np.testing.assert_allclose(sheet.sheet(OIL, np.array([0.0, 0.8, -0.8])), (1, 0.5, 0.5), atol=1e-4)
    grid = GRID.replace(spacing=(0.8, 0.06, 0.06))
    product = PLAIN.intensity(OIL, grid) * sheet.sheet(OIL, grid.coordinates()[0])[:, None, None]
    np.testing.assert_allclose(sheet.intensity(OIL, grid), product, rtol=0, atol=1e-4)
    wide = sheet.replace(width=500.0).intensity(OIL, grid)
    np.testing.assert_allclose(wide, PLAIN.intensity(OIL, grid), rtol=0, atol=1e-4)


def test_a_gaussian_sheet_spreads_as_a_gaussian_beam():
    """I(x, z) ∝ exp(−2 z² / w(x)²), w(x) = w √(1 + (λ x / π n w²)²)."""
    water = Microscope(na=0.8, n_immersion=1.333, n_sample=1.333)
    waist, wavelength, x, z = 1.2, 0.561, 14.0, np.linspace(-4, 4, 9)
    spread = waist * np.sqrt(1 + (wavelength * x / (np.pi * 1.333 * waist**2)) ** 2)
    sheet = LightSheet(width=waist * np.sqrt(2 * np.log(2)), excitation=wavelength, from_waist=x)
    np.testing.assert_allclose(sheet.sheet(water, z), np.exp(-2 * z**2 / spread**2), rtol=1e-9)


def test_depletion_narrows_the_confocal_spot_by_the_root_of_the_saturation():
    line = Grid(shape=(1, 41), spacing=(0.02, 0.02))
    np.testing.assert_allclose(
        Sted(saturation=0).intensity(OIL, line), Confocal().intensity(OIL, line), rtol=0, atol=1e-6
    )

    def second_derivative(saturation):
        points = Sted(saturation=saturation, accuracy=1e-6).points(OIL, np.zeros(1), 0.5)
        left, middle, right = points(np.zeros(1), np.array([-0.004, 0.0, 0.004]))[0, :, 0]
        return (2 * middle - left - right) / (middle * 0.004**2)

    bare, some, more = (second_derivative(amount) for amount in (0, 20, 40))
    assert more - bare == pytest.approx(2 * (some - bare), rel=0.02)  # the width squared falls as 1 / saturation
    red = OIL.replace(wavelength=0.775)
    k = 2 * np.pi * red.na / red.wavelength
    v = np.linspace(0.5, 4, 2000)
    ring = np.array([2 * quad(lambda p, u=u: j1(u * p) * p, 0, 1)[0] for u in v[::10]]) ** 2
    slope = 2 * np.log(2) * 20 / ring.max() * (k / 3) ** 2  # near the axis 2 ∫ J₁(v ρ) ρ dρ = v / 3
    assert some - bare == pytest.approx(slope, rel=0.02)


def test_a_small_array_multiplies_and_a_large_one_convolves_at_half_the_scale():
    """(h_ex ⊗ h_em)(2 r), by the product of the transfer functions of two Airy disks."""
    closed = ImageScanning(detector=0.005, sampling="centre", focus="stage").intensity(OIL, GRID)
    np.testing.assert_allclose(closed, PLAIN.intensity(BLUE, GRID) * PLAIN.intensity(OIL, GRID), rtol=0, atol=1e-4)

    def transfer(w, microscope):
        q = np.minimum(w * microscope.wavelength / (4 * np.pi * microscope.na), 1)
        return np.arccos(q) - q * np.sqrt(1 - q**2)

    def convolved(r):
        return quad(
            lambda w: transfer(w, OIL) * transfer(w, BLUE) * j0(2 * w * r) * w, 0, 4 * np.pi * OIL.na / OIL.wavelength
        )[0]

    large = ImageScanning(detector=8, detection=BornWolf())
    for x in (0.05, 0.12, 0.2):
        assert point(large, OIL, x, 0.0, 0.0) == pytest.approx(convolved(x) / convolved(0.0), abs=1e-3)


def test_without_reassignment_an_array_is_a_pinhole():
    array = ImageScanning(detector=1.0, reassignment=0.0).intensity(OIL, GRID)
    np.testing.assert_allclose(array, Confocal(pinhole=1.0).intensity(OIL, GRID), rtol=0, atol=2e-4)
