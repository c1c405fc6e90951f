"""Gradients against differences of the value."""

import numpy as np
import pytest

from napari_deconvolution import PENALTIES
from napari_deconvolution.algorithms.penalties import TotalVariation

SPACINGS = {2: (1.0, 1.0), 3: (2.5, 1.0, 1.0)}


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("shape", [(8, 9), (5, 6, 7), (1, 6, 7)])
def test_gradient_is_the_slope_of_the_value(name, shape):
    rng = np.random.default_rng(1)
    # Powers of two and a coarse step, so that float32 differences are exact enough; the kink at 0 is far away.
    x = (np.round(64 * rng.random(shape)) / 8 + 1).astype(np.float32)
    penalty, spacing = PENALTIES[name], SPACINGS[len(shape)]
    gradient = penalty.gradient(x, spacing)
    assert gradient.shape == shape
    step = 2.0**-6
    for at in [tuple(rng.integers(0, n) for n in shape) for _ in range(8)] + [(0,) * len(shape), tuple(n - 1 for n in shape)]:
        up, down = x.copy(), x.copy()
        up[at] += step
        down[at] -= step
        slope = (penalty.value(up, spacing) - penalty.value(down, spacing)) / (2 * step)
        assert gradient[at] == pytest.approx(slope, rel=2e-2, abs=2e-3 * max(getattr(penalty, "weight", 0), 1e-3))


def test_total_variation_of_a_step():
    step = np.zeros((6, 7, 8), np.float32)
    step[:, :, 4:] = 3
    assert TotalVariation(weight=0.1).value(step, (1.0, 1.0, 1.0)) == pytest.approx(0.1 * 3 * 6 * 7, rel=1e-2)


def test_total_variation_across_planes_counts_by_their_distance():
    step = np.zeros((6, 7, 8), np.float32)
    step[3:] = 3
    assert TotalVariation(weight=0.1).value(step, (3.0, 1.0, 1.0)) == pytest.approx(0.1 * 1 * 7 * 8, rel=1e-2)


def test_total_variation_smooths_noise():
    """The sign: a step against the gradient lowers the variation."""
    x = np.random.default_rng(2).random((8, 8, 8), np.float32) + 1
    penalty, spacing = TotalVariation(weight=0.1), SPACINGS[3]
    assert penalty.value(x - 0.1 * penalty.gradient(x, spacing), spacing) < penalty.value(x, spacing)


def test_too_strong_total_variation_is_refused():
    with pytest.raises(ValueError, match=r"weight = 0.3: must be 0 to 0.2"):
        TotalVariation(weight=0.3)
