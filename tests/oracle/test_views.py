"""Several views of one specimen: sampling against polynomials, the joint model, and specimens known in closed form."""

import tracemalloc

import numpy as np
import pytest

from napari_deconvolution import Deconvolution, deconvolve, deconvolve_views
from napari_deconvolution.algorithms.camera.defects import find_defects
from napari_deconvolution.algorithms.camera.noise import noise_of
from napari_deconvolution.algorithms.forward.base import Forward
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.forward.sampling import CubicSampling
from napari_deconvolution.algorithms.forward.views import SeenFrom, Views, turned_psf
from napari_deconvolution.algorithms.memory import memory
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.runs import finished

PLAIN = "richardson-lucy"


def affine(matrix, offset):
    whole = np.eye(len(matrix) + 1)
    whole[:-1, :-1], whole[:-1, -1] = matrix, offset
    return whole


def turn(degrees, size, step=(1.0, 1.0)):
    """From the voxels of a view that was turned about the middle of the field, `step` apart, to those of the field."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, -s], [s, c]]) * step
    middle = (np.array(size) - 1) / 2
    return affine(matrix, middle - matrix @ (middle / step))


# Sampling


TRANSFORMS = {
    "turn about y": (affine([[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]], (2, 0, 8)), [2, 1]),
    "turn about all": (affine([[0.8, 0.1, 0.6], [0.2, 0.9, 0], [-0.6, 0, 0.8]], (2, 1, 8)), [3]),
    "stretch": (affine(np.diag([1.7, 0.6, 1.0]), (1.2, 3.3, 2)), [1, 1, 1]),
    "other axes": (affine([[0, 0, 1], [1.0, 0, 0], [0, -1, 0]], (0.5, 1, 9)), [1, 1, 1]),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_sampling_is_exact_on_what_is_quadratic_and_has_its_transpose(name):
    transform, mixed = TRANSFORMS[name]
    rng, shape, seen = np.random.default_rng(0), (14, 15, 16), (9, 8, 10)
    sampling = CubicSampling(transform, shape, seen)
    assert sorted(len(step.volume_axes) for step in sampling.steps) == sorted(mixed)

    def drawn(points):
        z, y, x = points
        return 3 + 0.5 * z - y + 0.2 * z * x + 0.1 * y**2 - 0.05 * x**2

    points = np.tensordot(transform[:3, :3], np.indices(seen), 1) + transform[:3, 3].reshape(3, 1, 1, 1)
    sizes = np.reshape(shape, (3, 1, 1, 1))
    inner = ((points >= 1) & (points <= sizes - 2)).all(axis=0)
    assert inner.sum() > 40
    got = sampling.see(drawn(np.indices(shape)).astype(np.float32))
    np.testing.assert_allclose(got[inner], drawn(points)[inner], atol=1e-4)
    assert (sampling.inside == ((points >= -0.5) & (points <= sizes - 0.5)).all(axis=0)).all()
    x, y = rng.random(shape, np.float32), rng.random(seen, np.float32)
    assert np.vdot(sampling.see(x), y) == pytest.approx(np.vdot(x, sampling.back(y)), rel=1e-5)


def test_the_same_grid_costs_nothing():
    assert CubicSampling(np.eye(4), (5, 6, 7), (5, 6, 7)).steps == []


def gaussian(sigmas, shape):
    grids = np.indices(shape) - np.reshape([n // 2 for n in shape], (-1, *(1,) * len(shape)))
    kernel = np.exp(-sum(grid**2 / (2 * s**2) for grid, s in zip(grids, sigmas, strict=True)))
    return (kernel / kernel.sum()).astype(np.float32)


def test_a_turned_psf_is_the_turned_gaussian():
    matrix = turn(30, (1, 1), (2.0, 1.0))[:2, :2]
    got = turned_psf(gaussian((2.5, 1.5), (19, 17)), matrix)
    grid = np.indices(got.shape) - np.reshape([n // 2 for n in got.shape], (2, 1, 1))
    back = np.tensordot(np.linalg.inv(matrix), grid, 1)
    want = np.exp(-(back[0] ** 2) / 12.5 - back[1] ** 2 / 4.5)
    assert abs(got - want / want.sum()).max() < 0.003 * got.max()


# The model


def views_of(size=(30, 34)):
    psfs = (gaussian((3.0, 1.0), (17, 9)), gaussian((3.0, 1.0), (17, 9)), gaussian((1.5, 1.0), (9, 9)))
    shapes = (size, (size[1], size[0]), (size[0] // 2, size[1]))
    transforms = (np.eye(3), affine([[0, -1.0], [1, 0]], (size[0] - 1.0, 0)), turn(40, size, (2.0, 1.0)))
    return Views(psfs, transforms, shapes, size, (1.0, 0.5, 1.5))


def test_the_joint_model_has_its_transpose_and_works_through():
    formation, rng = views_of(), np.random.default_rng(1)
    data = formation.joined([np.zeros(shape) for shape in formation.shapes])
    H = formation.model(data.shape, "open", threads=1)
    assert isinstance(H, SeenFrom)
    x, y = rng.random(H.shape, np.float32), rng.random(H.data_shape, np.float32)
    Hx = H.forward(x)
    assert np.vdot(Hx, y) == pytest.approx(np.vdot(x, H.adjoint(y)), rel=1e-5)
    ones, samplings = formation.views(H.forward(np.ones_like(x))), formation.samplings
    levels = [view[sampling.inside].mean() for view, sampling in zip(ones, samplings, strict=True)]
    np.testing.assert_allclose(levels, formation.brightness, rtol=1e-3)
    fused, whole = np.empty(H.shape, np.float32), np.empty(H.shape, np.float32)
    H.through(x, lambda b, at: y[at] / (b + 1), lambda back, at: np.copyto(fused[at], back))
    Forward.through(H, x, lambda b, at: y[at] / (b + 1), lambda back, at: np.copyto(whole[at], back))
    np.testing.assert_allclose(fused, whole, rtol=1e-5)


def test_one_view_on_the_grid_of_the_result_is_one_image():
    psf = gaussian((2.0, 1.0), (9, 7))
    image = np.random.default_rng(0).poisson(30, (24, 20))
    settings = {"iterations": 10, "gain": 1, "background": 0, "mask": False}
    one = deconvolve_views([image], [psf], [np.eye(3)], PLAIN, **settings)
    np.testing.assert_allclose(one.image, deconvolve(image, psf, PLAIN, **settings).image, rtol=1e-4)


# A specimen of Gaussian threads, whose images from any side are known in closed form


SIZE, OWN, LONG, SHORT, LEVEL = (72, 72), 1.2, 5.0, 1.3, 4.0
ANGLES, BRIGHT = (0, 90), (1.0, 0.6)


def drawn(transform, shape, sigmas, threads):
    """Dots of width OWN, blurred along the axes of a view, at its voxels."""
    back = np.linalg.inv(transform)
    at = threads @ back[:2, :2].T + back[:2, 2]
    z, y = ((np.arange(n)[:, None] - at[:, k]) for k, n in enumerate(shape))
    wide = np.hypot(OWN, sigmas)
    lines = [np.exp(-(line**2) / (2 * w**2)) / w for line, w in ((z, wide[0]), (y, wide[1]))]
    return 60 * OWN**2 * lines[0] @ lines[1].T


@pytest.fixture(scope="module")
def scene():
    rng = np.random.default_rng(5)
    turns = np.cumsum(rng.normal(0, 0.08, (14, 90)), axis=1) + rng.uniform(0, 7, (14, 1))
    threads = np.cumsum(np.stack([np.sin(turns), np.cos(turns)], -1), axis=1) + rng.uniform(-10, 82, (14, 1, 2))
    threads = threads.reshape(-1, 2)
    transforms = tuple(turn(angle, SIZE) for angle in ANGLES)
    light = [b * drawn(t, SIZE, (LONG, SHORT), threads) for t, b in zip(transforms, BRIGHT, strict=True)]
    images = [rng.poisson(one + LEVEL).astype(np.float32) for one in light]
    return drawn(np.eye(3), SIZE, (0, 0), threads), images, transforms


PSF = gaussian((LONG, SHORT), (41, 13))
CAMERA = {"gain": 1.0, "background": LEVEL, "threads": 1}
FAST = {"acceleration": "momentum", "iterations": 120}


def joint(images, transforms, **more):
    return deconvolve_views(images, [PSF] * len(images), transforms, PLAIN, **{"iterations": 40, **CAMERA, **more})


def best(run, truth):
    """The error at the best iteration."""
    errors = []
    run(watch=lambda step: errors.append(fitted_error(step.estimate[step.inside], truth)), **FAST)
    return min(errors)


def test_both_views_are_better_than_one_and_than_their_mean(scene):
    truth, images, transforms = scene
    assert joint(images, transforms, iterations=1).record["brightness"] == pytest.approx(BRIGHT, rel=0.05)
    both = best(lambda **more: joint(images, transforms, **more), truth)
    turned = CubicSampling(np.linalg.inv(transforms[1]), SIZE, SIZE).see(images[1] - LEVEL) / BRIGHT[1] + LEVEL
    square = gaussian((LONG, SHORT), (41, 41))
    others = (images[0], square), (np.maximum(images[0] + turned, 0) / 2, (square + square.T) / 2)
    alone, fused = (
        best(lambda one=one, **more: deconvolve(*one, PLAIN, mask=False, **CAMERA, **more), truth) for one in others
    )
    assert both < 0.75 * alone
    assert both < 0.9 * fused


def test_stop_noise_and_defects_are_those_of_each_view(scene):
    truth, images, transforms = scene
    formation = Views((PSF, PSF), transforms, (SIZE, SIZE), SIZE, BRIGHT)
    spoilt = [images[0], images[1].copy()]
    spoilt[1][30, 41] = 5000
    data = formation.joined(spoilt)
    assert noise_of(formation.joined(images), formation, 0.0).gain == pytest.approx(1, rel=0.2)
    (at,) = np.flatnonzero(find_defects(data, formation, gain=1).hot)
    assert at == np.prod(SIZE) + 30 * SIZE[1] + 41
    stopped = joint(spoilt, transforms, brightness=BRIGHT, stop="held-out", **FAST)
    assert "the best for held-out photons" in stopped.reason
    least = best(lambda **more: joint(images, transforms, brightness=BRIGHT, **more), truth)
    assert fitted_error(stopped.image, truth) < 1.04 * least


def test_a_preview_is_as_in_the_whole(scene):
    _, images, transforms = scene
    formation = Views((PSF, PSF), transforms, (SIZE, SIZE), SIZE, BRIGHT)
    data, region = formation.joined(images), (slice(5, 30), slice(40, 70))
    job = Deconvolution().assign(algorithm=PLAIN, iterations=8, residual=True, mask=False, **CAMERA)
    whole = finished(job.steps(data, formation)).image[region]
    part = finished(job.steps(data, formation, region=region))
    assert abs(part.image - whole).max() < 0.005 * whole.max()
    assert part.residual.map.size == formation.cut(data, region).size


def test_what_a_view_does_not_show_it_does_not_change(scene):
    truth, images, transforms = scene
    half = [images[0], images[1][:, :30].copy()]
    image = joint(half, transforms, brightness=BRIGHT).image
    alone = deconvolve(images[0], PSF, PLAIN, iterations=40, **CAMERA).image
    # The second view shows rows above 41 only: far from them the result is that of the first alone.
    seen, unseen = slice(48, None), slice(0, 24)
    assert abs(image[unseen] - alone[unseen]).max() < 0.15 * alone.max()
    assert fitted_error(image[seen], truth[seen]) < 0.85 * fitted_error(alone[seen], truth[seen])
    gap = images[1].copy()
    gap[:, 30:] = np.nan
    np.testing.assert_allclose(
        joint([images[0], gap], transforms, brightness=BRIGHT).image, image, atol=0.02 * image.max()
    )


def test_memory_is_predicted():
    shape, psf = (64, 72, 80), gaussian((3, 1, 1), (15, 7, 7))
    quarter = affine([[0, 0, 1.0], [0, 1, 0], [-1, 0, 0]], (0, 0, 79.0))
    formation = Views((psf, psf), (np.eye(4), quarter), (shape, (80, 72, 64)), shape)
    data = formation.joined([np.full(one, 50) for one in formation.shapes])
    job = Deconvolution().assign(algorithm=PLAIN, iterations=2, mask=False, **CAMERA)
    tracemalloc.start()
    finished(job.steps(data, formation))
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken <= memory(job, data.shape, formation) <= 1.35 * taken + (8 << 20)


SHIFT = affine(np.eye(2), (500, 0))


@pytest.mark.parametrize(
    ("transforms", "more", "why"),
    [
        ([np.eye(3)], {}, "transforms: there are 1 for 2 views"),
        ([np.eye(3), np.eye(4)], {}, "view 1: its transform has to be 3 x 3 finite numbers"),
        ([np.eye(3), np.diag([1, -1, 1])], {}, "view 1: its transform mirrors"),
        ([np.eye(3), np.diag([1, 0, 1])], {}, "view 1: its transform is singular"),
        ([np.eye(3), SHIFT], {}, "view 1: it does not meet the result"),
        ([np.eye(3), np.eye(3)], {"brightness": (1, 0)}, "brightness = .* positive numbers are needed"),
        ([np.eye(3), affine(np.eye(2), (40, 0))], {"shape": (90, 30)}, r"images\[1\]: it does not overlap"),
        ([np.eye(3), np.eye(3)], {"algorithm": "wiener"}, "wiener: it works frequency by frequency"),
    ],
)
def test_it_is_refused(transforms, more, why):
    image, psf = np.random.default_rng(0).poisson(50, (30, 30)), gaussian((1, 1), (9, 9))
    with pytest.raises(ValueError, match=why):
        deconvolve_views([image, image], [psf, psf], transforms, **more)
    with pytest.raises(ValueError, match="psfs: there are 1 for 2 views"):
        deconvolve_views([image, image], [psf], [np.eye(3)] * 2)
    with pytest.raises(ValueError, match="view 0: the result has 2 dimensions, the image 2 and its PSF 3"):
        deconvolve_views([image, image], [StationaryPsf(psf).psf[None]] * 2, [np.eye(3)] * 2)
