"""The proximal step by its dual, where the step itself is known in closed form."""

import numpy as np
import pytest

from napari_deconvolution.algorithms.penalties.dual_prox import dual_prox


def clipped(p):
    np.clip(p, -1, 1, out=p)


def soft(x, weight, positive=False, kept=None, turns=5, bound=1.0):
    """Of Σ|u|: L is the identity."""
    given = np.array(x, np.float32)
    dual = dual_prox(given, weight, np.copy, np.copy, clipped, bound=bound, positive=positive, kept=kept, turns=turns)
    return given, dual


def test_of_a_sum_of_magnitudes_it_is_soft_thresholding():
    x = np.array([-3.0, -0.5, 0.0, 0.4, 2.0], np.float32)
    assert soft(x, 1.0, turns=60)[0] == pytest.approx([-2, 0, 0, 0, 1], abs=1e-4)
    assert soft(x, 1.0, positive=True, turns=60)[0] == pytest.approx([0, 0, 0, 0, 1], abs=1e-4)


def test_of_the_difference_of_two_they_move_together_until_they_meet():
    def analyse(u):
        return np.diff(u)

    def adjoint(p):
        return np.array([-p[0], p[0]], np.float32)

    for weight, end in ((1.0, [1, 6]), (5.0, [3.5, 3.5])):
        x = np.array([0.0, 7.0], np.float32)
        dual_prox(x, weight, analyse, adjoint, clipped, bound=2.0, positive=False, kept=None, turns=60)
        assert x == pytest.approx(end, abs=1e-4)


def test_what_is_kept_goes_on_where_it_was():
    """With a bound far above ‖L‖² a few turns do not reach the end."""
    near, kept = soft([3.0], 2.0, bound=16.0, turns=3)
    again, _ = soft([3.0], 2.0, bound=16.0, turns=3, kept=kept)
    assert 1 < again[0] < near[0] < 3


def test_without_weight_only_the_sign_counts():
    assert soft([-1.0, 2.0], 0.0)[0].tolist() == [-1, 2]
    x, kept = soft([-1.0, 2.0], 0.0, positive=True, kept="as before")
    assert x.tolist() == [0, 2]
    assert kept == "as before"
