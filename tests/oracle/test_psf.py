"""The PSF models against closed forms, and what every PSF must be."""

import tracemalloc

import numpy as np
import pytest
from scipy.special import j1

from napari_deconvolution.optics.microscope import Grid, Microscope, nyquist, resolution
from napari_deconvolution.optics.psf import MODELS, VOLUMES, BornWolf, Gaussian, GibsonLanni, best_focus, psf
from napari_deconvolution.optics.psf_measures import fwhm, plane_energy

DRY = Microscope(na=0.5, wavelength=0.5, n_immersion=1.0, n_sample=1.0)
OIL = Microscope(na=1.4, wavelength=0.5, n_immersion=1.515, n_sample=1.515)


def test_in_focus_born_wolf_is_the_airy_disk():
    grid = Grid(shape=(41, 41), spacing=(0.11, 0.07))
    y, x = grid.coordinates()
    v = 2 * np.pi / DRY.wavelength * DRY.na * np.hypot(y[:, None], x)
    v[20, 20] = 1
    airy = (2 * j1(v) / v) ** 2
    airy[20, 20] = 1
    np.testing.assert_allclose(BornWolf(sampling="centre", accuracy=1e-6).intensity(DRY, grid), airy, rtol=0, atol=1e-6)


def test_on_the_axis_born_wolf_is_sinc_squared():
    grid = Grid(shape=(81, 1, 1), spacing=(0.25, 0.1, 0.1))
    z = grid.coordinates()[0]
    expected = np.sinc(DRY.na**2 * z / (2 * DRY.n_immersion * DRY.wavelength)) ** 2
    found = BornWolf(sampling="centre", accuracy=1e-6).intensity(DRY, grid)[:, 0, 0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_gaussian_widths_are_those_of_the_paper():
    """Zhang et al. 2007, table 1, non-paraxial three-dimensional widefield, written as printed there."""
    n, c = OIL.n_immersion, np.sqrt(1 - (OIL.na / OIL.n_immersion) ** 2)
    k = 2 * np.pi / OIL.wavelength
    lateral = ((4 - 7 * c**1.5 + 3 * c**3.5) / (7 * (1 - c**1.5))) ** -0.5 / (n * k)
    axial = (
        5
        * np.sqrt(7)
        * (1 - c**1.5)
        / (np.sqrt(6) * n * k * np.sqrt(4 * c**5 - 25 * c**3.5 + 42 * c**2.5 - 25 * c**1.5 + 4))
    )
    np.testing.assert_allclose(Gaussian.widths(OIL), (lateral, axial), rtol=1e-12)


def test_gaussian_on_pixels_is_its_mean_over_their_area():
    grid = Grid(shape=(5, 7, 6), spacing=(0.2, 0.13, 0.1))
    found = Gaussian().intensity(OIL, grid)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    lateral, axial = Gaussian.widths(OIL)
    z, y, x = grid.coordinates()
    rows, columns = (
        np.exp(-(((at[:, None] + nodes * step / 2) / lateral) ** 2) / 2) @ weights / 2
        for at, step in zip((y, x), (0.13, 0.1), strict=True)
    )
    np.testing.assert_allclose(
        found, np.einsum("z,y,x->zyx", np.exp(-((z / axial) ** 2) / 2), rows, columns), rtol=1e-12
    )
    at_centres = Gaussian(sampling="centre").intensity(OIL, grid)
    np.testing.assert_allclose(
        at_centres[2, 3, 4] / at_centres[2, 3, 3], np.exp(-((0.1 / lateral) ** 2) / 2), rtol=1e-12
    )


def test_resolution_is_the_width_of_the_focus():
    """Lateral: Airy disk. Axial: sinc² in n (1 − cos α), exact where the aperture is low enough for an even weight."""
    grid = Grid(shape=(161, 65, 65), spacing=(0.1, 0.03, 0.03))
    axial, lateral = resolution(DRY)
    widths = fwhm(psf(GibsonLanni(sampling="centre"), DRY, grid), grid.spacing)
    np.testing.assert_allclose(widths, (axial, lateral, lateral), rtol=0.01)


def test_nyquist_is_the_cut_off_of_the_transfer_function():
    """Sampled four times finer than the limit in y and x, the transfer function is zero beyond a quarter of the sampled
    band.
    """
    step = nyquist(DRY)[1] / 4
    kernel = psf(BornWolf(accuracy=1e-6), DRY, Grid(shape=(401, 401), spacing=(step, step))).astype(np.float64)
    window = np.outer(np.hanning(401), np.hanning(401))
    transfer = abs(np.fft.fft2(kernel * window))[0]
    frequency = np.fft.fftfreq(401)
    assert transfer[abs(frequency) > 0.125 + 2 / 401].max() < 1e-5
    assert transfer[abs(frequency) < 0.1].min() > 1e-2


@pytest.mark.filterwarnings("ignore:spacing = ")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shape", [(9, 31, 33), (8, 32, 30), (31, 33), (32, 30), (1, 16, 16)])
def test_every_psf_is_float32_sums_to_one_and_has_its_origin_in_the_middle(model, shape):
    spacing = (0.3, 0.1, 0.08)[-len(shape) :]
    kernel = psf(model, OIL, Grid(shape=shape, spacing=spacing))
    assert kernel.dtype == np.float32
    assert kernel.shape == shape
    assert kernel.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    assert kernel.min() >= 0
    if MODELS[model].engineered:
        return
    assert np.unravel_index(kernel.argmax(), shape) == tuple(n // 2 for n in shape)
    for axis, n in enumerate(
        shape
    ):  # without aberration symmetric about the origin; an even size has one sample more before it
        inside = np.take(kernel, range(1 - n % 2, n), axis)
        np.testing.assert_allclose(inside, np.flip(inside, axis), rtol=0, atol=1e-6 * kernel.max())


@pytest.mark.filterwarnings("ignore:spacing = ")
@pytest.mark.parametrize("model", MODELS)
def test_two_axes_are_the_focal_plane_of_three(model):
    deep = Microscope(na=1.2, n_immersion=1.515, n_sample=1.36, depth=4.0)
    plane = psf(model, deep, Grid(shape=(33, 32), spacing=(0.1, 0.1)))
    stack = psf(model, deep, Grid(shape=(5, 33, 32), spacing=(0.2, 0.1, 0.1)))[2]
    np.testing.assert_allclose(plane, stack / stack.sum(dtype=np.float64), rtol=0, atol=1e-6 * plane.max())


@pytest.mark.parametrize(
    ("model", "microscope"),
    [
        ("born-wolf", DRY),
        ("gibson-lanni", DRY),
        ("gibson-lanni", Microscope(na=1.2, wavelength=0.5, n_immersion=1.515, n_sample=1.36, depth=4.0)),
    ],
)
def test_all_planes_hold_the_light_that_enters_the_aperture(model, microscope):
    """Parseval: λ² / (π NA²) in every plane; what falls outside the array is the tail of the Airy disk, 2 / π v."""
    grid = Grid(shape=(7, 301, 301), spacing=(0.4, 0.2, 0.2))
    light = MODELS[model].intensity(microscope, grid).sum(axis=(1, 2)) * 0.2**2
    whole = microscope.wavelength**2 / (np.pi * microscope.na**2)
    tail = 2 / (np.pi * 2 * np.pi * microscope.na / microscope.wavelength * 30)
    assert np.all(light < whole * (1 + 1e-4))
    assert np.all(light > whole * (1 - 1.5 * tail))
    np.testing.assert_allclose(plane_energy(psf(model, microscope, grid)), 1 / 7, rtol=tail)


@pytest.mark.filterwarnings("ignore:na = ")
def test_evanescent_rays_are_kept_by_the_vectorial_model_near_the_coverslip_and_fade_with_depth():
    """Deep below the coverslip only the rays that travel count, and the PSF is that of the smaller aperture."""
    plane, near = Grid(shape=(33, 33), spacing=(0.06, 0.06)), Microscope(na=1.49, n_sample=1.33)
    with pytest.warns(
        UserWarning, match=r"na = 1\.49 exceeds n_sample = 1\.33: .* evanescent in the sample; they are included"
    ):
        psf("richards-wolf", near, plane)

    def change(microscope):
        whole, cut = (psf("richards-wolf", microscope.replace(na=na), plane) for na in (1.49, 1.33))
        return (whole.max() - cut.max()) / cut.max()

    assert abs(change(near)) > 0.05
    assert abs(change(near.replace(depth=30))) < 1e-3


def test_rays_beyond_the_index_of_the_sample_are_left_out_with_a_warning():
    grid = Grid(shape=(15, 31, 31), spacing=(0.2, 0.1, 0.1))
    water = Microscope(na=1.4, n_sample=1.33)
    with pytest.warns(UserWarning, match=r"na = 1\.4 exceeds n_sample = 1\.33: .* aperture of 1\.33"):
        cut = psf("gibson-lanni", water, grid)
    np.testing.assert_allclose(cut, psf("gibson-lanni", water.replace(na=1.33), grid), rtol=0, atol=1e-6 * cut.max())


def test_a_stack_on_the_stage_that_misses_the_focus_is_refused_with_the_planes_it_needs():
    deep, grid = Microscope(na=1.2, n_sample=1.33, depth=5.0), Grid(shape=(21, 31, 31), spacing=(0.2, 0.1, 0.1))
    focus = best_focus("gibson-lanni", deep)
    on_stage = GibsonLanni(focus="stage")
    with pytest.raises(
        ValueError,
        match=rf"best focus is at {focus:.2f} µm, outside the stack from -2\.00 to 2\.00 µm; use at least (\d+)",
    ) as why:
        psf(on_stage, deep, grid)
    planes = int(str(why.value).split("at least ")[1].split()[0])
    reaching = psf(on_stage, deep, grid.replace(shape=(planes, 31, 31)))
    assert np.unravel_index(reaching.argmax(), reaching.shape)[0] - planes // 2 == round(focus / 0.2)
    flipped = psf(on_stage.replace(flip_z=True), deep, grid.replace(shape=(planes, 31, 31)))
    assert np.unravel_index(flipped.argmax(), flipped.shape)[0] - planes // 2 == -round(focus / 0.2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"na": 1.4, "n_immersion": 1.33}, r"na = 1\.4 with n_immersion = 1\.33"),
        ({"na": 1.55, "n_immersion": 1.78}, r"na = 1\.55 with n_coverslip = 1\.52"),
        ({"wavelength": 525.0}, "Did you mean nm"),
        ({"depth": -1.0}, r"depth = -1\.0: must be 0 to 10000 µm"),
    ],
)
def test_an_impossible_microscope_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Microscope(**values)


@pytest.mark.parametrize(
    ("shape", "spacing", "message"),
    [
        ((5,), (0.1,), "two axes"),
        ((2, 5, 5, 5), (0.1,) * 4, "two axes"),
        ((5, 5), (0.1, 0.1, 0.1), "one number for each of the 2 axes"),
        ((0, 5), (0.1, 0.1), "shape = 0"),
        ((5, 5), (0.1, -0.1), r"spacing = -0\.1"),
        ((5, 5), (0.1, 0.0), r"spacing = 0\.0"),
    ],
)
def test_an_impossible_grid_is_refused(shape, spacing, message):
    with pytest.raises(ValueError, match=message):
        Grid(shape=shape, spacing=spacing)


@pytest.mark.parametrize(
    ("spacing", "axis"), [((0.2, 65.0, 65.0), "x"), ((0.2, 65.0, 0.065), "y"), ((200.0, 0.065, 0.065), "z")]
)
def test_a_spacing_in_nm_is_recognised(spacing, axis):
    with pytest.raises(ValueError, match=rf"spacing = \d+ µm along {axis}: .* Did you mean nm\?"):
        psf("gibson-lanni", OIL, Grid(shape=(5, 9, 9), spacing=spacing))


@pytest.mark.filterwarnings("ignore:spacing = ")
def test_a_pixel_that_holds_the_whole_focus_has_its_light():
    """Ten Airy disks wide: but for the tail, 2 / π v, all light falls into the middle pixel."""
    kernel = psf("born-wolf", DRY, Grid(shape=(9, 9), spacing=(8.0, 8.0)))
    v = 2 * np.pi * DRY.na / DRY.wavelength * 4.0
    assert 1 - 2 * 2 / (np.pi * v) < kernel[4, 4] < 1


@pytest.mark.parametrize(
    ("model", "spacing", "limit"),
    [
        ("gibson-lanni", (0.2, 0.08, 0.2), "0.0893"),
        ("confocal", (0.2, 0.12, 0.05), "0.0441"),
        ("two-photon", (1.0, 0.1, 0.1), "0.24"),
    ],
)
def test_samples_that_miss_most_of_the_detail_are_warned_of_with_the_nyquist_step(model, spacing, limit):
    grid = Grid(shape=(5, 9, 9), spacing=spacing)
    with pytest.warns(UserWarning, match=rf"{model} needs a Nyquist step of {limit} µm"):
        psf(model, OIL, grid)


@pytest.mark.parametrize("model", ["gibson-lanni", "richards-wolf", "confocal", "two-photon", "light-sheet"])
def test_samples_near_the_nyquist_step_are_not_warned_of(model):
    axial, lateral = MODELS[model].nyquist(OIL)
    psf(model, OIL, Grid(shape=(5, 9, 9), spacing=(1.3 * axial, 1.2 * lateral, 1.2 * lateral)))


def test_a_grid_larger_than_the_memory_is_refused_with_its_size():
    with pytest.raises(ValueError, match=r"this PSF has 4e\+06 GB and needs about 1\.6e\+07 GB"):
        psf("gibson-lanni", OIL, Grid(shape=(100_000, 100_000, 100_000), spacing=(0.2, 0.1, 0.1)))


@pytest.mark.parametrize("model", ["gibson-lanni", "richards-wolf", "confocal"])
def test_a_plane_out_of_focus_is_that_plane_of_the_stack(model):
    settings = MODELS[model].replace(defocus=0.6)
    plane = settings.intensity(OIL, Grid(shape=(17, 16), spacing=(0.08, 0.08)))
    stack = MODELS[model].intensity(OIL, Grid(shape=(7, 17, 16), spacing=(0.2, 0.08, 0.08)))
    np.testing.assert_allclose(plane, stack[6], rtol=0, atol=1e-5)


def test_a_design_that_no_objective_can_have_is_refused():
    with pytest.raises(ValueError, match=r"n_immersion_design = 1\.33 with na = 1\.4"):
        psf(GibsonLanni(n_immersion_design=1.33), OIL, Grid(shape=(9, 9), spacing=(0.1, 0.1)))


def test_the_grid_for_an_image_holds_the_cone_of_light_and_is_odd():
    grid = Grid.for_image((20, 400, 60), (0.3, 0.1, 0.1), Microscope(na=1.2, n_immersion=1.333, n_sample=1.333))
    assert grid.shape[0] == 39
    assert grid.shape[2] == 61
    assert all(n % 2 for n in grid.shape)
    cone = 3.0 * np.tan(np.arcsin(1.2 / 1.333))
    assert cone < grid.coordinates()[1][-1] < cone + 6 * 0.525 / 1.2
    assert len(Grid.for_image((64, 64), (0.1, 0.1), OIL).shape) == 2


@pytest.mark.parametrize(
    "model", ["gibson-lanni", "double-helix", pytest.param("spinning-disk", marks=pytest.mark.slow)]
)
def test_it_takes_no_more_memory_than_is_said(model):
    grid = Grid(shape=(63, 127, 127), spacing=(0.2, 0.08, 0.08))
    psf(model, OIL, grid.replace(shape=(3, 9, 9)))
    tracemalloc.start()
    kernel = psf(model, OIL, grid)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < VOLUMES * kernel.nbytes
