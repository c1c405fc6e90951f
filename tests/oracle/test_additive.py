"""Additive methods against the solutions they are to reach, written with dense matrices, and against known defects."""

import numpy as np
import pytest
import scipy.optimize

from napari_deconvolution import ALGORITHMS, deconvolve
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.periodic import Spectral
from napari_deconvolution.algorithms.methods.acceleration import Momentum
from napari_deconvolution.algorithms.methods.least_squares import safe_step

SHAPE = (7, 8)
FAST = Momentum(slowness=3.0, delay=0)

# The PSFs are of random numbers: odd ones, to find errors with, that a user would be warned of.
pytestmark = pytest.mark.filterwarnings("ignore:the PSF has a pedestal", "ignore:the PSF is off-centre")


def run(image, psf, name, iterations, **settings):
    return deconvolve(
        image,
        psf,
        name,
        iterations=iterations,
        **{"stop": "none", "gain": 1, "background": 0, "mask": False, **settings},
    )


def lopsided(shape, seed=0):
    """A PSF without symmetry, weakest far from its peak."""
    rng = np.random.default_rng(seed)
    axes = np.indices(shape)
    away = sum((axis - m // 2) ** 2 for axis, m in zip(axes, shape, strict=True))
    psf = np.exp(-away / 2.0) * (0.5 + rng.random(shape))
    return (psf / psf.sum()).astype(np.float32)


def dense(H):
    columns = []
    for k in range(int(np.prod(H.shape))):
        point = np.zeros(int(np.prod(H.shape)), np.float32)
        point[k] = 1
        columns.append(H.forward(point.reshape(H.shape)).ravel())
    return np.array(columns, float).T


def laplacian(shape, spacing):
    """The same stencil as in the library, as a matrix: differences over the spacing, nothing flows out."""
    n = int(np.prod(shape))
    index = np.arange(n).reshape(shape)
    matrix = np.zeros((n, n))
    for axis, step in enumerate(spacing):
        a, b = np.take(index, range(shape[axis] - 1), axis).ravel(), np.take(index, range(1, shape[axis]), axis).ravel()
        for i, j in ((a, b), (b, a)):
            matrix[i, j] += 1 / step**2
            matrix[i, i] -= 1 / step**2
    return matrix


@pytest.fixture
def problem():
    """Data from a dark specimen with few bright points, so that bounds matter."""
    rng = np.random.default_rng(1)
    psf = lopsided((3, 5))
    H = Blur(psf, SHAPE, "zero")
    truth = np.zeros(SHAPE, np.float32)
    truth[tuple(rng.integers(0, n, 6) for n in SHAPE)] = rng.integers(20, 90, 6)
    return rng.normal(H.forward(truth) + 2, 1.5).astype(np.float32), psf, dense(H)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("boundary", ["open", "zero", "mirror", "periodic"])
def test_the_safe_step_is_safe_and_not_much_too_short(signed, boundary):
    psf = lopsided((4, 5))
    if signed:
        psf[0], psf[-1] = -0.6 * psf[0], -psf[-1]
    H = Blur(psf / psf.sum(), SHAPE, boundary)
    norm = np.linalg.norm(dense(H), 2) ** 2
    assert norm <= 1.0001 / safe_step(H) <= 3 * norm


def test_landweber_reaches_least_squares_within_bounds(problem):
    image, psf, A = problem
    for bounds in ({}, {"low": 0.0}, {"low": 0.0, "high": 60.0}, {"low": 5.0}):
        limits = (bounds.get("low", -np.inf), bounds.get("high", np.inf))
        want = scipy.optimize.lsq_linear(A, image.ravel() - 2.0, limits, tol=1e-12).x
        settings = {"acceleration": FAST, **bounds}
        got = run(image, psf, "landweber", 3000, background=2, boundary="zero", **settings).image.ravel()
        best, ours = (np.linalg.norm(A @ x + 2 - image.ravel()) for x in (want, got))
        # Without bounds the data are met exactly, in directions that are reached ever more slowly.
        assert ours <= best * (1 + 1e-3) + (0 if bounds else 0.01 * np.linalg.norm(image))
        assert got.min() >= limits[0]
        assert got.max() <= limits[1]


def test_the_projection_is_in_the_loop(problem):
    """Clipping the end of an unconstrained run, as a known program does, is another and a worse estimate."""
    image, psf, A = problem
    inside = run(image, psf, "non-negative-least-squares", 300, background=2, boundary="zero").image
    clipped = np.maximum(run(image, psf, "landweber", 300, background=2, boundary="zero").image, 0)
    misfit = [np.linalg.norm(A @ x.ravel() + 2 - image.ravel()) for x in (inside, clipped)]
    assert misfit[0] < 0.8 * misfit[1]


def test_bounded_least_squares_stays_within_the_data(problem):
    image, psf, _ = problem
    result = run(image, psf, "bounded-least-squares", 50, background=2, boundary="zero").image
    assert result.min() >= 0
    assert result.max() == pytest.approx(image.max() - 2)


@pytest.mark.parametrize("relaxation", [0.5, 1.0, 1.9])
def test_landweber_falls_at_every_step_below_two(problem, relaxation):
    image, psf, _ = problem
    history = run(image, psf, "landweber", 40, relaxation=relaxation, boundary="open").history
    squares = [update.squares for update in history]
    assert max(np.diff(squares)) <= 1e-6 * squares[0]


@pytest.mark.parametrize(
    ("name", "settings", "sentence"),
    [
        ("landweber", {"relaxation": 2.0}, r"relaxation = 2.0: must be 0.01 to 1.99"),
        (
            "landweber",
            {"low": 500.0},
            r"low = 500: the data reach only .* above the background; choose a bound below that",
        ),
        ("landweber", {"high": -50.0}, r"high = -50: it must lie above -\d.*, the lowest that data and bounds allow"),
        ("landweber", {"low": 4.0, "high": 3.0}, r"high = 3: it must lie above 4, the lowest"),
        (
            "jansson-van-cittert",
            {"high": 5.0},
            r"high = 5: the data reach .* above the background; choose a bound above that",
        ),
        ("tikhonov-miller", {"weight": -1.0}, r"weight = -1.0: must be 0 to 1e\+06"),
    ],
)
def test_bounds_and_weights_without_sense_are_refused_with_those_that_have_it(problem, name, settings, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        run(problem[0], problem[1], name, 3, **settings)
    assert "\n" not in str(error.value)


def test_tikhonov_miller_reaches_its_minimum(problem):
    image, psf, A = problem
    L = laplacian(SHAPE, (1.0, 1.0))
    want = np.linalg.solve(A.T @ A + 0.01 * L.T @ L, A.T @ (image.ravel() - 2))
    settings = {"weight": 0.01, "acceleration": FAST}
    got = run(image, psf, "tikhonov-miller", 2000, background=2, boundary="zero", **settings).image.ravel()
    np.testing.assert_allclose(got, want, atol=0.01 * abs(want).max())


def test_ictm_reaches_the_constrained_minimum(problem):
    """The minimum of least squares plus roughness over what is not negative: by an active set method on the stacked
    system.
    """
    image, psf, A = problem
    L = laplacian(SHAPE, (1.0, 1.0))
    want, _ = scipy.optimize.nnls(np.vstack([A, 0.1 * L]), np.concatenate([image.ravel() - 2.0, np.zeros(len(L))]))
    got = run(
        image, psf, "iterative-constrained-tikhonov-miller", 60, weight=0.01, background=2, boundary="zero"
    ).image.ravel()
    np.testing.assert_allclose(got, want, atol=2e-3 * want.max())
    slow = run(image, psf, "tikhonov-miller", 60, weight=0.01, background=2, boundary="zero").image.ravel()
    assert np.linalg.norm(np.maximum(slow, 0) - want) > 3 * np.linalg.norm(got - want)


def test_ictm_in_volumes_knows_the_distance_of_planes():
    rng = np.random.default_rng(3)
    psf, spacing = lopsided((3, 3, 3)), (0.6, 0.2, 0.2)
    H = Blur(psf, (4, 5, 4), "zero")
    image = rng.normal(H.forward((rng.random(H.shape) > 0.8).astype(np.float32) * 60), 2).astype(np.float32)
    L = laplacian(H.shape, (3.0, 1.0, 1.0))
    want, _ = scipy.optimize.nnls(np.vstack([dense(H), 0.2 * L]), np.concatenate([image.ravel(), np.zeros(len(L))]))
    got = run(
        image, psf, "iterative-constrained-tikhonov-miller", 80, weight=0.04, boundary="zero", spacing=spacing
    ).image.ravel()
    np.testing.assert_allclose(got, want, atol=3e-3 * want.max())


def test_gold_is_its_formula_and_never_diverges(problem):
    image, psf, _ = problem
    image = np.maximum(image, 0)
    H = Blur(psf, SHAPE, threads=1)
    estimates = []
    run(image, psf, "gold", 30, background=2, watch=lambda step: estimates.append(step.estimate.copy()))
    want = estimates[0] * H.adjoint(image) / H.adjoint(H.forward(estimates[0]) + 2)
    np.testing.assert_allclose(estimates[1], want, rtol=1e-4, atol=1e-5 * want.max())
    squares = [ALGORITHMS["gold"].objective(x, image, _with(H, 2.0)) for x in estimates]
    assert max(np.diff(squares)) <= 0


def _with(H, background):
    H.background = background
    return H


def test_van_cittert_is_its_formula():
    image, psf = np.random.default_rng(5).random((10, 12)).astype(np.float32) + 1, lopsided((3, 3))
    H = Spectral(psf, image.shape, "periodic")
    estimates = []
    settings = {"background": 0.5, "boundary": "periodic", "watch": lambda step: estimates.append(step.estimate.copy())}
    run(image, psf, "van-cittert", 2, relaxation=0.7, **settings)
    np.testing.assert_allclose(estimates[1], estimates[0] + 0.7 * (image - 0.5 - H.forward(estimates[0])), atol=1e-5)
    estimates.clear()
    run(image, psf, "jansson-van-cittert", 2, high=3.0, **settings)
    relaxed = 1 - abs(2 * estimates[1] - 3) / 3
    want = np.clip(estimates[1] + relaxed * (image - 0.5 - H.forward(estimates[1])), 0, 3)
    np.testing.assert_allclose(estimates[2], want, atol=1e-5)


class TestIterativeDeconvolve3D:
    """Against Dougherty's loop, written once more with plain FFTs."""

    @staticmethod
    def written_out(y, psf, smooth, gamma, iterations):
        n = y.shape
        kernel = np.zeros(n)
        kernel[: psf.shape[0], : psf.shape[1]] = psf
        A = np.fft.fftn(np.roll(kernel, [-(m // 2) for m in psf.shape], (0, 1)))
        Y = np.fft.fftn(y)
        if gamma:
            filtered = A.conj() / (abs(A) ** 2 + gamma * (abs(A) ** 2).max())
            A, Y = A * filtered, Y * filtered
        total = abs(np.fft.ifftn(A).real).sum()
        f = np.meshgrid(*[np.fft.fftfreq(k) for k in n], indexing="ij")
        G = np.exp(-((smooth * f[0]) ** 2) - (smooth * f[1]) ** 2)
        x = np.full(n, y.mean())
        for _ in range(iterations):
            x = np.maximum(x + np.fft.ifftn(Y - A * np.fft.fftn(x)).real / total, 0)
            x = np.maximum(np.fft.ifftn(G * np.fft.fftn(x)).real, 0)
        return x

    @pytest.mark.parametrize("gamma", [0.0, 0.01])
    def test_it_is_his_loop(self, gamma):
        rng = np.random.default_rng(6)
        y, psf = rng.poisson(30, (16, 18)).astype(np.float32), lopsided((5, 5))
        want = self.written_out(y.astype(float), psf.astype(float), 1.5, gamma, 10)
        settings = {"wiener": gamma, "smooth_xy": 1.5, "terminate": 0.0, "boundary": "periodic"}
        np.testing.assert_allclose(
            run(y, psf, "iterative-deconvolve-3d", 10, **settings).image, want, atol=1e-4 * want.max()
        )

    def test_preconditioning_comes_closer(self):
        rng = np.random.default_rng(7)
        truth = np.zeros((64, 64), np.float32)
        truth[18:40, 20:30], truth[45:50, 5:60] = 100, 50
        psf = np.outer(*[np.exp(-((np.arange(11) - 5) ** 2) / 6)] * 2).astype(np.float32)
        psf /= psf.sum()
        y = rng.poisson(Blur(psf, truth.shape, "periodic").forward(truth) + 1).astype(np.float32)
        settings = {"background": 1, "boundary": "periodic", "terminate": 0.0}
        plain, wpl = (
            run(y, psf, ALGORITHMS[name], 20, **settings).image for name in ("iterative-deconvolve-3d", "wpl")
        )
        assert np.linalg.norm(wpl - truth) < 0.9 * np.linalg.norm(plain - truth)

    def test_it_ends_by_the_change_and_zero_means_never(self):
        y, psf = np.random.default_rng(8).poisson(50, (16, 16)), lopsided((3, 3))
        early, late, never = (
            run(y, psf, "iterative-deconvolve-3d", 400, terminate=share).iterations for share in (1.0, 0.1, 0.0)
        )
        assert early < late < never == 400

    def test_anti_ringing_evens_the_edges(self):
        """A ramp whose ends do not meet: with the fade there is less ringing along the edges."""
        y = np.tile(np.linspace(10, 200, 24), (24, 1)).astype(np.float32)
        psf = np.outer(*[np.exp(-((np.arange(9) - 4) ** 2) / 6)] * 2).astype(np.float32)
        off, on = (
            run(
                y, psf, "iterative-deconvolve-3d", 60, anti_ringing=how, terminate=0.0, smooth_xy=0.3, boundary="zero"
            ).image
            for how in (False, True)
        )
        assert np.abs(on - y).mean() < np.abs(off - y).mean()
