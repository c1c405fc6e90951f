"""Proximal methods: closed forms, agreement of different routes to one minimum."""

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, PENALTIES, deconvolve
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.methods.acceleration import Momentum
from napari_deconvolution.algorithms.methods.proximal import level
from napari_deconvolution.algorithms.penalties.wavelet_l1 import WaveletL1
from napari_deconvolution.algorithms.penalties.wavelet_transform import approximation, decompose, recompose


def run(image, psf, algorithm, iterations, **settings):
    return deconvolve(
        image,
        psf,
        algorithm,
        iterations=iterations,
        **{"stop": "none", "gain": 1, "background": 0, "mask": False, **settings},
    )


@pytest.fixture
def scene():
    psf = np.outer(*[np.exp(-((np.arange(11) - 5) ** 2) / 5)] * 2).astype(np.float32)
    H = Blur(psf / psf.sum(), (24, 26), "zero", background=4.0)
    truth = np.zeros(H.shape, np.float32)
    truth[6:14, 8:12], truth[18:20, 4:22] = 80, 120
    return np.random.default_rng(0).poisson(H.forward(truth) + 4).astype(np.float32), psf, H, truth


@pytest.mark.parametrize("wavelet", ["haar", "b-spline"])
@pytest.mark.parametrize("name", ["ista", "fista"])
@pytest.mark.parametrize("shape", [(16, 24), (8, 8, 16)], ids=str)
def test_without_blur_it_is_soft_thresholding(name, wavelet, shape):
    """With H = 1 the first update is the minimum: the details of the image, each moved towards 0 by weight ·
    mean(image).
    """
    image = np.random.default_rng(1).normal(20, 15, shape).astype(np.float32)
    penalty = WaveletL1(weight=0.4, wavelet=wavelet, levels=2)
    result = run(
        image, np.ones((1,) * len(shape)), ALGORITHMS[name].replace(penalty=penalty, non_negative=False), 20
    ).image
    details, by = decompose(image, wavelet, 2, True), 0.4 * level(image)
    coarse = details[approximation(shape, 2, True)].copy()
    details = np.sign(details) * np.maximum(np.abs(details) - by, 0)
    assert 0.2 < np.mean(details == 0) < 0.95
    details[approximation(shape, 2, True)] = coarse
    np.testing.assert_allclose(result, recompose(details, wavelet, 2, True), atol=1e-3)


def test_negative_details_are_shrunk_not_grown():
    """A known program moves values below −τ away from 0: −3 with τ = 2 became −5."""
    image = np.float32([[10, 7], [10, 7]])  # its one detail across is −3
    result = run(
        image,
        np.ones((1, 1)),
        ALGORITHMS["ista"].replace(penalty=WaveletL1(weight=2 / 8.5, levels=1), non_negative=False),
        1,
    )
    np.testing.assert_allclose(result.image, [[9, 8], [9, 8]], atol=1e-4)


def test_momentum_is_fista():
    """The alias against the textbook: z ← prox(x̄ …), x̄ ← z + (k − 1)/(k + 2) (z − z before)."""
    image, psf = (
        np.random.default_rng(2).poisson(30, (12, 14)).astype(np.float32),
        np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]) / 16.0,
    )
    H = Blur(psf.astype(np.float32), image.shape, "periodic")
    penalty, scale = PENALTIES["l1"].replace(weight=0.01), level(image)
    point = z = np.full(image.shape, image.mean(), np.float32)
    for k in range(1, 9):
        before, z = z, np.maximum(point - H.adjoint(H.forward(point) - image) - np.float32(0.01 * scale), 0)
        point = z + np.float32((k) / (k + 3)) * (z - before)
    got = run(image, psf, ALGORITHMS["fista"].replace(penalty=penalty), 8, boundary="periodic").image
    np.testing.assert_allclose(got, z, rtol=2e-4, atol=1e-3)


@pytest.mark.parametrize("penalty", ["total-variation", "l1", "hessian-schatten", "good-roughness", "wavelet-l1"])
def test_two_routes_lead_to_one_minimum(scene, penalty):
    """FISTA and primal-dual on the same misfit and penalty; they share neither steps nor order of operations."""
    image, psf, H, _ = scene
    chosen = PENALTIES[penalty].replace(weight=0.03)
    fista, dual = (
        ALGORITHMS["fista"].replace(penalty=chosen),
        ALGORITHMS["primal-dual"].replace(penalty=chosen, noise="gaussian"),
    )
    iterations = 1500 if penalty == "l1" else 250
    ends = [run(image, psf, method, iterations, boundary="zero", background=4).image for method in (fista, dual)]
    values = [dual.objective(x, image, H) for x in ends]
    assert values[0] == pytest.approx(values[1], rel=3e-3)
    if penalty != "l1":  # which leaves very different images of nearly the same value
        assert np.linalg.norm(ends[0] - ends[1]) < 0.05 * np.linalg.norm(ends[0])


def test_poisson_primal_dual_and_richardson_lucy_meet(scene):
    """Where the penalty is smooth, the one-step-late update and the primal-dual one have the same fixed point."""
    image, psf, _, _ = scene
    penalty = PENALTIES["good-roughness"].replace(weight=0.05)
    dual, lucy = (ALGORITHMS[name].replace(penalty=penalty) for name in ("primal-dual", "richardson-lucy"))
    # With zeros beyond the field Hᵀ1 falls at the edges, and with it the weight of the late penalty: so on a periodic
    # field.
    ends = [run(image, psf, method, 300, boundary="periodic", background=4).image for method in (dual, lucy)]
    P = Blur(psf / psf.sum(), image.shape, "periodic", background=4.0)
    values = [dual.objective(x, image, P) for x in ends]
    assert values[0] == pytest.approx(values[1], rel=1e-4)
    assert np.linalg.norm(ends[0] - ends[1]) < 0.02 * np.linalg.norm(ends[1])


def test_total_variation_wins_on_flat_walls(scene):
    image, psf, _, truth = scene
    errors = {}
    for weight in (0.0, 0.02):
        method = ALGORITHMS["primal-dual"].replace(penalty=PENALTIES["total-variation"].replace(weight=weight))
        errors[weight] = np.linalg.norm(run(image, psf, method, 300, boundary="zero", background=4).image - truth)
    assert errors[0.02] < 0.8 * errors[0.0]


def test_undecimated_wavelets_do_not_feel_the_grid(scene):
    """An image moved by one pixel gives the same estimate, moved; decimated, blocks show where the grid lies."""
    image, psf, _, _ = scene
    moved = np.roll(image, 1, (0, 1))
    apart = []
    for decimated in (False, True):
        method = ALGORITHMS["fista"].replace(penalty=WaveletL1(weight=0.01, levels=2, decimated=decimated))
        ends = [run(y, psf, method, 40, boundary="periodic", background=4).image for y in (image, moved)]
        apart.append(np.linalg.norm(np.roll(ends[0], 1, (0, 1)) - ends[1]) / np.linalg.norm(ends[0]))
    assert apart[0] < 1e-3
    assert apart[1] > 0.05


def test_fista_is_faster_than_ista(scene):
    image, psf, H, _ = scene
    plain = ALGORITHMS["ista"]
    values = [
        plain.objective(run(image, psf, m, 40, boundary="zero", background=4).image, image, H)
        for m in (plain, ALGORITHMS["fista"])
    ]
    assert values[1] < values[0]
    assert ALGORITHMS["fista"] == plain.replace(acceleration=Momentum(slowness=3.0, delay=0))
