"""A forward model that the package does not know, written here as a user would: two PSFs see one specimen.

Richardson–Lucy, the default with its automatic stop, the measurement of noise, previews and the prediction of memory
run on it. If one of them needed a line for it elsewhere, this file would fail.
"""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

from napari_deconvolution import Deconvolution, Forward, deconvolve, invert
from napari_deconvolution.algorithms.camera.defects import find_defects
from napari_deconvolution.algorithms.camera.noise import noise_of
from napari_deconvolution.algorithms.forward.formation import UNKNOWN_POWER, ImageFormation, StationaryPsf
from napari_deconvolution.algorithms.forward.padding import Work
from napari_deconvolution.algorithms.memory import memory
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.runs import finished

PLAIN, GAIN, BACKGROUND = "richardson-lucy", 0.5, 4.0
SHAPE, LONG, SHORT = (96, 104), 3.5, 1.2
CAMERA = {"gain": GAIN, "background": BACKGROUND}


# What a user writes


class Stacked(Forward):
    """Hx = (H₁x, H₂x), one upon the other."""

    def __init__(self, models):
        first = models[0]
        self.models, self.shape, self.inside = models, first.shape, first.inside
        self.data_shape = (len(models), *first.data_shape)
        self.background, self.gain, self.spacing = first.background, first.gain, first.spacing

    def forward(self, x, out=None):
        return np.stack([H.forward(x) for H in self.models], out=out)

    def adjoint(self, y, out=None):
        first, *others = (H.adjoint(part) for H, part in zip(self.models, y, strict=True))
        return np.add(first, sum(others), out=out)


@dataclass(frozen=True, eq=False)
class Views(ImageFormation):
    """Several images of one field, each with its own PSF, stacked."""

    psfs: tuple

    @property
    def of_views(self):
        return tuple(map(StationaryPsf, self.psfs))

    def views(self, data):
        return tuple(data)

    def field(self, shape):
        return shape[1:]

    @property
    def reach(self):
        return tuple(max(sides) for sides in zip(*(one.reach for one in self.of_views), strict=True))

    def model(self, shape, boundary, **about):
        return Stacked([one.model(shape[1:], boundary, **about) for one in self.of_views])

    def part(self, region):
        return self

    def work(self, shape, boundary, *, diagonal=False, threads=0):
        each = [one.work(shape[1:], boundary, threads=threads) for one in self.of_views]
        data, kept = sum(work.data for work in each), sum(work.kept for work in each)
        # Hx is stacked of its parts, and Hᵀy is their sum: what is in between takes room.
        passing = 2 * max(data, len(each) * each[0].estimate)
        return Work(each[0].shape, data, kept + passing, kept + each[0].built)


# What it is tried on: dots whose blurred images are known in closed form


def gaussian(y, x, at, sigmas):
    return np.exp(-((y - at[0]) ** 2) / (2 * sigmas[0] ** 2) - (x - at[1]) ** 2 / (2 * sigmas[1] ** 2))


def psf(sigmas):
    kernel = gaussian(*np.indices((27, 27)), (13, 13), sigmas)
    return (kernel / kernel.sum()).astype(np.float32)


SIGMAS = ((LONG, SHORT), (SHORT, LONG))
FORMATION = Views(tuple(map(psf, SIGMAS)))


def light(sigmas, own=1.0):
    """Dots of width `own` behind a Gaussian blur: a Gaussian again, of the same light."""
    rng = np.random.default_rng(7)
    y, x = np.indices(SHAPE, float)
    wide = np.hypot(sigmas, own)
    dots = ((rng.uniform(0, SHAPE), rng.uniform(0.3, 1)) for _ in range(60))
    return sum(200 * own**2 * bright * gaussian(y, x, at, wide) / (wide[0] * wide[1]) for at, bright in dots)


@pytest.fixture(scope="module")
def truth():
    return light((0.0, 0.0))


@pytest.fixture(scope="module")
def data():
    electrons = np.stack([light(sigmas) for sigmas in SIGMAS]) + GAIN * BACKGROUND
    return np.random.default_rng(1).poisson(electrons).astype(np.float32) / GAIN


def error(result, truth):
    return fitted_error(result.image, truth)


def test_the_model_of_the_user_is_one():
    H, rng = FORMATION.model((2, 20, 24), "open"), np.random.default_rng(0)
    x, y = rng.random(H.shape, np.float32), rng.random(H.data_shape, np.float32)
    assert np.vdot(H.forward(x), y) == pytest.approx(np.vdot(x, H.adjoint(y)), rel=1e-5)


def test_richardson_lucy_joins_the_views(data, truth):
    both = deconvolve(data, FORMATION, PLAIN, iterations=30, **CAMERA)
    assert both.image.shape == SHAPE
    for view, kernel in zip(data, FORMATION.psfs, strict=True):
        assert error(both, truth) < 0.8 * error(deconvolve(view, kernel, PLAIN, iterations=30, **CAMERA), truth)


@pytest.fixture(scope="module")
def plain(data, truth):
    """The error after every plain iteration, where nothing stops."""
    errors = []
    watch = lambda step: errors.append(fitted_error(step.estimate[step.inside], truth))  # noqa: E731
    deconvolve(data, FORMATION, PLAIN, iterations=100, watch=watch, **CAMERA)
    return errors


def test_the_default_stops_by_itself(data, truth, plain):
    result = deconvolve(data, FORMATION, **CAMERA)
    assert "held-out photons" in result.reason
    for view, kernel in zip(data, FORMATION.psfs, strict=True):
        assert error(result, truth) < 0.7 * error(deconvolve(view, kernel, **CAMERA), truth)
    # Smooth dots: Good's roughness suits them, total variation does not.
    smooth = deconvolve(data, FORMATION, "maximum-likelihood-good-roughness", **CAMERA)
    assert error(smooth, truth) < 1.1 * min(plain)


def test_held_out_photons_of_both_views_stop_near_the_best_iteration(data, truth, plain):
    assert 20 < np.argmin(plain) < 60
    result = deconvolve(data, FORMATION, PLAIN, stop="held-out", iterations=100, **CAMERA)
    assert error(result, truth) < 1.03 * min(plain)


def test_the_search_in_a_part_cuts_both_views_alike(data):
    settings = {"stop": "held-out", "iterations": 30, **CAMERA}
    found = deconvolve(data, FORMATION, PLAIN, **{"stop.voxels": 2 * 70 * 70}, **settings)
    assert found.image.shape == SHAPE
    part = data[(slice(None), *FORMATION.brightest(data, 2 * 70 * 70))]
    assert part.shape[0] == 2
    assert 60 * 60 < part[0].size < 70 * 70 + 1
    assert found.search == deconvolve(part, FORMATION, PLAIN, **settings).search


def test_noise_is_measured_in_both_views(data):
    assert noise_of(data, FORMATION, 0.0).gain == pytest.approx(GAIN, rel=0.2)
    told = deconvolve(data, FORMATION, background=BACKGROUND, iterations=20).record["estimated_from_image"]
    assert told["gain"] == pytest.approx(GAIN, rel=0.2)


def test_defects_are_found_in_either_view(data):
    spoilt = data.copy()
    spoilt[0, 40, 50], spoilt[1, 20, 30] = 9000, 9000
    assert np.argwhere(find_defects(spoilt, FORMATION, gain=GAIN).hot).tolist() == [[0, 40, 50], [1, 20, 30]]
    result = deconvolve(spoilt, FORMATION, PLAIN, iterations=10, **CAMERA)
    assert result.masked.sum() == 2
    clean = deconvolve(data, FORMATION, PLAIN, iterations=10, **CAMERA).image
    assert abs(result.image - clean).max() < 0.1 * clean.max()


def test_a_preview_is_as_in_the_whole(data):
    job, region = Deconvolution().assign(algorithm=PLAIN, iterations=10, **CAMERA), (slice(30, 70), slice(20, 80))
    whole = finished(job.steps(data, FORMATION)).image[region]
    seen = []
    part = finished(job.steps(data, FORMATION, region=region), seen.append)
    assert part.image.shape == whole.shape
    assert abs(part.image - whole).max() < 0.005 * whole.max()
    assert (seen[-1].estimate[seen[-1].inside] == part.image).all()


@pytest.mark.parametrize("settings", [{}, {"algorithm": PLAIN, "stop": "none"}], ids=str)
def test_memory_is_predicted(settings):
    data = (np.random.default_rng(0).poisson(100, (2, 700, 700)) / GAIN).astype(np.uint16)
    job = Deconvolution().assign(iterations=30, threads=1, **CAMERA, **settings)
    tracemalloc.start()
    finished(job.steps(data, FORMATION))
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Of the search, what is counted for all data at once is needed for one view after the other.
    assert taken <= memory(job, data.shape, FORMATION) <= 1.35 * taken + (8 << 20)


def test_a_direct_filter_says_that_it_cannot(data):
    with pytest.raises(
        ValueError, match=r"tikhonov: it works frequency by frequency, .* Views is not: take .* richardson-lucy"
    ):
        deconvolve(data, FORMATION, "tikhonov")


# Where the model does not say which frequencies it passes


class Silent(Views):
    """The same, saying less."""

    of_views = property(lambda self: (self,))
    views = ImageFormation.views
    steepest = np.inf


def test_without_power_the_automatic_stop_says_what_it_does_instead(data):
    silent = Silent(FORMATION.psfs)
    Silent.model = lambda self, shape, boundary, **about: FORMATION.model(shape, boundary, **about)
    result = deconvolve(data, silent, PLAIN, stop="auto", **CAMERA)
    assert "quality change" in result.reason
    assert result.record["stop"] == f"i-divergence, for {UNKNOWN_POWER}"
    settled = deconvolve(data, silent, **CAMERA)
    assert settled.record["stop"] == f"settled, with the usual weight, for {UNKNOWN_POWER}"
    with pytest.raises(
        ValueError, match="stop = held-out: the forward model does not tell which frequencies it passes: take"
    ):
        deconvolve(data, silent, PLAIN, stop="held-out", **CAMERA)


# Without an image formation: the forward model alone


def test_invert_runs_any_algorithm_on_it(data, truth):
    H = FORMATION.model(data.shape, "open", background=BACKGROUND)
    known = deconvolve(data, FORMATION, PLAIN, iterations=30, mask=False, **CAMERA)
    assert (invert(data, H, iterations=30, gain=GAIN).image == known.image).all()
    alone = min(
        error(deconvolve(*one, PLAIN, iterations=100, **CAMERA), truth)
        for one in zip(data, FORMATION.psfs, strict=True)
    )
    for algorithm, iterations in (("gradient-consensus", 30), ("mrnsd", 15), ("fista", 30), ("primal-dual", 60)):
        result = invert(data, H, algorithm, iterations=iterations, stop="none", gain=GAIN)
        assert error(result, truth) < 0.8 * alone
    with pytest.raises(ValueError, match=r"wiener: it works frequency by frequency, .* Stacked is not"):
        invert(data, H, "wiener")


def test_invert_says_what_it_did(data):
    H = FORMATION.model(data.shape, "open", background=BACKGROUND)
    result = invert(data, H, "maximum-likelihood", gain=GAIN)
    assert result.record["forward model"] == "Stacked"
    assert "boundary" not in result.record["inversion"]
    assert result.record["stop"] == f"settled, with the usual weight, for {UNKNOWN_POWER}"
    with pytest.raises(
        ValueError, match=r"data: their shape \(96, 104\) is not that of the data of Stacked, \(2, 96, 104\)"
    ):
        invert(data[0], H)
    with pytest.raises(ValueError, match="boundary: the forward model decides that"):
        invert(data, H, boundary="open")


# Views that differ in shape: one flat array


class Joined(Forward):
    """Hx = (H₁x, what of H₂x lies in a window), one after the other."""

    def __init__(self, models, window):
        first = models[0]
        self.models, self.window, self.shape, self.inside = models, window, first.shape, first.inside
        self.whole = np.prod(first.data_shape)
        self.part = tuple(at.stop - at.start for at in window)
        self.data_shape = (int(self.whole + np.prod(self.part)),)
        self.background, self.gain, self.spacing = first.background, first.gain, first.spacing

    def forward(self, x, out=None):
        first, second = (H.forward(x) for H in self.models)
        return np.concatenate([first.ravel(), second[self.window].ravel()], out=out)

    def adjoint(self, y, out=None):
        second = np.zeros(self.models[1].data_shape, np.float32)
        second[self.window] = y[self.whole :].reshape(self.part)
        first = self.models[0].adjoint(y[: self.whole].reshape(second.shape))
        return np.add(first, self.models[1].adjoint(second), out=out)


@dataclass(frozen=True, eq=False)
class Windowed(Views):
    """A view of the whole field and one of a window in it."""

    shape: tuple
    window: tuple

    def field(self, shape):
        return self.shape

    def views(self, data):
        size = int(np.prod(self.shape))
        return data[:size].reshape(self.shape), data[size:].reshape([at.stop - at.start for at in self.window])

    def brightest(self, data, voxels):
        return tuple(slice(0, n) for n in self.shape)

    def model(self, shape, boundary, **about):
        return Joined([one.model(self.shape, boundary, **about) for one in self.of_views], self.window)


def test_views_of_several_shapes_are_one_flat_array(data, truth):
    window = (slice(20, 90), slice(10, 100))
    flat = np.concatenate([data[0].ravel(), data[1][window].ravel()])
    formation = Windowed(FORMATION.psfs, SHAPE, window)
    result = deconvolve(flat, formation, gain=GAIN, background="auto")
    assert "held-out photons" in result.reason
    assert result.image.shape == SHAPE
    assert noise_of(flat, formation, 0.0).gain == pytest.approx(GAIN, rel=0.2)
    inner = tuple(slice(at.start + 15, at.stop - 15) for at in window)
    alone = deconvolve(data[0], FORMATION.psfs[0], **CAMERA).image
    assert fitted_error(result.image[inner], truth[inner]) < 0.8 * fitted_error(alone[inner], truth[inner])
