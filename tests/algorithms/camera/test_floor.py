"""The noise where the OTF passes nothing, of noise that is known, and the line through its blocks."""

import numpy as np
import pytest

from napari_deconvolution.algorithms.camera.floor import (
    BLOCK,
    Blocks,
    Floor,
    beyond,
    joined,
    line,
    tapered_spectrum,
    window_of,
)

SHAPE = (128, 120)


def seen():
    """Frequencies of a wave above a quarter of a cycle per pixel, as an OTF would leave them."""
    radius = np.hypot(np.fft.fftfreq(SHAPE[0])[:, None], np.fft.rfftfreq(SHAPE[1]))
    return radius > 0.25


def blocks(mean, variance, weight=None):
    mean, variance = np.asarray(mean, float), np.asarray(variance, float)
    return Blocks(mean, variance, np.ones_like(mean) if weight is None else weight, 50.0)


def test_the_variance_of_the_blocks_is_that_of_the_noise():
    """Poisson light on a ramp, two electrons in a count, and read noise: variance = mean / 2 + 9."""
    rng, light = np.random.default_rng(0), np.tile(np.linspace(20, 400, SHAPE[1]), (SHAPE[0], 1))
    data = (rng.poisson(2 * light) / 2 + rng.normal(0, 3, SHAPE)).astype(np.float32)
    window = window_of(SHAPE, None)
    found = Floor(tapered_spectrum(data, window), seen(), data, window).blocks
    assert len(found.mean) <= (SHAPE[0] // BLOCK) * (SHAPE[1] // BLOCK)
    assert found.variance.mean() == pytest.approx(found.mean.mean() / 2 + 9, rel=0.05)
    fit = line(found)
    assert fit.slope == pytest.approx(0.5, abs=4 * fit.slope_error)
    assert 0 < fit.slope_error < 0.1


def test_a_line_through_exact_variances_is_that_line():
    mean = np.linspace(10, 500, 40)
    fit = line(blocks(mean, 0.5 * mean + 7, np.linspace(1, 3, 40)))
    assert (fit.slope, fit.floor, fit.slope_error) == pytest.approx((0.5, 7, 0), abs=1e-6)
    assert fit.at(np.array([-100.0, 10.0]), 1.0) == pytest.approx([1, 12], rel=1e-5)


def test_where_blocks_are_equally_bright_the_line_goes_through_the_origin():
    rng = np.random.default_rng(0)
    fit = line(blocks(100 + rng.normal(0, 1, 60), 50 + rng.normal(0, 5, 60)))
    assert fit.floor == 0
    assert fit.slope == pytest.approx(0.5, rel=0.05)
    with pytest.raises(ValueError, match="the image shows no noise"):
        line(blocks([1.0, 2.0], [0.0, 0.0]))


def test_the_window_is_zero_on_what_is_left_out_and_falls_towards_it():
    apart = np.zeros((4, *SHAPE), bool)
    apart[:, :, 60:] = True
    window = window_of(apart.shape, apart)
    assert not window[apart].any()
    middle = window[2, 64]
    assert (np.diff(middle[50:61]) <= 0).all()
    assert middle[40] == window_of(apart.shape, None)[2, 64, 40]


def test_only_frequencies_two_steps_from_what_passes_are_beyond():
    passed = np.zeros((32, 17), np.float32)
    passed[0, 3] = 1
    found = beyond(passed, 0.01)
    near = np.zeros_like(found)
    near[np.ix_([30, 31, 0, 1, 2], [1, 2, 3, 4, 5])] = True
    np.testing.assert_array_equal(found, ~near)


def test_joined_blocks_are_those_of_all_and_no_surer_than_the_least():
    both = joined([blocks([1.0], [2.0]), blocks([3.0, 4.0], [5.0, 6.0])._replace(dof=20.0)])
    assert [values.tolist() for values in both[:3]] == [[1, 3, 4], [2, 5, 6], [1, 1, 1]]
    assert both.dof == 20
