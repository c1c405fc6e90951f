"""A run: one account of the progress over all of its parts, and a way back where iterations diverge."""

from dataclasses import dataclass

import numpy as np
import pytest

from napari_deconvolution import Deconvolution
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.methods.base import Algorithm
from napari_deconvolution.algorithms.methods.least_squares import residual
from napari_deconvolution.parameters import param
from napari_deconvolution.runs import finished

PSF = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / 16
IMAGE = np.random.default_rng(0).poisson(30, (24, 26)).astype(np.float32)


def run(algorithm="richardson-lucy", watch=None, **settings):
    settings = {"gain": 1.0, "read_noise": 0.0, "background": 0.0, "stop": "none"} | settings
    job = Deconvolution().assign(algorithm=algorithm, **settings)
    return finished(job.steps(IMAGE, StationaryPsf(PSF)), watch)


@dataclass(frozen=True)
class Growing(Algorithm):
    """Descends with a good step, then with ever larger ones."""

    good: int = param(3, "Iterations with a good step")
    factor: float = param(40.0, "By which it grows thereafter")
    name = "growing"

    def iterates(self, y, H, x):
        step, number = np.float32(-0.5), 0

        def after(back, at):
            x[at] += step * back

        while True:
            yield x
            number += 1
            step *= np.float32(self.factor if number > self.good else 1)
            H.through(x, residual(y, H), after)


def test_a_run_that_diverges_gives_the_best_estimate_before():
    result = run(Growing(), iterations=30, keep=1)
    assert result.iterations == 3
    assert result.reason == "the iterations diverge; the estimate after 3 of them is the last good one"
    np.testing.assert_array_equal(result.image, run(Growing(), iterations=3).image)
    assert [number for number, _ in result.kept] == [1, 2, 3]


def test_a_run_that_diverges_at_once_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="growing: it diverges from its first iteration on; choose a smaller step"):
        run(Growing(good=0), iterations=30)


def test_a_method_that_wants_the_otf_is_watched_too():
    """An even PSF of one row has an OTF with negative parts, on which Van Cittert's iterations grow without bounds."""
    row = StationaryPsf(np.full((1, 7), 1 / 7, np.float32))
    settings = {"iterations": 200, "stop": "none", "gain": 1.0, "background": 0.0}
    result = finished(Deconvolution().assign(algorithm="van-cittert", **settings).steps(IMAGE, row))
    assert result.reason.startswith("the iterations diverge")
    assert abs(result.image).max() < 4 * IMAGE.max()


def test_the_progress_of_all_parts_is_one_and_never_falls():
    shares, phases = [], []

    def watch(step):
        shares.append((step.number, step.total))
        phases.append(step.phase)

    run(iterations=5, uncertainty=2, reproducibility=True, watch=watch)
    assert shares == sorted(shares)
    assert {total for _, total in shares} == {25}
    assert shares[-1] == (25, 25)
    assert phases.count("another half of the photons, for the uncertainty") == 12
    assert phases.count("one half of the photons, for the reproducibility") == 12


def test_the_record_says_where_the_light_is():
    result = run(iterations=50, boundary="periodic")
    assert result.record["sum_before"] == IMAGE.sum()
    assert result.record["sum_after"] == pytest.approx(IMAGE.sum(), rel=1e-4)
    assert result.record["reduced_chi_square"] == result.history[-1].misfit
