"""A PSF that varies along z against sums of direct convolutions, one a plane, and what its formation answers."""

import tracemalloc

import numpy as np
import pytest

from napari_deconvolution import Deconvolution, Grid, Microscope, deconvolve, psf, psf_by_depth
from napari_deconvolution.algorithms.camera.noise import noise_of
from napari_deconvolution.algorithms.forward.base import Forward
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.forward.padding import BOUNDARIES
from napari_deconvolution.algorithms.forward.varying import VaryingPsf
from napari_deconvolution.algorithms.memory import memory
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.optics.psf_by_depth import line_of_foci
from napari_deconvolution.runs import finished

SHAPE, SIZE = (6, 9, 7), (5, 4, 3)
CAMERA = {"gain": 1.0, "background": 2.0, "threads": 1}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def gaussians(widths, shape=(9, 15, 15)):
    grid = np.indices(shape) - np.reshape([n // 2 for n in shape], (3, 1, 1, 1))
    psfs = np.stack([np.exp(-(grid**2).sum(0) / (2 * width**2)) for width in widths])
    return (psfs / psfs.sum((1, 2, 3), keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_each_plane_is_blurred_with_its_own_psf(boundary, threads, rng):
    psfs = rng.random((SHAPE[0], *SIZE), np.float32)
    H = VaryingPsf(psfs, range(SHAPE[0]), modes=SHAPE[0]).model(SHAPE, boundary, threads=threads)
    H.piece, H.block = 2, 3
    x, y = rng.random(H.shape, np.float32), rng.random(SHAPE, np.float32)
    want = np.zeros(SHAPE, np.float32)
    for plane, values in enumerate(x):
        nearest = int(np.clip(plane - H.inside[0].start, 0, SHAPE[0] - 1))
        alone = np.zeros_like(x)
        alone[plane] = values
        want += Blur(psfs[nearest], SHAPE, boundary).forward(alone)
    Hx, Hty = H.forward(x), H.adjoint(y)
    np.testing.assert_allclose(Hx, want, rtol=2e-6)
    assert np.vdot(Hx, y) == pytest.approx(np.vdot(x, Hty), rel=2e-6)
    fused, whole = np.empty(H.shape, np.float32), np.empty(H.shape, np.float32)
    H.through(x, lambda b, at: y[at] / (b + 1), lambda back, at: np.copyto(fused[at], back))
    Forward.through(H, x, lambda b, at: y[at] / (b + 1), lambda back, at: np.copyto(whole[at], back))
    np.testing.assert_allclose(fused, whole, rtol=2e-6)


def test_one_mode_is_the_stationary_blur_to_the_last_bit(rng):
    psfs = rng.random((4, *SIZE), np.float32)
    one, mean = VaryingPsf(psfs, range(4), modes=1), StationaryPsf(psfs.mean(0, np.float64).astype(np.float32))
    image = rng.poisson(50, SHAPE)
    found, want = (deconvolve(image, formation, "richardson-lucy", iterations=5, **CAMERA) for formation in (one, mean))
    assert (found.image == want.image).all()
    assert one.work(SHAPE, "open") == mean.work(SHAPE, "open")
    same = VaryingPsf(np.stack([psfs[0]] * 3), range(3))
    assert (same.psf_at(1.5) == psfs[0]).all()


def test_the_error_of_every_number_of_modes_is_told():
    at = np.array([0, 4, 8, 20, 22])
    psfs = gaussians(1 + at / 20)
    for modes in range(1, 6):
        formation = VaryingPsf(psfs, at, modes=modes)
        made = np.stack([formation.psf_at(plane) for plane in at])
        left = np.linalg.norm(made - psfs) / np.linalg.norm(psfs)
        assert formation.errors[modes - 1] == pytest.approx(left, abs=1e-6)
        assert len(VaryingPsf(psfs, at, error=1.001 * left + 1e-6).modes) == modes
        np.testing.assert_allclose(made.sum((1, 2, 3)), 1, atol=1e-5)
        assert (formation.psf_at(-7) == made[0]).all()
    between = gaussians([1.65])[0]
    assert np.linalg.norm(formation.psf_at(13) - between) < 0.04 * np.linalg.norm(between)


def test_power_is_the_mean_over_the_depths():
    psfs, shape = gaussians((1.0, 1.4, 2.0)), (10, 16, 18)
    want = np.mean([StationaryPsf(one).power(shape) for one in psfs], axis=0)
    np.testing.assert_allclose(VaryingPsf(psfs, range(3), modes=3).power(shape), want, atol=1e-5)


def test_what_goes_in_positive_comes_out_positive_and_all_else_is_linear(rng):
    H = VaryingPsf(gaussians((0.8, 1.6, 3.0)), (0, 8, 16), modes=2).model((17, 24, 24), "zero", threads=1)
    point = np.zeros(H.shape, np.float32)
    point[14, 12, 12] = 1
    assert H.forward(-point).max() > 1e-3
    assert H.forward(point).min() == 0
    assert H.adjoint(point).min() == 0
    least = []
    H.through(point, lambda b, at: -b, lambda back, at: least.append(back.max()))
    assert max(least) > 0
    signed = rng.normal(size=H.shape).astype(np.float32)
    np.testing.assert_allclose(H.forward(2 * signed), 2 * H.forward(signed), atol=1e-5)


# A specimen whose PSF widens along z: what is made for one PSF runs on it


@pytest.fixture(scope="module")
def scene():
    """Dots, their image with a Gaussian for every plane in closed form, and the PSFs at five depths."""
    rng, shape = np.random.default_rng(3), (16, 24, 24)
    width = lambda plane: 1 + plane / 10  # noqa: E731
    z, y, x = np.indices(shape, float)
    truth, light = np.zeros(shape), np.full(shape, 2.0)
    for at in rng.uniform(2, np.array(shape) - 2, (25, 3)).round():
        for drawn, sigma in ((truth, 1.2), (light, np.hypot(1.2, width(at[0])))):
            near = np.exp(-((z - at[0]) ** 2 + (y - at[1]) ** 2 + (x - at[2]) ** 2) / (2 * sigma**2))
            drawn += 3000 * near / near.sum()
    at = np.linspace(0, 15, 5)
    return truth, rng.poisson(light).astype(np.float32), VaryingPsf(gaussians(width(at), (15, 15, 15)), at)


def test_held_out_photons_stop_it_and_it_gains(scene):
    truth, image, formation = scene
    middle = StationaryPsf(formation.psf_at(7.5))
    settings = {"stop": "held-out", "iterations": 40, "acceleration": "momentum", "mask": False, **CAMERA}
    varying, one = (deconvolve(image, each, "richardson-lucy", **settings) for each in (formation, middle))
    assert "the best for held-out photons" in varying.reason
    assert fitted_error(varying.image, truth) < 0.9 * fitted_error(one.image, truth)
    assert noise_of(image, formation, 0.0).gain == pytest.approx(1, rel=0.3)


def test_a_part_has_the_psfs_of_its_planes(scene):
    _, image, formation = scene
    region = (slice(4, 10), slice(3, 20), slice(5, 22))
    assert (formation.part(region).psf_at(2) == formation.psf_at(6)).all()
    job = Deconvolution().assign(algorithm="richardson-lucy", iterations=5, mask=False, **CAMERA)
    whole = finished(job.steps(image, formation)).image[region]
    part = finished(job.steps(image, formation, region=region)).image
    assert abs(part - whole).max() < 0.005 * whole.max()


def test_memory_is_predicted():
    shape = (40, 120, 120)
    image, formation = np.full(shape, 50, np.uint16), VaryingPsf(gaussians((1, 1.5, 2)), (0, 20, 39), modes=3)
    job = Deconvolution().assign(algorithm="richardson-lucy", iterations=2, mask=False, **CAMERA)
    tracemalloc.start()
    finished(job.steps(image, formation))
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken <= memory(job, shape, formation) <= 1.35 * taken + (8 << 20)


@pytest.mark.parametrize(
    ("psfs", "planes", "more", "why"),
    [
        (np.ones((3, 3, 3)), (0, 1, 2), {}, r"psfs: their shape is \(3, 3, 3\); \(depth, z, y, x\) is needed"),
        (np.ones((2, 3, 3, 3)), (0, 1, 2), {}, "planes: 2 increasing numbers are needed"),
        (np.ones((2, 3, 3, 3)), (1, 1), {}, "planes: 2 increasing numbers are needed"),
        (np.ones((2, 3, 3, 3)), (0, 1), {"modes": 3}, "modes = 3: of 2 PSFs there can be 1 to 2 modes"),
    ],
)
def test_it_is_refused(psfs, planes, more, why):
    with pytest.raises(ValueError, match=why):
        VaryingPsf(psfs, planes, **more)


# The PSFs along depth


OIL_INTO_GLYCEROL = Microscope(na=1.3, n_immersion=1.518, n_sample=1.46, depth=2.0)
GRID = Grid(shape=(11, 9, 9), spacing=(0.3, 0.1, 0.1))


def test_psfs_along_depth_are_those_of_their_depths():
    psfs, at = psf_by_depth("gibson-lanni", OIL_INTO_GLYCEROL, GRID, planes=41, count=3)
    assert at.tolist() == [0, 20, 40]
    # The best foci lie within a sixth of a plane on the line, so that each is nearly the PSF about its best focus.
    deeper = OIL_INTO_GLYCEROL.n_sample / OIL_INTO_GLYCEROL.n_immersion * 0.3
    for one, plane in zip(psfs, at, strict=True):
        near = psf("gibson-lanni", OIL_INTO_GLYCEROL.replace(depth=2 + deeper * plane), GRID)
        assert np.linalg.norm(one - near) < 0.1 * np.linalg.norm(near)
    assert np.linalg.norm(psfs[2] - psfs[0]) > 0.2 * np.linalg.norm(psfs[0])


@pytest.mark.parametrize(("index", "count"), [(1.46, 9), (1.33, 17)])
def test_there_are_as_many_depths_as_those_between_need(index, count):
    microscope = OIL_INTO_GLYCEROL.replace(n_sample=index)
    psfs, at = psf_by_depth("gibson-lanni", microscope, GRID, planes=41)
    assert at.tolist() == np.linspace(0, 40, count).tolist()
    formation = VaryingPsf(psfs, at, error=1e-4)
    start, rise = line_of_foci(MODELS["gibson-lanni"], microscope, 40 * GRID.spacing[0])
    for plane in at[:-1:4] + 0.4 * at[1]:
        depth = microscope.depth + plane * GRID.spacing[0] / rise
        model = MODELS["gibson-lanni"].replace(focus="stage", defocus=start + rise * depth)
        want = psf(model, microscope.replace(depth=depth), GRID)
        assert np.linalg.norm(formation.psf_at(plane) - want) < 0.01 * np.linalg.norm(want)


def test_planes_that_run_the_other_way_are_the_mirror_image():
    psfs, _ = psf_by_depth("gibson-lanni", OIL_INTO_GLYCEROL, GRID, planes=41, count=3)
    back, _ = psf_by_depth(MODELS["gibson-lanni"].replace(flip_z=True), OIL_INTO_GLYCEROL, GRID, planes=41, count=3)
    np.testing.assert_allclose(back, psfs[::-1, ::-1], atol=1e-7)


def test_without_a_mismatch_one_mode_is_enough():
    formation = VaryingPsf(*psf_by_depth("gibson-lanni", Microscope(na=1.3, depth=5), GRID, planes=30, count=3))
    assert len(formation.modes) == 1
    assert formation.errors[0] < 1e-4


@pytest.mark.parametrize(
    ("model", "grid", "why"),
    [
        ("gibson-lanni", Grid(shape=(9, 9), spacing=(0.1, 0.1)), "give a grid along z, y, x"),
        (MODELS["gibson-lanni"].replace(focus="stage"), GRID, 'focus = "best"'),
    ],
)
def test_psfs_along_depth_are_refused(model, grid, why):
    with pytest.raises(ValueError, match=why):
        psf_by_depth(model, OIL_INTO_GLYCEROL, grid, planes=9)
