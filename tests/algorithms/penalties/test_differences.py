"""Finite differences: exact on what they should be exact on, and each with its adjoint."""

import numpy as np
import pytest

from napari_deconvolution.algorithms.penalties.differences import (
    add_differences_adjoint,
    add_laplacian,
    differences,
)

CASES = [((7, 9), (0.5, 2.0)), ((4, 5, 6), (2.0, 1.0, 0.25)), ((1, 5, 1), (1.0, 1.0, 1.0))]


def random(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def slopes(x, spacing):
    return differences(x, spacing, np.full((x.ndim, *x.shape), np.nan, np.float32))


@pytest.mark.parametrize(("shape", "spacing"), CASES)
def test_a_plane_has_its_slopes_and_none_at_the_end(shape, spacing):
    place = np.indices(shape) * np.reshape(spacing, (-1, *(1,) * len(shape)))
    wanted = np.arange(2.0, 2 + len(shape))
    found = slopes(np.tensordot(wanted, place, 1).astype(np.float32), spacing)
    for axis, slope in enumerate(wanted):
        along = np.moveaxis(found[axis], axis, 0)
        assert along[:-1] == pytest.approx(slope, rel=1e-5)
        assert not along[-1].any()


@pytest.mark.parametrize(("shape", "spacing"), CASES)
def test_adjoint(shape, spacing):
    x, flux = random(*shape), random(len(shape), *shape)
    back = add_differences_adjoint(flux, spacing, np.zeros(shape, np.float32))
    assert np.vdot(back, x) == pytest.approx(np.vdot(flux, slopes(x, spacing)), rel=1e-4, abs=1e-4)
    np.testing.assert_allclose(add_differences_adjoint(flux, spacing, x.copy()), x + back, atol=1e-5)


@pytest.mark.parametrize(("shape", "spacing"), CASES)
def test_the_laplacian_is_the_divergence_of_the_slopes(shape, spacing):
    x, out = random(*shape), random(*shape)
    expected = out - add_differences_adjoint(slopes(x, spacing), spacing, np.zeros_like(x))
    np.testing.assert_allclose(add_laplacian(x, spacing, out.copy()), expected, atol=1e-4)


def test_the_laplacian_of_a_parabola_is_two_and_nothing_flows_over_the_edges():
    z, y, x = np.ogrid[:5, :6, :7]
    bowl = ((2.0 * z) ** 2 + (0.5 * y) ** 2 + x**2).astype(np.float32)
    found = add_laplacian(bowl, (2.0, 0.5, 1.0), np.zeros_like(bowl))
    assert found[1:-1, 1:-1, 1:-1] == pytest.approx(6, rel=1e-5)
    assert found.sum() == pytest.approx(0, abs=1e-2)
