"""The Gibson–Lanni model against independent quadrature, ray optics, and the PSF Generator of EPFL."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy.integrate import dblquad, quad
from scipy.special import j0

from napari_deconvolution.optics.microscope import Grid, Microscope, resolution
from napari_deconvolution.optics.psf import BornWolf, GibsonLanni, best_focus, psf

WATER = Microscope(na=1.2, wavelength=0.52, n_immersion=1.515, n_sample=1.33, depth=4.0)
THICK = GibsonLanni(t_coverslip=180, n_coverslip_design=1.515, n_immersion_design=1.518, sampling="centre")
CASES = [
    (GibsonLanni(sampling="centre"), Microscope(na=1.4, wavelength=0.52)),
    (GibsonLanni(sampling="centre"), WATER),
    (THICK, WATER),
    (GibsonLanni(sampling="centre"), Microscope(na=0.3, wavelength=0.6, n_immersion=1.0, n_sample=1.33, depth=20.0)),
]


def path(model, microscope, s, z):
    """The optical path difference as printed by Gibson & Lanni, n t √(1 − (s / n)²) layer by layer; the immersion
    starts in focus.
    """

    def layer(n, t):
        return n * t * np.sqrt(1 - (s / n) ** 2)

    glass, oil = microscope.n_coverslip, microscope.n_immersion
    glass_design, oil_design = model.n_coverslip_design or glass, model.n_immersion_design or oil
    t_immersion = -z + oil * (
        model.t_coverslip_design / glass_design - model.t_coverslip / glass + model.t_immersion_design / oil_design
    )
    used = layer(microscope.n_sample, microscope.depth) + layer(glass, model.t_coverslip) + layer(oil, t_immersion)
    return used - layer(glass_design, model.t_coverslip_design) - layer(oil_design, model.t_immersion_design)


def adaptive(model, microscope, r, z):
    """The intensity by adaptive quadrature, real and imaginary part."""
    k, na, edge = 2 * np.pi / microscope.wavelength, microscope.na, microscope.na_sample
    start = path(model, microscope, 0.0, z)

    def integrand(s, part):
        return part(k * (path(model, microscope, s, z) - start)) * j0(k * s * r) * 2 * s / na**2

    return sum(
        quad(integrand, 0, edge, (part,), limit=1000, epsabs=1e-9, epsrel=0)[0] ** 2 for part in (np.cos, np.sin)
    )


def panels(model, microscope, r, z):
    """The intensity by 150 panels of 16 nodes, on a variable that smooths a critical edge in a way of its own."""
    k, na, edge = 2 * np.pi / microscope.wavelength, microscope.na, microscope.na_sample
    nodes, weights = np.polynomial.legendre.leggauss(16)
    u = ((np.arange(150)[:, None] + (nodes + 1) / 2) / 150).ravel()
    s, weight = edge * (1 - (1 - u) ** 2), np.tile(weights / 300, 150) * 2 * (1 - u) * edge
    waves = (2 * s * weight / na**2)[:, None] * np.exp(1j * k * path(model, microscope, s[:, None], z))
    return abs(j0(k * np.multiply.outer(r, s)) @ waves) ** 2


@pytest.mark.parametrize(("model", "microscope"), CASES)
def test_intensity_agrees_with_adaptive_quadrature_on_and_off_focus(model, microscope):
    grid = Grid(shape=(3, 12, 12), spacing=(1.7, 0.31, 0.23))
    model = model.replace(accuracy=1e-6)
    found = model.intensity(microscope, grid)
    focus = best_focus(model, microscope)
    y, x = grid.coordinates()[1:]
    for at in [(1, 6, 6), (1, 5, 7), (0, 6, 6), (0, 3, 8), (2, 6, 6), (2, 0, 0)]:
        expected = adaptive(model, microscope, np.hypot(y[at[1]], x[at[2]]), focus + (at[0] - 1) * 1.7)
        assert found[at] == pytest.approx(expected, abs=1e-6 * found.max()), at


def test_a_pixel_is_the_mean_over_its_area():
    model, grid = GibsonLanni(accuracy=1e-5), Grid(shape=(3, 9, 8), spacing=(0.6, 0.15, 0.11))
    found = model.intensity(WATER, grid)
    focus = best_focus(model, WATER)
    y, x = grid.coordinates()[1:]
    for plane, row, column in [(1, 4, 4), (1, 4, 6), (2, 3, 7)]:
        z = np.array([focus + (plane - 1) * 0.6])
        low, left = y[row] - 0.075, x[column] - 0.055

        def at(across, up, z=z):
            return panels(model, WATER, np.array([np.hypot(up, across)]), z).item()

        mean = dblquad(at, low, low + 0.15, left, left + 0.11, epsabs=1e-6, epsrel=1e-6)[0] / (0.15 * 0.11)
        assert found[plane, row, column] == pytest.approx(mean, abs=1e-5 * found.max())


@pytest.mark.parametrize("accuracy", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize(
    ("na", "n_immersion", "n_sample", "depth"),
    [
        (0.3, 1.0, 1.33, 0.0),
        (0.3, 1.0, 1.33, 20.0),
        (0.95, 1.0, 1.33, 5.0),
        (1.2, 1.333, 1.38, 20.0),
        (1.3, 1.515, 1.33, 0.0),
        (1.3, 1.515, 1.33, 20.0),
        (1.33, 1.515, 1.33, 10.0),
        (1.49, 1.515, 1.33, 2.0),
        (1.49, 1.515, 1.515, 20.0),
    ],
)
def test_the_error_is_below_the_accuracy(na, n_immersion, n_sample, depth, accuracy):
    """Pixels near the axis, on rings and in the corner, below and above the Nyquist step; the mean over each by 10 × 10
    nodes.
    """
    microscope = Microscope(na=na, wavelength=0.52, n_immersion=n_immersion, n_sample=n_sample, depth=depth)
    step = 0.52 / (4 * na)
    grid = Grid(shape=(3, 41, 41), spacing=(4 * step, 1.3 * step, 0.8 * step))
    model = GibsonLanni(accuracy=accuracy)
    found = model.intensity(microscope, grid)
    z = best_focus(model, microscope) + grid.coordinates()[0]
    pixels = np.array([(20, 20), (20, 21), (21, 20), (22, 23), (15, 18), (8, 30), (0, 0)])
    nodes, weights = np.polynomial.legendre.leggauss(10)
    y, x = ((pixels[:, axis, None] - 20 + nodes / 2) * grid.spacing[axis + 1] for axis in (0, 1))
    points = panels(model, microscope, np.hypot(y[:, :, None], x[:, None, :]).ravel(), z).reshape(
        len(pixels), 10, 10, 3
    )
    expected = np.einsum("pyxz,y,x->zp", points, weights / 2, weights / 2)
    assert abs(found[:, pixels[:, 0], pixels[:, 1]] - expected).max() < accuracy * found.max()


@pytest.mark.parametrize(("model", "microscope"), CASES)
def test_best_focus_is_the_highest_point_of_a_wide_scan(model, microscope):
    focus = best_focus(model, microscope)
    z = np.arange(-20, 60, 0.01)
    on_axis = np.concatenate([panels(model, microscope, np.zeros(1), part)[0] for part in np.array_split(z, 16)])
    assert focus == pytest.approx(z[on_axis.argmax()], abs=0.006)


def test_the_stack_is_centred_on_the_best_focus_to_a_tenth_of_its_step():
    grid = Grid(shape=(31, 9, 9), spacing=(0.3, 0.1, 0.1))
    on_axis = psf("gibson-lanni", WATER, grid)[:, 4, 4]
    left, middle, right = on_axis[14:17]
    assert middle == on_axis.max()
    assert abs((right - left) / (2 * (2 * middle - left - right))) < 0.1  # the vertex of the parabola through the three


def test_matched_layers_are_exact_defocus_symmetric_in_z_at_any_depth():
    oil, grid = Microscope(na=1.4, wavelength=0.5), Grid(shape=(21, 33, 33), spacing=(0.15, 0.08, 0.08))
    shallow, deep = (psf("gibson-lanni", oil.replace(depth=depth), grid) for depth in (0.0, 15.0))
    peak = shallow.max()
    np.testing.assert_allclose(shallow, deep, rtol=0, atol=1e-6 * peak)
    np.testing.assert_allclose(shallow, shallow[::-1], rtol=0, atol=1e-6 * peak)
    assert best_focus("gibson-lanni", oil.replace(depth=15.0)) == pytest.approx(15, abs=1e-6)


def test_at_low_aperture_it_is_born_and_wolf():
    low, grid = (
        Microscope(na=0.1, wavelength=0.5, n_immersion=1.0, n_sample=1.0),
        Grid(shape=(9, 31, 31), spacing=(10.0, 0.8, 0.8)),
    )
    exact, paraxial = (model.intensity(low, grid) for model in (GibsonLanni(), BornWolf()))
    np.testing.assert_allclose(exact, paraxial, rtol=0, atol=0.005)


def zonal_focus(microscope, s):
    """Where a zone of the pupil focuses on the stage.

    A ray from depth d meets the coverslip at the height d tan θ_sample, and seen from the immersion comes from tan
    θ_immersion.
    """
    in_sample, in_immersion = (np.arcsin(s / n) for n in (microscope.n_sample, microscope.n_immersion))
    return microscope.depth * np.tan(in_sample) / np.tan(in_immersion)


@pytest.mark.parametrize(("n_immersion", "n_sample", "side"), [(1.515, 1.33, 1), (1.333, 1.45, -1)])
def test_the_tail_lies_where_the_outer_rays_focus(n_immersion, n_sample, side):
    """Oil into water: outer rays are bent more, and need the stage further in, at larger z. Water into glycerol: the
    other way round.

    The inner rays, whose foci lie close together, make the peak; beyond two axial resolutions from it there is only the
    tail.
    """
    microscope = Microscope(na=1.2, wavelength=0.52, n_immersion=n_immersion, n_sample=n_sample, depth=20.0)
    inner, outer = zonal_focus(microscope, 1e-3), zonal_focus(microscope, 1.15)
    assert inner == pytest.approx(20 * n_immersion / n_sample, rel=1e-5)
    assert np.sign(outer - inner) == side
    assert min(inner, outer) < best_focus("gibson-lanni", microscope) < max(inner, outer)
    grid = Grid(shape=(161, 5, 5), spacing=(0.1, 0.1, 0.1))
    on_axis, z = psf("gibson-lanni", microscope, grid)[:, 2, 2].astype(np.float64), grid.coordinates()[0]
    tail = 2 * resolution(microscope)[0]
    beyond, before = on_axis[z > tail].sum(), on_axis[z < -tail].sum()
    assert (beyond / before) ** side > 2


def test_psf_generator_is_reproduced_through_a_radial_table_like_its_own():
    """PSF Generator reads the intensity from a table of half a pixel by straight lines, about a centre between the
    pixels.

    Going through such a table gives its numbers to the rounding of its own integration, so the integral is the same.
    Without the table the same integral differs by up to 1.6 %: that is the error of straight lines, which our own
    tables avoid.
    """
    golden = Path(__file__).parents[3] / "shared" / "data" / "psfgenerator-gl-golden" / "psfgen1.tif"
    if not golden.exists():
        pytest.skip(
            "the PSF of PSF Generator does not lie beside the project, in ../shared/data/psfgenerator-gl-golden"
        )
    theirs = tifffile.imread(golden)
    pupil = GibsonLanni().pupil(Microscope(na=1.4, wavelength=0.61, n_immersion=1.5, n_sample=1.33))
    radii, z = np.arange(0, 1.3, 0.05), (np.arange(8) - 3.5) * 0.25
    table = abs(pupil.amplitude(radii, z)) ** 2
    across = (np.arange(16) - 7.5) * 0.1
    distance = np.hypot(across[:, None], across)
    ours = np.stack([np.interp(distance, radii, plane) for plane in table.T])
    np.testing.assert_allclose(ours / ours.max(), theirs, rtol=0, atol=1e-5)
    exact = (abs(pupil.amplitude(distance.ravel(), z)) ** 2).T.reshape(8, 16, 16)
    assert 0.01 < abs(exact / exact.max() - theirs).max() < 0.02
