"""What a step says, held against the numbers computed from the estimates themselves."""

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS
from napari_deconvolution.algorithms.driver import iterate
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.stopping.rules import Iterations

PSF = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / 16
DATA = np.random.default_rng(0).poisson(30, (12, 14)).astype(np.float32)
H = StationaryPsf(PSF).model(DATA.shape, "open", background=2.0)


def steps(name="richardson-lucy", **more):
    return iterate(DATA, H, ALGORITHMS[name], np.full(H.shape, 28, np.float32), [Iterations(4)], **more)


def test_the_estimate_is_borrowed_and_holds_the_field():
    seen = list(steps())
    assert [step.iteration for step in seen] == [step.number for step in seen] == [0, 1, 2, 3, 4]
    assert len({id(step.estimate) for step in seen}) == 1
    assert seen[0].estimate[seen[0].inside].shape == DATA.shape < seen[0].estimate.shape
    assert {step.total for step in seen} == {4}


def test_what_is_measured_is_of_the_estimate_before():
    before = None
    for step in steps(gain=0.5):
        if before is not None:
            m = H.forward(before) + 2
            assert step.misfit == pytest.approx(np.mean((DATA - m) ** 2 / m), rel=1e-4)
            assert step.squares == pytest.approx(np.mean((DATA - m) ** 2), rel=1e-4)
            assert step.divergence == pytest.approx(np.mean(DATA * np.log(DATA / m) - DATA + m), rel=1e-3)
            assert step.chi_square == pytest.approx(0.5 * step.misfit)
            moved = np.linalg.norm(step.estimate - before) / np.linalg.norm(step.estimate)
            assert step.change == pytest.approx(moved, rel=1e-4)
        before = step.estimate.copy()


def test_the_gradient_is_that_of_least_squares_over_the_first():
    norms, found, before = [], [], None
    for step in steps("landweber"):
        if before is not None:
            norms.append(np.linalg.norm(H.adjoint(DATA - 2 - H.forward(before))))
            found.append(step.gradient)
        before = step.estimate.copy()
    assert found == pytest.approx(np.array(norms) / norms[0], rel=1e-3)
