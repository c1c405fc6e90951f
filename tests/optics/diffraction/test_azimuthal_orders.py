"""A pupil as a sum over its azimuthal orders, held against pupils whose diffraction is known without it."""

import numpy as np
import pytest
import scipy.special

from napari_deconvolution.optics.diffraction.azimuthal_orders import Harmonics, bessel_functions
from napari_deconvolution.optics.diffraction.pupil import Pupil

NA = 0.8
LENS = Pupil(0.5, NA, NA, path=lambda s: 0.2 * s**4, travel=lambda s: np.sqrt(1 - s**2))
Z = np.array([-0.4, 0.0, 0.7])
Y, X = np.linspace(-0.9, 0.7, 9), np.linspace(-0.8, 1.1, 11)


def light(orders):
    return Harmonics(LENS, orders).intensity(Z, 1.5, 1e-6)(Y, X)


def of_the_lens(y, x):
    radii = np.hypot(y[:, None], x)
    return abs(LENS.amplitude(radii.ravel(), Z).reshape(*radii.shape, len(Z))) ** 2


def test_the_order_zero_alone_is_the_symmetric_pupil():
    assert light(lambda s: {0: np.ones((1, len(s)), complex)}) == pytest.approx(of_the_lens(Y, X), abs=2e-6)


def test_a_tilt_moves_the_image_and_nothing_else():
    """By Jacobi and Anger, exp(−i k x₀ s cos θ) = Σ (−i)^m J_m(k x₀ s) e^{imθ}."""
    move = 0.2

    def tilted(s):
        v = LENS.wavenumber * move * s
        return {m: (-1j) ** m * scipy.special.jv(m, v)[None].astype(complex) for m in range(-16, 17)}

    assert light(tilted) == pytest.approx(of_the_lens(Y, X - move), abs=2e-6)


def test_components_of_the_light_add_up_without_interference():
    weights = np.array([[1.0], [2j], [-2.0]])
    found = light(lambda s: {0: np.tile(weights, len(s))})
    assert found == pytest.approx(9 * of_the_lens(Y, X), abs=2e-5)


def test_bessel_functions_are_exact_on_either_side_of_their_order():
    v = np.concatenate([[0.0, 1e-9], np.linspace(0.01, 60, 500)])
    for order, found in enumerate(bessel_functions(v, 12)):
        np.testing.assert_allclose(found, scipy.special.jv(order, v), atol=1e-12)
    assert order == 12
