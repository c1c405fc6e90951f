"""Direct filters against dense linear algebra and known defects."""

import numpy as np
import pytest
import scipy.optimize

from napari_deconvolution import ALGORITHMS, deconvolve
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.periodic import Spectral
from napari_deconvolution.algorithms.methods.direct_weight import by_cross_validation, by_discrepancy, sort

pytestmark = pytest.mark.filterwarnings("ignore:the PSF has a pedestal", "ignore:the PSF is off-centre")


def run(image, psf, name, **settings):
    return deconvolve(image, psf, name, **{"gain": 1, "background": 0, "mask": False, **settings}).image


def gaussian(shape, sigma, tilt=0.0):
    axes = np.indices(shape)
    away = sum((axis - m // 2) ** 2 for axis, m in zip(axes, shape, strict=True))
    psf = np.exp(-away / (2 * sigma**2)) * (1 + tilt * np.tanh(axes[-1] - shape[-1] // 2))
    return (psf / psf.sum()).astype(np.float32)


def dense(H):
    n = int(np.prod(H.shape))
    return np.array([H.forward(row.reshape(H.shape)).ravel() for row in np.eye(n, dtype=np.float32)], float).T


def wrapped_laplacian(shape, spacing):
    n = int(np.prod(shape))
    eye = np.eye(n).reshape(n, *shape)
    steps = [(np.roll(eye, 1, k + 1) + np.roll(eye, -1, k + 1) - 2 * eye) / s**2 for k, s in enumerate(spacing)]
    return sum(steps).reshape(n, n)


@pytest.fixture
def observed():
    truth = np.zeros((16, 18), np.float32)
    truth[4:9, 5:12], truth[12, 3] = 100, 600
    psf = gaussian((7, 7), 1.3, 0.5)
    H = Blur(psf, truth.shape, "periodic")
    return (H.forward(truth) + np.random.default_rng(0).normal(0, 4, truth.shape)).astype(np.float32), psf, H, truth


@pytest.mark.parametrize(
    ("name", "spacing"),
    [("tikhonov", (1.0, 1.0)), ("regularized-inverse", (1.0, 1.0)), ("regularized-inverse", (0.3, 0.1))],
)
def test_filters_are_the_solutions_of_their_equations(observed, name, spacing):
    """|OTF|², not OTF²: with an asymmetric PSF the two differ, and a known program has the wrong one."""
    image, psf, H, _ = observed
    A, relative = dense(H), tuple(s / spacing[-1] for s in spacing)
    L = np.eye(image.size) if name == "tikhonov" else wrapped_laplacian(image.shape, relative)
    want = np.linalg.solve(A.T @ A + 0.02 * L.T @ L, A.T @ (image.ravel() - 3.0)).reshape(image.shape)
    got = run(image, psf, name, weight=0.02, background=3, boundary="periodic", spacing=spacing)
    np.testing.assert_allclose(got, want, atol=1e-3 * want.max())
    otf = Spectral(psf, image.shape, "periodic").otf
    squared = np.fft.irfft2(np.fft.rfft2(image - 3) * otf / (otf**2 + 0.02), image.shape)
    if name == "tikhonov":
        assert np.abs(squared - want).max() > 0.2 * want.max()


def test_the_naive_inverse_inverts_and_drowns_in_noise(observed):
    image, psf, H, truth = observed
    clean = H.forward(truth)
    np.testing.assert_allclose(run(clean, psf, "naive-inverse", boundary="periodic", floor=1e-12), truth, atol=2)
    assert np.linalg.norm(run(image, psf, "naive-inverse", boundary="periodic") - truth) > 5 * np.linalg.norm(
        image - truth
    )


def cross_validated(A, L, b):
    """The weight of least ‖b − A x‖² / trace(I − A (AᵀA + w LᵀL)⁻¹ Aᵀ)², by dense solves."""

    def G(log_weight):
        influence = A @ np.linalg.solve(A.T @ A + np.exp(log_weight) * L.T @ L, A.T)
        return np.sum((b - influence @ b) ** 2) / np.trace(np.eye(len(b)) - influence) ** 2

    grid = np.linspace(np.log(1e-6), np.log(10), 40)
    best = grid[np.argmin([G(g) for g in grid])]
    return np.exp(
        scipy.optimize.minimize_scalar(G, bounds=(best - 0.5, best + 0.5), method="bounded", options={"xatol": 1e-4}).x
    )


@pytest.mark.parametrize("name", ["tikhonov", "regularized-inverse"])
def test_cross_validation_on_a_periodic_image_is_that_of_dense_matrices(observed, name):
    image, psf, H, _ = observed
    L = np.eye(image.size) if name == "tikhonov" else wrapped_laplacian(image.shape, (1, 1))
    want = cross_validated(dense(H), L, image.ravel().astype(float))
    got = ALGORITHMS[name].chosen(image, Spectral(psf, image.shape, "periodic"))
    assert got == pytest.approx(want, rel=0.02)


def test_cross_validation_with_mirrored_edges_is_that_of_the_image_not_of_its_extension():
    """With a symmetric PSF the cosines are exact: the weight is that of dense matrices with mirrored edges, of the
    image's own samples.
    """
    psf = gaussian((7, 5), 1.1)
    H = Blur(psf, (12, 14), "mirror")
    truth = np.zeros((12, 14), np.float32)
    truth[2:7, 4:9] = 100
    image = (H.forward(truth) + np.random.default_rng(1).normal(0, 4, truth.shape)).astype(np.float32)
    want = cross_validated(dense(H), np.eye(image.size), image.ravel().astype(float))
    S = Spectral(psf, image.shape, "mirror")
    assert S.shape > image.shape
    assert ALGORITHMS["tikhonov"].chosen(S.place(image), S) == pytest.approx(want, rel=0.02)


@pytest.mark.parametrize("boundary", ["periodic", "mirror"])
@pytest.mark.parametrize("name", ["tikhonov", "regularized-inverse"])
def test_the_discrepancy_weight_leaves_a_misfit_as_large_as_the_noise(observed, name, boundary):
    image, psf, _, _ = observed
    H = Spectral(psf, image.shape, boundary)
    algorithm = ALGORITHMS[name].replace(selection="discrepancy", noise=4.0)
    result = run(image, psf, algorithm, boundary=boundary)
    misfit = (
        (Blur(psf, image.shape, boundary).forward(result) - image)[2:-2, 2:-2]
        if boundary == "mirror"
        else H.forward(result) - image
    )
    assert np.sqrt(np.mean(misfit**2)) == pytest.approx(4, rel=0.02 if boundary == "periodic" else 0.25)
    told = by_discrepancy(sort(H.place(image), H, algorithm.roughness), None)
    assert 0.2 < told / algorithm.chosen(H.place(image), H) < 5


@pytest.mark.parametrize("name", ["tikhonov", "regularized-inverse"])
@pytest.mark.parametrize("noise", [1.0, 5.0, 20.0])
def test_the_weight_chosen_is_near_the_best(name, noise):
    truth = np.zeros((48, 48), np.float32)
    truth[10:24, 12:20], truth[30:34, 6:42], truth[6, 36] = 200, 300, 1500
    psf = gaussian((13, 13), 1.8)
    image = (
        Blur(psf, truth.shape, "mirror").forward(truth) + np.random.default_rng(2).normal(0, noise, truth.shape)
    ).astype(np.float32)
    errors = [np.linalg.norm(run(image, psf, name, weight=w) - truth) for w in np.geomspace(1e-6, 1, 25)]
    for selection in ("gcv", "discrepancy"):
        assert np.linalg.norm(run(image, psf, name, selection=selection) - truth) < 1.12 * min(errors)


def test_sorting_loses_nothing():
    psf, image = gaussian((5, 5), 1.0), np.random.default_rng(3).random((20, 22), np.float32)
    S = Spectral(psf, image.shape, "mirror")
    coefficients = sort(S.place(image), S, ALGORITHMS["tikhonov"].roughness)
    assert coefficients.number.sum() == image.size
    assert coefficients.energy.sum() == pytest.approx(float((image**2).sum()), rel=1e-4)
    assert by_cross_validation(coefficients) > 0


@pytest.mark.parametrize("name", ["wiener", "regularized-inverse"])
def test_a_single_voxel_needs_no_weight(name):
    assert 0 < run(np.full((1, 1), 5.0), np.ones((1, 1)), name).item() <= 5.001


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"weight": -1.0}, "weight = -1.0: must be 0 to 1e"), ({"selection": "l-curve"}, "choose one of gcv")],
)
def test_bad_settings_are_refused(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        run(np.ones((8, 8)), np.ones((1, 1)), "tikhonov", **settings)


def test_a_given_falloff_is_used(observed):
    """A specimen of points has an even spectrum: told so, the Wiener filter comes closer than with the spectrum of a
    smooth scene.
    """
    rng, psf = np.random.default_rng(4), gaussian((9, 9), 1.2)
    truth = np.zeros((48, 48), np.float32)
    truth[tuple(rng.integers(0, 48, (2, 60)))] = 500
    image = (Blur(psf, truth.shape, "periodic").forward(truth) + rng.normal(0, 3, truth.shape)).astype(np.float32)
    even, smooth = (
        np.linalg.norm(run(image, psf, "wiener", falloff=f, boundary="periodic") - truth) for f in (0.0, 4.0)
    )
    assert even < 0.95 * smooth
