"""The curve of the stopping criterion."""

import math

import numpy as np
import pytest


@pytest.fixture
def spark(screen, qtbot):
    from napari_deconvolution.plugin.ui.sparkline import Sparkline

    made = Sparkline()
    qtbot.addWidget(made)
    return made


def test_values_lie_between_0_and_1_on_a_logarithmic_scale(spark):
    for value in (100.0, 10.0, 1.0):
        spark.add("misfit", value)
    assert np.allclose(spark.points(), [(0, 1), (0.5, 0.5), (1, 0)])


def test_another_name_starts_another_curve_and_infinite_values_are_skipped(spark):
    spark.add("searching for the stop", 3.0)
    spark.add("misfit", math.inf)
    spark.add("misfit", -2.0)
    spark.add("misfit", 2.0)
    assert (spark.name, spark.values) == ("misfit", [-2.0, 2.0])
    assert spark.points() == [(0, 0), (1, 1)], "linear where values are negative"
