"""The forward model against direct convolution in float64, and its adjoint against its definition."""

import numpy as np
import pytest
import scipy.signal

from napari_deconvolution.algorithms.forward.base import Forward
from napari_deconvolution.algorithms.forward.blur import Blur, is_symmetric
from napari_deconvolution.algorithms.forward.padding import BOUNDARIES
from napari_deconvolution.algorithms.forward.periodic import Spectral
from napari_deconvolution.arrays import DuccFFT, ScipyFFT, ducc

CASES = [
    ((16, 20), (5, 7)),
    ((17, 19), (4, 6)),
    ((13, 7), (31, 12)),
    ((8, 16, 12), (3, 5, 7)),
    ((7, 11, 13), (4, 6, 3)),
    ((5, 7, 3), (11, 8, 9)),
    ((1, 17, 19), (1, 4, 5)),
    ((9, 8, 8), (1, 1, 1)),
]
ENGINES = [ScipyFFT(), pytest.param(DuccFFT(), marks=pytest.mark.skipif(ducc is None, reason="ducc0 is not installed"))]


def direct(x, psf, boundary, shape):
    """Σ_k psf[k] x[i − k + m//2], over an extended copy of x in float64."""
    x, psf = x.astype(float), psf.astype(float)
    widths = [(m - 1 - m // 2, m // 2) for m in psf.shape]
    if boundary != "open":
        x = np.pad(x, widths, mode={"zero": "constant", "periodic": "wrap", "mirror": "symmetric"}[boundary])
    full = scipy.signal.convolve(x, psf, mode="full", method="direct")
    return full[tuple(slice(m - 1, m - 1 + n) for m, n in zip(psf.shape, shape, strict=True))]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize(("shape", "size"), CASES, ids=str)
def test_blur(shape, size, boundary, threads, engine, rng):
    psf = rng.random(size, np.float32)
    psf /= psf.sum()
    H = Blur(psf, shape, boundary, threads=threads, engine=engine)
    H.piece, H.block = 2, 3
    x, y = rng.random(H.shape, np.float32), rng.random(shape, np.float32)
    x0, y0 = x.copy(), y.copy()
    Hx, Hty = H.forward(x), H.adjoint(y)
    assert Hx.shape == shape
    assert Hty.shape == H.shape
    assert Hx.dtype == Hty.dtype == np.float32
    assert abs(np.vdot(Hx, y) - np.vdot(x, Hty)) < 2e-6 * np.linalg.norm(Hx) * np.linalg.norm(y)
    np.testing.assert_allclose(Hx, direct(x, psf, boundary, shape), atol=2e-6)
    fused, whole = np.empty(H.shape, np.float32), np.empty(H.shape, np.float32)
    for between in (lambda b, at: y[at] / (b + 1), lambda b, at: np.divide(y[at], b + 1, out=b)):
        H.through(x, between, lambda back, at: np.copyto(fused[at], back * x[at]))
        Forward.through(H, x, between, lambda back, at: np.copyto(whole[at], back * x[at]))
        np.testing.assert_allclose(fused, whole, atol=2e-6)
    assert (x == x0).all()
    assert (y == y0).all()


@pytest.mark.parametrize(("shape", "size"), CASES, ids=str)
def test_spectral_is_periodic_blur(shape, size, rng):
    psf = rng.random(size, np.float32)
    x = rng.random(shape, np.float32)
    S, H = Spectral(psf, shape, "periodic"), Blur(psf, shape, "periodic")
    np.testing.assert_allclose(S.forward(x), H.forward(x), atol=2e-6 * psf.sum())
    np.testing.assert_allclose(S.adjoint(x), H.adjoint(x), atol=2e-6 * psf.sum())


@pytest.mark.parametrize("boundary", ["mirror", "zero"])
@pytest.mark.parametrize(("shape", "size"), CASES, ids=str)
def test_extension_keeps_the_data_and_has_no_step(shape, size, boundary, rng):
    ramp = sum(np.ogrid[tuple(slice(0, n) for n in shape)]).astype(np.float32)
    S = Spectral(np.ones(size, np.float32), shape, boundary)
    y = S.place(ramp)
    assert y.shape == S.shape
    np.testing.assert_array_equal(y[S.inside], ramp)
    for axis, n in enumerate(S.shape):
        gap = n - shape[axis]
        if boundary == "mirror" and gap > 2:
            around = np.concatenate([y, np.take(y, [0], axis)], axis)
            assert abs(np.diff(around, axis=axis)).max() < 1 + shape[axis] * 1.5 / gap


def test_one_plane_is_an_image(rng):
    psf, y = rng.random((5, 6), np.float32), rng.random((17, 19), np.float32)
    flat, plane = Blur(psf, y.shape), Blur(psf[None], (1, *y.shape))
    np.testing.assert_allclose(flat.adjoint(y), plane.adjoint(y[None])[0], atol=1e-5)


def test_threads_do_not_change_a_bit(rng):
    psf, y = rng.random((5, 7, 9), np.float32), rng.random((12, 40, 30), np.float32)
    one, two, three = (Blur(psf, y.shape, threads=threads).adjoint(y) for threads in (1, 2, 3))
    assert (one == two).all()
    assert (one == three).all()


@pytest.mark.skipif(ducc is None, reason="ducc0 is not installed")
def test_engines_agree(rng):
    psf, y = rng.random((9, 31, 31), np.float32), rng.random((20, 64, 50), np.float32)
    a, b = (Blur(psf, y.shape, engine=engine).adjoint(y) for engine in (ScipyFFT(), DuccFFT()))
    assert abs(a - b).max() < 2e-6 * a.max()


def test_an_error_in_a_thread_is_raised(rng):
    H = Blur(np.ones((1, 3, 3), np.float32), (8, 9, 10), threads=2)

    def between(blurred, at):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        H.through(np.ones(H.shape, np.float32), between, lambda back, at: None)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize(
    ("shape", "size"), [((16, 20), (5, 7)), ((8, 15, 12), (3, 5, 7)), ((7, 5, 6), (9, 11, 3))], ids=str
)
def test_a_symmetric_psf_has_a_real_otf(shape, size, boundary, engine, rng):
    psf = rng.random(size, np.float32)
    psf = (psf + np.flip(psf)) / (2 * psf.sum())
    H = Blur(psf, shape, boundary, engine=engine)
    assert H.otf.dtype == np.float32
    x, y = rng.random(H.shape, np.float32), rng.random(shape, np.float32)
    np.testing.assert_allclose(H.forward(x), direct(x, psf, boundary, shape), atol=2e-6)
    assert abs(np.vdot(H.forward(x), y) - np.vdot(x, H.adjoint(y))) < 2e-6 * np.linalg.norm(x) * np.linalg.norm(y)


def test_only_a_mirror_image_is_symmetric():
    odd, even = np.ones((3, 3), np.float32), np.ones((4, 3), np.float32)
    assert is_symmetric(odd)
    assert not is_symmetric(even)
    even[0] = 0
    assert is_symmetric(even)
    odd[0, 0] = 1.001
    assert not is_symmetric(odd)
