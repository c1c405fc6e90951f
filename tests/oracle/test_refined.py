"""The default's search: what counts as better than chance, that it stays near the usual setting, and what an image
tells unasked.
"""

import math

import numpy as np
import pytest

from napari_deconvolution import Camera, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.camera.background import background_of
from napari_deconvolution.algorithms.camera.noise import darkest, noise_of
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.methods.base import Algorithm
from napari_deconvolution.algorithms.methods.maximum_likelihood import MaximumLikelihood
from napari_deconvolution.algorithms.metrics.errors import divergence, fitted_error
from napari_deconvolution.algorithms.penalties.root_total_variation import RootTotalVariation
from napari_deconvolution.algorithms.stopping.held_out import Sharpened
from napari_deconvolution.algorithms.stopping.refined import refined
from napari_deconvolution.runs import finished
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS

pytestmark = pytest.mark.filterwarnings("ignore:spacing =")
CAMERA = Camera(offset=100.0, background=2.0, gain=0.5)
OPTICS = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)


def bump(shape, sigma):
    grid = np.indices(shape) - np.array([n // 2 for n in shape]).reshape(-1, *(1,) * len(shape))
    psf = np.exp(-np.square(grid / sigma).sum(0) / 2)
    return (psf / psf.sum()).astype(np.float32)


def test_the_chance_of_a_difference_is_its_spread_over_many_images():
    rng, psf = np.random.default_rng(1), bump((9, 9), 1.5)
    H = Blur(psf, (32, 32), "periodic")
    one = rng.random((32, 32)).astype(np.float32) * 60 + 20
    other = (one + 8 * rng.normal(0, 1, one.shape)).astype(np.float32)
    expected, found, told = np.maximum(H.forward(one), 0), [], []
    for _ in range(300):
        judge = Sharpened(rng.poisson(expected).astype(np.float32), H, StationaryPsf(psf))
        a, b = judge.spectrum(one), judge.spectrum(other)
        found.append(judge.of(a) - judge.of(b))
        told.append(judge.chance(a, b))
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.15)


class Level(Algorithm):
    """An estimate that is a level, and settles at it."""

    def __init__(self, level=10.0, levels=(8.0, 9.0, 10.0, 11.0)):
        object.__setattr__(self, "level", level)
        object.__setattr__(self, "levels", levels)

    @property
    def choices(self):
        return tuple(Level(level, self.levels) for level in self.levels)

    def usual(self, shape):
        return Level(10.0, self.levels)

    def __eq__(self, other):
        return self.level == other.level

    def iterates(self, y, H, x):
        while True:
            yield x
            x[...] = self.level


@pytest.mark.parametrize(
    ("held", "chosen", "tried"), [(8.1, 8.0, 3), (10.0, 10.0, 3), (10.95, 11.0, 3), (9.96, 10.0, 3)]
)
def test_it_leaves_the_usual_setting_only_for_what_is_surely_better(held, chosen, tried):
    rng, psf = np.random.default_rng(0), np.ones((1, 1), np.float32)
    H = Blur(psf, (48, 48), "periodic")
    data = (held + rng.normal(0, 1, (48, 48))).astype(np.float32)
    start = lambda y: np.zeros(H.shape, np.float32)  # noqa: E731
    best, trials = finished(refined(Level(), [(data, data)], H, StationaryPsf(psf), start, iterations=30))
    assert best.algorithm.level == chosen
    assert len(trials) == tried
    assert best.best == 30


class Slow(Level):
    """The same, which it comes near only slowly."""

    settles = 30

    @property
    def choices(self):
        return (self,)

    def usual(self, shape):
        return self

    def iterates(self, y, H, x):
        for number in range(100):
            x[...] = self.level * min(number / self.levels, 1)
            yield x


class Hazy(StationaryPsf):
    """What light out of focus fills."""

    sections = False


@pytest.mark.parametrize(("slowness", "iterations"), [(30, 30), (40, 75)])
def test_it_goes_on_where_held_out_photons_see_it_get_better(slowness, iterations):
    rng, psf = np.random.default_rng(0), np.ones((1, 1), np.float32)
    H = Blur(psf, (48, 48), "periodic")
    data = (10 + rng.normal(0, 1, H.shape)).astype(np.float32)
    start, steps = lambda y: np.zeros(H.shape, np.float32), []
    walk = refined(Slow(10.0, slowness), [(data, data)], H, Hazy(psf), start, iterations=200)
    best, _ = finished(walk, steps.append)
    assert best.best == iterations
    assert steps[-1].ahead == best.best
    assert steps[-1].number == steps[-1].total


def blurred(shape=(48, 48), photons=60.0, seed=4):
    rng, psf = np.random.default_rng(seed), bump((11, 11), 1.6)
    truth = np.zeros(shape, np.float32)
    truth[10:24, 12:40], truth[30:38, 20:30] = photons, 0.3 * photons
    return truth, rng.poisson(np.maximum(Blur(psf, shape, "zero").forward(truth), 0) + 1.0).astype(np.float32), psf


@pytest.mark.parametrize("weight", [0.4, 50.0])
def test_any_weight_keeps_it_positive_and_lowers_what_is_made_small(weight):
    _, image, psf = blurred()
    H = Blur(psf, image.shape, "zero", background=1.0)
    algorithm = MaximumLikelihood(weight=weight)
    walk, values, lowest = algorithm.iterates(image, H, np.full(H.shape, image.mean(), np.float32)), [], math.inf
    for _ in range(61):
        x = next(walk)
        values.append(algorithm.objective(x, image, H))
        lowest = min(lowest, float(x.min()))
    assert lowest >= 0
    assert values[-1] <= min(values) * (1 + 1e-3)
    if weight < 1:  # it has settled
        assert values[30] - values[60] < 0.02 * (values[0] - values[60])


def test_it_settles_at_the_minimum():
    """Where the gradient of misfit and penalty vanishes; or points down, where the estimate is zero."""
    _, image, psf = blurred()
    H = Blur(psf, image.shape, "zero", background=1.0)
    walk = MaximumLikelihood(weight=0.8).iterates(image, H, np.full(H.shape, image.mean(), np.float32))
    x = [next(walk) for _ in range(400)][-1]
    penalty = RootTotalVariation(weight=0.8)
    slope = H.weight - H.adjoint(image / (H.forward(x) + 1)) + penalty.gradient(x, (1.0, 1.0)) * H.weight
    bright = x > 1
    assert abs(slope[bright] * np.sqrt(x[bright])).max() < 0.1
    assert divergence(image, H.forward(x) + 1) < divergence(image, np.full(image.shape, image.mean()))


@pytest.mark.parametrize("scale", [0.01, 3.0, 500.0])
def test_counts_of_any_gain_give_the_estimate_of_electrons(scale):
    _, image, psf = blurred()
    electrons = deconvolve(image, psf, gain=1, background=1)
    counts = deconvolve(image * scale, psf, gain=1 / scale, background=scale)
    assert electrons.reason == counts.reason
    np.testing.assert_allclose(counts.image / scale, electrons.image, rtol=2e-3, atol=2e-3 * electrons.image.max())


@pytest.fixture(scope="module")
def confocal():
    grid = Grid(shape=(10, 48, 48), spacing=(0.3, 0.08, 0.08))
    model = "confocal"
    return *acquire(
        SPECIMENS["beads"].replace(diameter=0.5, concentration=120.0),
        model,
        OPTICS,
        grid,
        photons=200.0,
        seed=6,
        camera=CAMERA,
    ), grid


def test_nothing_said_comes_near_all_told_whatever_the_numbers_stand_on(confocal):
    truth, image, psf, grid = confocal
    told = fitted_error(deconvolve(image, psf, camera=CAMERA, spacing=grid.spacing).image, truth)
    results = [
        deconvolve(numbers, psf, spacing=grid.spacing) for numbers in (image - 100, image + 900, image / image.max())
    ]
    losses = [20 * math.log10(fitted_error(result.image, truth) / told) for result in results]
    assert max(losses) < 1.0
    assert max(losses) - min(losses) < 0.1
    assert set(results[0].record["estimated_from_image"]) >= {"background", "gain"}


def test_where_the_gain_cannot_be_seen_it_comes_from_a_fit():
    """Coarse pixels: the OTF fills the band."""
    grid = Grid(shape=(96, 96), spacing=(0.1, 0.1))
    truth, image, psf = acquire(
        SPECIMENS["filaments"].replace(width=0.3), "confocal", OPTICS, grid, photons=100.0, seed=3, camera=CAMERA
    )
    with pytest.raises(ValueError, match="fills the band"):
        noise_of(image, StationaryPsf(psf), 100.0)
    result = deconvolve(image, psf)
    told = result.record["estimated_from_image"]
    assert 0.25 < told["gain_by_fit"] < 1.0
    assert told["offset"] + told["background"] == pytest.approx(102, abs=4)
    assert "with a gain from a fit" in result.record["stop"]
    known = deconvolve(image, psf, camera=CAMERA)
    assert 20 * math.log10(fitted_error(result.image, truth) / fitted_error(known.image, truth)) < 1.0


def test_the_darkest_region_lies_between_the_parts_of_a_dense_specimen():
    rng = np.random.default_rng(0)
    bars = np.where(np.arange(128) % 24 < 12, 5.0, 200.0)
    assert darkest(rng.poisson(np.tile(bars, (128, 1)))) == pytest.approx(5, abs=0.5)


def test_haze_of_a_widefield_stack_stays_in_the_image_and_is_told():
    rng = np.random.default_rng(2)
    grid = Grid(shape=(8, 64, 64), spacing=(0.3, 0.1, 0.1))
    _, image, psf = acquire(
        SPECIMENS["filaments"].replace(width=0.3), "born-wolf", OPTICS, grid, photons=200.0, seed=1, camera=CAMERA
    )
    formation, level = StationaryPsf(psf), darkest(image)
    assert not formation.sections
    seen = background_of(level, formation, 0.0, noise_of(image, formation, level).at(level))
    assert seen.offset == pytest.approx(100, abs=10)
    assert seen.background == 0
    assert seen.haze > 10
    result = deconvolve(image, psf, "richardson-lucy", iterations=2)
    assert "likely haze of the specimen" in result.record["haze"]
    assert "haze" not in deconvolve(image, psf, "richardson-lucy", iterations=2, background=40).record
    # Where light out of focus fades, what is dark is dark.
    flat = rng.poisson(np.full(image.shape, 20.0)) + 100.0
    sharp = bump((5, 9, 9), 1.0)
    assert StationaryPsf(sharp).sections
    assert background_of(darkest(flat), StationaryPsf(sharp), 100.0, None).background == pytest.approx(20, abs=1.5)
