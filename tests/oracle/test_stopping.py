"""Stops: each fires where its formula says, and held-out photons come near the best update."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Camera, Deconvolution, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.camera.photon_splitting import split
from napari_deconvolution.algorithms.camera.region import brightest
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.forward.watched import Watched
from napari_deconvolution.algorithms.methods.base import Algorithm
from napari_deconvolution.algorithms.metrics.errors import divergence, fitted_error
from napari_deconvolution.algorithms.stopping.held_out import Sharpened, search
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS

CAMERA = Camera(offset=100.0, background=2.0, gain=0.5)
OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
PLAIN = "richardson-lucy"


def gaussian(shape, sigma):
    grid = np.indices(shape) - np.array([n // 2 for n in shape]).reshape(-1, *(1,) * len(shape))
    psf = np.exp(-np.square(grid / sigma).sum(0) / 2)
    return (psf / psf.sum()).astype(np.float32)


@pytest.fixture(scope="module")
def scene():
    specimen = SPECIMENS["filaments"].replace(width=0.3)
    grid = Grid(shape=(96, 96), spacing=(0.1, 0.1))
    return acquire(specimen, "born-wolf", OPTICS, grid, photons=300.0, seed=3, camera=CAMERA)


@pytest.fixture
def dots():
    """Dots blurred by direct summation of Gaussians."""
    rng = np.random.default_rng(1)
    y, x = np.indices((40, 44), float)
    blurred = sum(60 * np.exp(-((y - a) ** 2 + (x - b) ** 2) / 8) for a, b in rng.uniform(0, 40, (20, 2)))
    return rng.poisson(blurred + 3).astype(np.float32), gaussian((13, 13), 2.0)


# What is measured on the way


@pytest.mark.parametrize("boundary", ["open", "mirror"])
def test_what_is_measured_on_the_way_is_what_its_names_say(dots, boundary):
    image, psf = dots
    H = Blur(psf, image.shape, boundary)
    estimates, measured = [], []
    settings = {"iterations": 4, "boundary": boundary, "background": 3, "gain": 0.5}

    def watch(step):
        estimates.append(step.estimate.copy())
        measured.append(step)

    history = deconvolve(image, psf, PLAIN, watch=watch, **settings).history
    for before, after, step, line in zip(estimates[:-1], estimates[1:], measured[1:], history, strict=True):
        m = H.forward(before).astype(float) + 3
        assert step.divergence == pytest.approx(divergence(image, m) / image.size, rel=1e-4)
        assert step.misfit == pytest.approx(np.mean((image - m) ** 2 / m), rel=1e-4)
        assert step.squares == pytest.approx(np.mean((image - m) ** 2), rel=1e-4)
        assert step.chi_square == pytest.approx(0.5 * step.misfit)
        assert step.change == pytest.approx(np.linalg.norm(after - before) / np.linalg.norm(after), rel=1e-3)
        assert (line.misfit, line.divergence, line.change) == (step.misfit, step.divergence, step.change)


def test_the_gradient_of_least_squares_is_measured(dots):
    image, psf = dots
    H, steps = Blur(psf, image.shape), []
    deconvolve(
        image,
        psf,
        "landweber",
        iterations=3,
        background=0,
        watch=lambda step: steps.append((step.gradient, step.estimate.copy())),
    )
    norms = [np.linalg.norm(H.adjoint(image - H.forward(x))) for _, x in steps]
    for (gradient, _), norm in zip(steps[1:], norms, strict=False):
        assert gradient == pytest.approx(norm / norms[0], rel=1e-3)


# Rules


def test_discrepancy_stops_at_the_first_update_whose_misfit_is_noise(dots):
    image, psf = dots
    H, values = Blur(psf, image.shape), []

    def watch(step):
        values.append(np.mean((image - (m := H.forward(step.estimate) + 3.0)) ** 2 / m))

    result = deconvolve(image, psf, PLAIN, background=3, gain=1, stop="discrepancy", iterations=500, watch=watch)
    first = next(k for k, value in enumerate(values) if value <= 1)
    assert first > 2
    assert result.iterations == first + 1  # what is measured is the estimate before
    assert "reduced χ²" in result.reason


def test_the_noisier_the_image_the_earlier_discrepancy_stops(dots):
    image, psf = dots
    counts = [
        deconvolve(image, psf, PLAIN, background=3, gain=g, stop="discrepancy", iterations=900).iterations
        for g in (0.9, 1.0)
    ]
    assert counts[0] < counts[1]


def test_quality_change_is_that_of_the_divergence(dots):
    image, psf = dots
    result = deconvolve(
        image, psf, PLAIN, background=3, stop="i-divergence", **{"stop.tolerance": 0.01}, iterations=500
    )
    values = [update.divergence for update in result.history]
    changes = [a / b - 1 for a, b in pairwise(values)]
    assert all(change >= 0.01 for change in changes[:-1])
    assert changes[-1] < 0.01


def test_gradient_norm_stops_least_squares(dots):
    image, psf = dots
    result = deconvolve(image, psf, "landweber", stop="gradient-norm", **{"stop.tolerance": 0.05}, iterations=500)
    assert result.iterations < 500
    assert result.history[-1].gradient < 0.05 <= min(update.gradient for update in result.history[:-1])


def test_the_first_rule_to_fire_wins(dots):
    image, psf = dots
    assert (
        deconvolve(image, psf, PLAIN, gain=1, background=3, stop="discrepancy", iterations=2).reason
        == "2 iterations done"
    )


def test_a_rule_that_needs_the_gain_asks_for_it(dots):
    image, psf = dots
    for stop in ("discrepancy", "held-out"):
        with pytest.raises(
            ValueError, match=f"stop = {stop}: it needs the camera's gain.*only 1760 voxels.*snr.*i-divergence"
        ):
            deconvolve(image, psf, PLAIN, stop=stop)
    with pytest.raises(ValueError, match=r"uncertainty: it needs the camera's gain"):
        deconvolve(image, psf, PLAIN, uncertainty=4)


def test_without_a_gain_auto_takes_the_divergence_and_says_why(dots):
    image, psf = dots
    result = deconvolve(image, psf, "maximum-likelihood-good-roughness")
    assert "quality change" in result.reason
    assert "cannot be estimated from the image: the image has only 1760 voxels" in result.record["stop"]
    assert result.search == ()
    fitted = deconvolve(image, psf)
    assert (
        "with a gain from a fit: it cannot be estimated better from the image, the image has only 1760"
        in fitted.record["stop"]
    )
    assert 0.3 < fitted.record["estimated_from_image"]["gain_by_fit"] < 1.6


def test_what_is_usual_follows_the_algorithm(dots):
    image, psf = dots
    assert deconvolve(image, psf, PLAIN, iterations=7, gain=1).reason == "7 iterations done"
    assert "held-out photons" in deconvolve(image, psf, gain=1, background=3).reason
    assert deconvolve(image, psf, "tikhonov", stop="auto").iterations == 1


# Divergence


class Runaway(Algorithm):
    """Gets better for five iterations, then doubles or breaks at each."""

    needs_counts = True

    def __init__(self, factor):
        object.__setattr__(self, "factor", factor)

    def iterates(self, y, H, x):
        plain = ALGORITHMS[PLAIN].iterates(y, H, x)
        for number, _ in enumerate(plain):
            yield x
            if number >= 5:
                x *= np.float32(self.factor)


@pytest.mark.parametrize("factor", [4.0, np.nan])
def test_divergence_gives_back_the_last_good_estimate_and_says_so(dots, factor):
    image, psf = dots
    good = []
    deconvolve(image, psf, PLAIN, iterations=5, watch=lambda step: good.append(step.estimate[step.inside].copy()))
    result = deconvolve(image, psf, Runaway(factor), iterations=50)
    assert "diverge" in result.reason
    assert result.iterations in (4, 5)
    assert (result.image == good[result.iterations]).all()
    assert np.isfinite(result.image).all()


# Held-out photons


def test_the_parts_of_a_split_are_independent_and_add_up():
    rng = np.random.default_rng(0)
    electrons = rng.poisson(np.full(200_000, 30.0)) + rng.normal(0, 4, 200_000)
    kept, rest = split(electrons.astype(np.float32), 4.0, 0.7, rng)
    np.testing.assert_allclose(kept + rest, electrons, atol=1e-4)
    assert kept.mean() == pytest.approx(21, rel=0.01)
    assert kept.var() == pytest.approx(
        0.7 * (30 + 16), rel=0.02
    )  # as a camera sees 0.7 of the light, with 0.7 of the variance
    assert abs(np.cov(kept, rest)[0, 1]) < 0.01 * np.sqrt(kept.var() * rest.var())


def test_rounding_at_random_keeps_parts_of_electrons():
    kept, rest = split(np.full((300, 300), 0.4, np.float32), 0.0, 0.5, np.random.default_rng(0))
    assert kept.mean() == pytest.approx(0.2, rel=0.03)
    assert rest.mean() == pytest.approx(0.2, rel=0.03)


def test_the_criterion_is_least_at_the_specimen():
    """Of all that is blurred alike it judges what lies behind the blur: the truth beats what is sharper and what is
    smoother.
    """
    rng = np.random.default_rng(0)
    psf = gaussian((15, 15), 1.5)
    H = Blur(psf, (64, 64))
    truth = np.zeros(H.shape, np.float32)
    truth[tuple(rng.integers(8, n - 8, 60) for n in H.shape)] = 3000
    truth = np.maximum(Blur(gaussian((9, 9), 1.0), H.shape, "zero").forward(truth), 0)
    light = np.maximum(H.forward(truth), 0)
    judges = [Sharpened(rng.poisson(light).astype(np.float32), H, StationaryPsf(psf)) for _ in range(40)]
    smoother = np.maximum(Blur(gaussian((9, 9), 1.0), H.shape, "zero").forward(truth), 0)
    sharper = truth + (truth - smoother)

    def judge(x):
        """Over many images: on a single one, noise may prefer a specimen that is 3 % off."""
        return sum(each(x) for each in judges)

    assert judge(truth) < min(judge(smoother), judge(sharper), judge(0.97 * truth), judge(1.03 * truth))


def test_the_search_stops_where_the_criterion_turns_and_tries_neighbours_only():
    """An algorithm whose best setting and update are known: a level that goes through that of the data."""

    class Climb(Algorithm):
        def __init__(self, speed):
            object.__setattr__(self, "speed", speed)

        @property
        def choices(self):
            return tuple(Climb(speed) for speed in (0.5, 1.0, 2.0, 3.0, 5.0, 7.0))

        def iterates(self, y, H, x):
            # The nearest to 20 comes with speed 1: at 0.5 and 2 a remainder is left.
            while True:
                yield x
                x += np.float32(self.speed)

    class Level:
        background, inside = 0.0, (slice(None), slice(None))

        def forward(self, x):
            return x + np.float32(0.2 * (x[0, 0] % 2 == 0))

    held = np.full((16, 16), 21.0, np.float32)
    psf = np.ones((1, 1), np.float32)
    walk = search(
        Climb(1.0),
        [(held, held)],
        Level(),
        StationaryPsf(psf),
        lambda y: np.zeros((16, 16), np.float32),
        iterations=200,
    )
    steps = []
    best, trials = finished(walk, steps.append)
    assert (best.algorithm.speed, best.best) in ((1.0, 21), (3.0, 7))
    assert best.least == pytest.approx(0, abs=1e-6)
    assert 2 <= len(trials) <= 4
    numbers = [step.number for step in steps]
    assert numbers == sorted(numbers)
    assert max(step.iteration for step in steps) < 60  # not 200: it ended soon after the best


def test_the_brightest_part_is_searched():
    image = np.zeros((3, 40, 50))
    image[:, 20:30, 30:40] = 5
    part = brightest(image, 600)
    assert image[part].sum() == image.sum()
    assert image[part].size <= 600
    assert brightest(image, 10**6) == tuple(slice(0, n) for n in image.shape)


@pytest.fixture(scope="module")
def stack():
    """A small stack of a nucleus through a widefield microscope, and the error of the best of many plain iterations."""
    grid = Grid(shape=(8, 48, 48), spacing=(0.3, 0.15, 0.15))
    truth, image, psf = acquire(SPECIMENS["nucleus"], "born-wolf", OPTICS, grid, photons=100.0, seed=1, camera=CAMERA)
    errors = []
    watch = lambda step: errors.append(fitted_error(step.estimate[step.inside], truth))  # noqa: E731
    deconvolve(image, psf, PLAIN, iterations=80, camera=CAMERA, watch=watch)
    assert 5 < int(np.argmin(errors)) < 80
    return truth, image, psf, grid.spacing, min(errors)


def loss(result, truth, best):
    return 20 * math.log10(fitted_error(result.image, truth) / best)


def test_held_out_photons_stop_near_the_best_update(stack):
    truth, image, psf, spacing, best = stack
    result = deconvolve(image, psf, PLAIN, acceleration="momentum", stop="held-out", camera=CAMERA, spacing=spacing)
    assert loss(result, truth, best) < 0.8
    assert "the best for held-out photons" in result.reason
    [trial] = result.search
    assert trial.best == result.iterations == min(trial.curve, key=lambda point: point[1])[0]
    assert trial.curve[-1][0] <= 1.3 * trial.best + 4


def test_the_default_is_better_than_the_best_plain_update_in_three_dimensions(stack):
    truth, image, psf, spacing, best = stack
    result = deconvolve(image, psf, camera=CAMERA, spacing=spacing)
    assert loss(result, truth, best) < -0.5
    assert result.record["algorithm"]["weight"] in (0.2, 0.4, 0.8, 1.6)
    assert f"weight {result.record['algorithm']['weight']:g}" in result.reason


def test_the_default_of_before_can_be_had(stack):
    truth, image, psf, spacing, best = stack
    result = deconvolve(image, psf, "maximum-likelihood-good-roughness", camera=CAMERA, spacing=spacing)
    assert loss(result, truth, best) < -0.5
    assert f"roughness {result.record['algorithm']['roughness']:g}: the best for held-out photons" in result.reason


def test_the_result_is_that_of_all_photons_and_the_run_can_be_had_again(scene):
    _, image, psf = scene
    found = deconvolve(image, psf, camera=CAMERA)
    again = deconvolve(
        image, psf, camera=CAMERA, weight=found.record["algorithm"]["weight"], stop="none", iterations=found.iterations
    )
    assert (again.image == found.image).all()
    assert (deconvolve(image, psf, camera=CAMERA).image == found.image).all()
    assert json.loads(json.dumps(found.record)) == found.record


def test_gain_from_the_image_stops_as_well(scene):
    truth, image, psf = scene
    unknown = CAMERA.replace(gain=None)
    known, told = (deconvolve(image, psf, PLAIN, stop="held-out", camera=camera) for camera in (CAMERA, unknown))
    assert told.record["estimated_from_image"]["gain"] == pytest.approx(0.5, rel=0.25)
    assert 20 * math.log10(fitted_error(told.image, truth) / fitted_error(known.image, truth)) < 0.3


def test_progress_grows_to_the_end_and_says_what_is_done(scene):
    _, image, psf = scene
    steps = []
    deconvolve(image, psf, camera=CAMERA, uncertainty=2, watch=steps.append)
    numbers = [step.number for step in steps]
    assert numbers == sorted(numbers)
    assert numbers[-1] == steps[-1].total
    phases = list(dict.fromkeys(step.phase for step in steps))
    assert phases == ["looking for the weight", "", "another half of the photons, for the uncertainty"]
    assert all(step.criterion > 0 for step in steps if step.phase == phases[0] and step.iteration in (2, 3, 4, 6, 8))


@pytest.mark.parametrize("uncertainty", [0, 2])
def test_the_time_left_is_the_expected_one(scene, stack, monkeypatch, uncertainty):
    """On a clock that goes on with every convolution, after a tenth of the run: not the worst case, which is 4 to 10
    times as long.
    """
    clock, convolve = [0.0], Blur._convolve

    def ticking(self, *sides):
        clock[0] += math.prod(self.padded)
        convolve(self, *sides)

    monkeypatch.setattr(Blur, "_convolve", ticking)
    for image, psf, spacing in ((*scene[1:], (1.0, 1.0)), stack[1:4]):
        seen = []
        watch = lambda step: seen.append((clock[0], step.number / step.total))  # noqa: B023, E731
        clock[0] = 0.0
        deconvolve(image, psf, camera=CAMERA, spacing=spacing, uncertainty=uncertainty, watch=watch)
        end = clock[0]
        for now, share in seen[:-1]:
            if now > 0.1 * end:  # half of what is left, or a small part of the whole
                left = end - now
                assert abs(now * (1 / share - 1) - left) < max(0.5 * left, 0.18 * end)


def test_a_search_can_be_cancelled_and_keeps_to_its_time(scene):
    _, image, psf = scene
    walk = Deconvolution(camera=CAMERA).steps(image, psf)
    for _ in range(3):
        next(walk)
    walk.close()
    with pytest.raises(StopIteration):
        next(walk)
    assert deconvolve(image, psf, camera=CAMERA, seconds=0.1).iterations >= 1


def test_watching_changes_nothing(dots):
    image, psf = dots
    H = Blur(psf, image.shape)
    ends = []
    for model in (H, Watched(H, image, True)):
        estimates = ALGORITHMS[PLAIN].iterates(image, model, np.full(H.shape, image.mean(), np.float32))
        ends.append([next(estimates).copy() for _ in range(5)][-1])
    assert (ends[0] == ends[1]).all()
