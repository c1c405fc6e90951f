"""Wavelet transforms: tight frames of any size, with the filters they claim to have."""

from itertools import product

import numpy as np
import pytest

from napari_deconvolution.algorithms.penalties.wavelet_transform import approximation, decompose, recompose

SHAPES = [(16, 20), (17, 19), (7, 11, 13), (1, 9, 8), (8, 8, 8)]
KINDS = list(product(("haar", "b-spline"), (True, False)))
kinds = pytest.mark.parametrize(("wavelet", "decimated"), KINDS)


@kinds
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("levels", [1, 2, 3])
def test_the_transpose_undoes_it_and_lengths_are_kept(wavelet, decimated, shape, levels):
    rng = np.random.default_rng(0)
    x = rng.random(shape, np.float32)
    before = x.copy()
    c = decompose(x, wavelet, levels, decimated)
    other = rng.random(c.shape, np.float32)
    assert (x == before).all()
    assert c.dtype == np.float32
    np.testing.assert_allclose(recompose(c, wavelet, levels, decimated), x, atol=2e-6)
    assert float(np.vdot(c, c)) == pytest.approx(float(np.vdot(x, x)), rel=1e-5)
    assert float(np.vdot(c, other)) == pytest.approx(
        float(np.vdot(x, recompose(other, wavelet, levels, decimated))), rel=1e-5
    )


@kinds
def test_an_even_image_has_no_details(wavelet, decimated):
    c = decompose(np.full((16, 24), 7, np.float32), wavelet, 3, decimated)
    c[approximation((16, 24), 3, decimated)] = 0
    assert np.abs(c).max() < 1e-5


def test_spline_wavelets_do_not_see_cubic_shading():
    """Four vanishing moments: of a cubic, away from where the ends meet, the finest details are nothing; Haar sees
    it.
    """
    x = ((np.arange(64) / 32) ** 3)[None].repeat(2, 0).astype(np.float32)
    spline, haar = (np.abs(decompose(x, name, 1, True)[:, 32 + 12 : 64 - 12]).max() for name in ("b-spline", "haar"))
    assert haar > 0.02
    assert spline < 1e-3


def test_undecimated_haar_is_the_mean_of_neighbours():
    x = np.random.default_rng(1).random((6, 8), np.float32)
    want = sum(np.roll(x, (-i, -j), (0, 1)) for i, j in product((0, 1), repeat=2)) / 4
    np.testing.assert_allclose(decompose(x, "haar", 1, False)[-1], want, atol=1e-6)


@pytest.mark.parametrize("wavelet", ["haar", "b-spline"])
def test_undecimated_details_shift_with_the_image(wavelet):
    x = np.random.default_rng(2).random((12, 16), np.float32)
    there = decompose(np.roll(x, (3, -5), (0, 1)), wavelet, 2, False)
    np.testing.assert_allclose(there, np.roll(decompose(x, wavelet, 2, False), (3, -5), (1, 2)), atol=1e-6)


def test_haar_by_pairs_is_haar_by_its_filter():
    """Two ways through the same transform: every second undecimated coefficient, but for the scale."""
    x = np.random.default_rng(3).random((8, 8), np.float32)
    pairs, all_ = decompose(x, "haar", 1, True), decompose(x, "haar", 1, False)
    np.testing.assert_allclose(np.abs(pairs[:4, 4:]), np.abs(2 * all_[1, ::2, ::2]), atol=1e-6)
    np.testing.assert_allclose(np.abs(pairs[4:, 4:]), np.abs(2 * all_[2, ::2, ::2]), atol=1e-6)
