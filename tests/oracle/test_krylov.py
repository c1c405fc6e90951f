"""Krylov methods against dense linear algebra."""

from itertools import islice

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse.linalg

from napari_deconvolution import deconvolve
from napari_deconvolution.algorithms.forward.base import Forward
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.methods.krylov import Hybr, Projected, evened

pytestmark = pytest.mark.filterwarnings("ignore:the PSF has a pedestal", "ignore:the PSF is off-centre")


def run(image, psf, name, iterations, **settings):
    return deconvolve(
        image,
        psf,
        name,
        iterations=iterations,
        **{"stop": "none", "gain": 1, "background": 0, "mask": False, **settings},
    )


def gaussian(shape, sigma, tilt=0.0):
    axes = np.indices(shape)
    away = sum((axis - m // 2) ** 2 for axis, m in zip(axes, shape, strict=True))
    psf = np.exp(-away / (2 * sigma**2)) * (1 + tilt * np.tanh(axes[-1] - shape[-1] // 2))
    return (psf / psf.sum()).astype(np.float32)


def dense(H):
    n = int(np.prod(H.shape))
    return np.array([H.forward(row.reshape(H.shape)).ravel() for row in np.eye(n, dtype=np.float32)], float).T


@pytest.fixture
def problem():
    """64 samples, an asymmetric blur that float32 can follow in all 64 directions, noise."""
    psf = gaussian((5, 5), 0.8, 0.4)
    H = Blur(psf, (8, 8), "zero")
    y, x = np.indices((8, 8))
    truth = 100 * np.exp(-((y - 3) ** 2 + (x - 4) ** 2) / 6).astype(np.float32)
    return (
        (H.forward(truth) + np.random.default_rng(0).normal(0, 10, truth.shape)).astype(np.float32),
        psf,
        dense(H),
        truth,
    )


@pytest.fixture
def blurred():
    """More blur and more samples: an ill-posed problem."""
    psf = gaussian((13, 13), 2.0)
    rng = np.random.default_rng(1)
    truth = np.zeros((40, 40), np.float32)
    truth[10:20, 12:18], truth[25:28, 5:35], truth[5, 30] = 200, 300, 1500
    return (
        (Blur(psf, truth.shape, "zero").forward(truth) + rng.normal(0, 5, truth.shape)).astype(np.float32),
        psf,
        truth,
    )


@pytest.mark.parametrize("iterations", [1, 3, 6])
def test_cgls_is_lsqr(problem, iterations):
    """Another algorithm for the same subspaces: the same estimates, from the start of which both count."""
    image, psf, A, _ = problem
    start = np.full(64, max(image.mean(dtype=float), 0))
    want = start + scipy.sparse.linalg.lsqr(A, image.ravel() - A @ start, iter_lim=iterations, atol=0, btol=0)[0]
    got = run(image, psf, "cgls", iterations, boundary="zero").image.ravel()
    np.testing.assert_allclose(got, want, atol=1e-3 * abs(want).max())


def weighted_cross_validation(A, b, omega):
    """λ and x of least G(λ) = n ‖b − A x_λ‖² / trace(I − ω A A_λ⁺)², by the SVD of A and a fine grid."""
    U, s, V = np.linalg.svd(A)
    c = U.T @ b

    def G(log_weight):
        passed = s**2 / (s**2 + np.exp(2 * log_weight))
        misfit = np.sum(((1 - passed) * c[: len(s)]) ** 2) + np.sum(c[len(s) :] ** 2)
        return len(b) * misfit / (len(b) - omega * passed.sum()) ** 2

    grid = np.linspace(np.log(1e-5 * s[0]), np.log(s[0]), 4000)
    best = grid[np.argmin([G(g) for g in grid])]
    best = scipy.optimize.minimize_scalar(
        G, bounds=(best - 0.01, best + 0.01), method="bounded", options={"xatol": 1e-10}
    ).x
    return np.exp(best), V.T @ (s / (s**2 + np.exp(2 * best)) * c[: len(s)])


class Dense(Forward):
    """Any matrix as a forward model."""

    spacing = (1.0, 1.0)

    def __init__(self, matrix, shape):
        self.matrix, self.shape, self.data_shape = matrix.astype(np.float32), shape, (1, len(matrix))

    def forward(self, x, out=None):
        result = (self.matrix @ x.ravel()).reshape(self.data_shape)
        return result if out is None else np.copyto(out, result) or out

    def adjoint(self, y, out=None):
        result = (self.matrix.T @ y.ravel()).reshape(self.shape)
        return result if out is None else np.copyto(out, result) or out


@pytest.mark.parametrize("omega", [0.6, 0.8, 1.0])
def test_hybr_equals_a_dense_svd_with_weighted_cross_validation(omega):
    """64 samples from 96 data (with no more data than samples, λ = 0 would predict all of them for ω below 1).

    The bidiagonal system has 65 rows: 65 − ω Σ there is in proportion to 96 − ω' Σ for all data, with ω' = ω 96 / 65.
    """
    rng = np.random.default_rng(2)
    U, V = (np.linalg.qr(rng.normal(size=(n, 64)))[0] for n in (96, 64))
    A = U * np.geomspace(1, 0.02, 64) @ V.T
    truth = V @ (30 * np.geomspace(1, 0.05, 64) * rng.normal(size=64))
    b = A @ truth + rng.normal(0, 1.0, 96)
    weight, want = weighted_cross_validation(A, b, omega * 96 / 65)
    assert 0.02 < weight < 0.9  # it regularises, and is not at an end of its range
    x, H = np.zeros((8, 8), np.float32), Dense(A, (8, 8))
    for _ in islice(Hybr(omega=omega, patience=64).iterates(b.astype(np.float32)[None], H, x), 65):
        pass
    assert np.linalg.norm(x.ravel() - want) < 3e-3 * np.linalg.norm(want)


def test_hybr_equals_a_dense_svd_where_data_and_samples_are_as_many(problem):
    image, psf, A, _ = problem
    start = np.full(64, image.mean())
    weight, change = weighted_cross_validation(A, image.ravel() - start @ A.T, 1.0)
    assert weight > 0.02
    x, H = start.reshape(8, 8).astype(np.float32), Blur(psf, (8, 8), "zero", threads=1)
    for _ in islice(Hybr(omega=1.0, patience=64).iterates(image, H, x), 65):
        pass
    assert np.linalg.norm(x.ravel() - start - change) < 5e-3 * np.linalg.norm(change)


def bidiagonalise(image, psf, k):
    """What HyBR projects on after k iterations, in float64 and with all vectors kept orthogonal."""
    A = dense(Blur(psf, image.shape, "zero"))
    start = np.full(image.size, image.mean(dtype=float))
    u = image.ravel() - A @ start
    alphas, betas, V, U = [], [np.linalg.norm(u)], [], [u / np.linalg.norm(u)]
    for _ in range(k):
        v = A.T @ U[-1]
        for _ in range(2):
            v -= sum((v @ w) * w for w in V) if V else 0
        alphas.append(np.linalg.norm(v))
        V.append(v / alphas[-1])
        u = A @ V[-1]
        for _ in range(2):
            u -= sum((u @ w) * w for w in U)
        betas.append(np.linalg.norm(u))
        U.append(u / max(betas[-1], 1e-300))
    return Projected.of(alphas, betas, image.size)


def test_the_weight_learnt_is_one_of_flat_cross_validation(problem):
    """ω as defined: with it, G is level at λ = the smallest singular value."""
    image, psf, _, _ = problem
    for k in (2, 5, 9):
        basis = bidiagonalise(image, psf, k)
        omega, lam = basis.least_omega(), basis.singular[-1]
        low, high = (basis.cross_validation(lam * f, omega) for f in (1 - 1e-4, 1 + 1e-4))
        slope = (high - low) / (2e-4 * basis.cross_validation(lam, omega))
        assert abs(slope) < 1e-4


def test_hybr_stops_by_itself_near_the_best(blurred):
    """Neither the number of iterations nor the weight is given; the error is close to the best that CGLS passes by."""
    image, psf, truth = blurred
    errors = []
    run(
        image, psf, "cgls", 60, boundary="zero", watch=lambda step: errors.append(np.linalg.norm(step.estimate - truth))
    )
    result = run(image, psf, "hybr", 200, boundary="zero")
    assert 3 < result.iterations < 100
    assert np.linalg.norm(result.image - truth) < 1.12 * min(errors)
    assert errors[-1] > 1.3 * min(errors)  # which CGLS, left alone, overshoots


def test_mrnsd_reaches_non_negative_least_squares(problem):
    image, psf, A, _ = problem
    _, best = scipy.optimize.nnls(A, image.ravel().astype(float))
    got = run(image, psf, "mrnsd", 2000, boundary="zero").image
    assert got.min() >= 0
    assert np.linalg.norm(A @ got.ravel() - image.ravel()) < 1.002 * best


def test_mrnsd_takes_negative_data_as_they_are(blurred):
    """No shift: the sum of light is that of the data, though some of them are below 0."""
    image, psf, truth = blurred
    assert image.min() < -5
    got = run(image, psf, "mrnsd", 60, boundary="zero").image
    assert got.sum() == pytest.approx(truth.sum(), rel=0.04)


@pytest.mark.parametrize("name", ["cgls", "mrnsd", "hybr"])
def test_the_background_stays_in_the_model(blurred, name):
    image, psf, _ = blurred
    above = run(image, psf, name, 4, boundary="zero").image
    with_it = run(image + 50, psf, name, 4, boundary="zero", background=50).image
    np.testing.assert_allclose(with_it, above, atol=2e-3 * above.max())


def test_the_preconditioner_inverts_a_periodic_blur():
    """P, applied twice on either side of HᵀH, leaves what is above the tolerance, and scales what is below it by no
    more than that.
    """
    psf = gaussian((9, 7), 1.2, 0.5)
    H = Blur(psf, (20, 24), "periodic")
    P = evened(lambda v: H.adjoint(H.forward(v)), H.shape, 0.05)
    x = np.random.default_rng(3).random(H.shape, np.float32)
    gram = np.fft.rfft2(P(H.adjoint(H.forward(P(x)))))
    otf = np.abs(np.fft.rfft2(H.forward(np.eye(1, 480, dtype=np.float32).reshape(20, 24))))
    strong = otf > 0.051
    share = np.abs(gram / np.fft.rfft2(x))
    np.testing.assert_allclose(share[strong], 1, atol=1e-3)
    assert share[otf < 0.049].max() < 0.05**2 * 1.05
    a, b = np.random.default_rng(4).random((2, 20, 24), np.float32)
    assert np.vdot(P(a), b) == pytest.approx(np.vdot(a, P(b)), rel=1e-4)


@pytest.mark.parametrize("name", ["cgls", "mrnsd", "hybr"])
def test_the_preconditioner_saves_updates(blurred, name):
    image, psf, truth = blurred

    def updates_to(preconditioner):
        errors = []
        settings = {"preconditioner": preconditioner, "boundary": "zero"}
        run(image, psf, name, 80, watch=lambda step: errors.append(np.linalg.norm(step.estimate - truth)), **settings)
        return next(number for number, error in enumerate(errors) if error < 0.66 * np.linalg.norm(truth))

    assert updates_to(0.2) < updates_to(None)
