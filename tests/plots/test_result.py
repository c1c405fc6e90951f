"""The curves of a result show the numbers they are given, in the colours they are given."""

import sys

import numpy as np
import pytest

from napari_deconvolution.plots.result import (
    AGREEMENT,
    agreement,
    along,
    brightest_row,
    convergence,
    profiles,
    unexplained,
)

pytest.importorskip("matplotlib")


def rows(count, **known):
    names = ("seconds", "misfit", "divergence", "squares", "change", "gradient")
    return [[known[name][k] if name in known else None for name in names] for k in range(count)]


def ydata(panel):
    return [line.get_ydata() for line in panel.lines]


def test_values_along_a_line_are_those_of_a_linear_image():
    """Linear interpolation is exact for a plane 3 y + 2 x + 1, wherever the line lies."""
    y, x = np.mgrid[:20, :30]
    start, end = (2.25, 3.5), (17.0, 25.75)
    found = along(3 * y + 2 * x + 1, start, end)
    share = np.linspace(0, 1, found.size)
    assert found == pytest.approx(3 * (2.25 + share * 14.75) + 2 * (3.5 + share * 22.25) + 1)
    assert np.hypot(14.75, 22.25) / (found.size - 1) <= 1


def test_brightest_row_is_looked_for_away_from_the_border():
    plane = np.zeros((40, 30))
    plane[1], plane[17, 5:9] = 5, 9
    assert brightest_row(plane) == 17


def test_profiles_share_their_zero_and_keep_their_units():
    before, after = np.array([103.0, 110, 140, 105, 99]), np.array([0.0, 2, 900, 1, 0])
    figure = profiles(before, after, 2.0, pedestal=100, title="row", paper="black", ink="white")
    left, right = figure.axes
    assert ydata(left)[0] == pytest.approx(before - 100)
    assert ydata(right)[0] == pytest.approx(after)
    assert left.lines[0].get_xdata() == pytest.approx(np.linspace(0, 2, 5))
    (low, high), (below, above) = left.get_ylim(), right.get_ylim()
    assert low / high == pytest.approx(below / above)  # zero at one height
    assert low < -1
    assert high > 40
    assert left.get_ylabel() == "image − 100 (counts)"
    assert figure.get_facecolor()[:3] == (0, 0, 0)


def test_profile_of_a_result_alone_and_of_nothing_but_darkness():
    [only] = profiles(None, np.array([1.0, 2.0]), 1.0, unit="voxels").axes
    assert only.get_xlabel() == "along the line (voxels)"
    dark = profiles(np.zeros(4), np.zeros(4), 1.0)
    assert [panel.get_ylim() for panel in dark.axes] == [(0, 1.05)] * 2


def test_convergence_draws_what_was_measured():
    divergence, change = [4.0, 2.0, 1.5], [0.5, 0.01, 0.001]
    figure = convergence(rows(3, seconds=[1, 2, 3], divergence=divergence, squares=[9, 8, 7], change=change))
    misfit, moves = figure.axes
    assert ydata(misfit)[0] == pytest.approx(divergence)
    assert ydata(moves)[0] == pytest.approx(change)
    assert list(misfit.lines[0].get_xdata()) == [1, 2, 3]
    assert (misfit.get_yscale(), moves.get_yscale()) == ("linear", "log")


def test_without_a_divergence_the_squares_are_drawn_and_with_it_the_gradient():
    squares, moves = convergence(rows(2, squares=[9.0, 8.0], change=[0.5, 0.4], gradient=[1.0, None])).axes
    assert "squared" in squares.get_ylabel()
    assert ydata(squares)[0] == pytest.approx([9, 8])
    assert [line.get_label() for line in moves.lines] == ["change", "gradient"]


def test_search_marks_the_least_of_the_chosen_setting():
    search = {"weight 0": [(1, 9.0), (2, 5.0), (4, 7.0)], "weight 1": [(1, 9.5), (2, 6.0)]}
    *_, panel = convergence(rows(1, squares=[9.0]), search, "weight 0").axes
    taken, mark, other = panel.lines
    assert (list(mark.get_xdata()), list(mark.get_ydata())) == ([2], [5])
    assert taken.get_zorder() > other.get_zorder()


def test_a_direct_filter_has_no_curve():
    with pytest.raises(ValueError, match="direct filter"):
        convergence(rows(1))


def test_residual_shows_section_and_spectrum():
    section = np.random.default_rng(0).normal(size=(20, 30))
    frequency, power = np.linspace(0, 0.5, 11), np.array([1e-9, *np.linspace(3, 1, 10)])
    first, spectrum, _ = unexplained(section, (0.1, 0.2), frequency, power).axes
    assert np.array_equal(first.images[0].get_array(), section)
    assert first.images[0].get_clim() == (-5, 5)
    assert first.images[0].get_extent() == pytest.approx((0, 6, 2, 0))
    curve, white = spectrum.lines
    assert (curve.get_xdata(), curve.get_ydata()) == (pytest.approx(frequency[1:]), pytest.approx(power[1:]))
    assert set(white.get_ydata()) == {1}
    assert len(unexplained(None, None, frequency, power).axes) == 1


def test_agreement_marks_the_threshold_and_the_period():
    frequency, correlation = np.linspace(0, 5, 6), [1, 0.9, 0.6, 0.2, 0.05, 0]
    [panel] = agreement(frequency, correlation, 1 / 3).axes
    curve, threshold, period = panel.lines
    assert curve.get_ydata() == pytest.approx(correlation)
    assert set(threshold.get_ydata()) == {AGREEMENT}
    assert list(period.get_xdata()) == pytest.approx([3, 3])
    assert "reproducibility" in panel.get_title()
    assert len(agreement(frequency, correlation, None).axes[0].lines) == 2


def test_settings_of_matplotlib_are_kept_and_it_may_be_missing(monkeypatch):
    import matplotlib

    before = dict(matplotlib.rcParams)
    profiles(None, np.ones(3), 1.0, paper="black", ink="white")
    assert dict(matplotlib.rcParams) == before
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install \"napari-deconvolution\[plot\]\""):
        profiles(None, np.ones(3), 1.0)
