"""One table, every algorithm: what all of them promise. A member without a row, a source or an example fails."""

import json
from dataclasses import dataclass, field

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Camera, Deconvolution, Grid, Microscope, deconvolve
from napari_deconvolution.algorithms.driver import iterate
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.methods.acceleration import ACCELERATIONS
from napari_deconvolution.algorithms.methods.base import Algorithm, Memoryless
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.algorithms.stopping.rules import Iterations
from napari_deconvolution.simulation.acquisition import acquire


@dataclass(frozen=True)
class Row:
    exact: dict = field(default_factory=dict)
    """Settings with which it gives back the data where H is the identity."""
    iterations: int = 5
    """Iterations that it takes for that."""
    intensities: tuple[str, ...] = ()
    """Parameters that carry intensity."""
    photons: float = 1.0
    """Brightness of the image that it gives back: few photons are too few for what compares halves of them."""
    deals: bool = False
    """It deals photons out at random, by their place: a shifted image is dealt otherwise."""


FREE = {"penalty": "none"}
TABLE = {
    "richardson-lucy": Row(),
    "richardson-lucy-total-variation": Row(exact=FREE),
    "maximum-likelihood": Row(exact={"weight": 0.0}),
    "maximum-likelihood-good-roughness": Row(exact={"roughness": 0.0}),
    "gradient-consensus": Row(photons=1e5, deals=True),
    "identity": Row(),
    "naive-inverse": Row(exact={"floor": 0.0}),
    "tikhonov": Row(exact={"weight": 0.0}, intensities=("noise",)),
    "regularized-inverse": Row(exact={"weight": 0.0}, intensities=("noise",)),
    "wiener": Row(exact={"noise": 0.0}, intensities=("noise",)),
    "landweber": Row(intensities=("low", "high")),
    "non-negative-least-squares": Row(intensities=("low", "high")),
    "bounded-least-squares": Row(intensities=("low", "high")),
    "gold": Row(),
    "tikhonov-miller": Row(exact={"weight": 0.0}),
    "iterative-constrained-tikhonov-miller": Row(exact={"weight": 0.0}),
    "van-cittert": Row(),
    "jansson-van-cittert": Row(exact={"high": 200.0}, iterations=60, intensities=("high",)),
    "iterative-deconvolve-3d": Row(exact={"smooth_xy": 0.0, "smooth_z": 0.0}),
    "wpl": Row(exact={"smooth_xy": 0.0, "smooth_z": 0.0, "wiener": 0.0}),
    "cgls": Row(),
    "mrnsd": Row(iterations=40),
    "hybr": Row(),
    "ista": Row(exact=FREE),
    "fista": Row(exact=FREE),
    "primal-dual": Row(exact=FREE, iterations=150),
}
SIZES = [
    ((16, 20), (5, 7)),
    ((17, 19), (4, 6)),
    ((8, 16, 12), (3, 5, 7)),
    ((7, 11, 13), (4, 6, 3)),
    ((5, 9, 9), (9, 12, 11)),
]

# The PSFs are of random numbers: odd ones, to find errors with, that a user would be warned of.
pytestmark = pytest.mark.filterwarnings("ignore:the PSF has a pedestal", "ignore:the PSF is off-centre")
every = pytest.mark.parametrize("name", ALGORITHMS)


def run(image, psf, algorithm, iterations, **settings):
    return deconvolve(
        image, psf, algorithm, iterations=iterations, **{"gain": 1.0, "background": 0.0, "stop": "none", **settings}
    )


def scene(shape, size, seed=0):
    rng = np.random.default_rng(seed)
    psf = rng.random(size, np.float32) + 0.1
    psf[tuple(m // 2 for m in size)] += 0.2 * psf.sum()
    psf /= psf.sum()
    H = Blur(psf, shape)
    specimen = np.zeros(H.shape, np.float32)
    specimen[tuple(rng.integers(0, n, 12) for n in H.shape)] = 500
    return rng.poisson(H.forward(specimen) + 5).astype(np.uint16), psf


def setting(name):
    return ALGORITHMS[name].replace(**TABLE[name].exact)


def same(one, other, name):
    """Equal but for rounding; where photons are dealt at random, alike."""
    if TABLE[name].deals:
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.98
    else:
        np.testing.assert_allclose(one, other, atol=1e-4 * abs(one).max())


def test_the_table_is_complete():
    assert set(TABLE) == set(ALGORITHMS)


@every
def test_it_says_where_it_comes_from_and_shows_how_it_is_used(name):
    doc = type(ALGORITHMS[name]).__doc__
    assert "doi:" in doc
    assert ">>>" in doc


@every
def test_it_has_a_family_and_a_line_on_when_to_use_it(name):
    algorithm = ALGORITHMS[name]
    assert algorithm.family in {"direct", "additive", "Krylov", "multiplicative", "proximal"}
    assert 15 < len(algorithm.use) < 120
    assert not algorithm.use.endswith(".")


@pytest.fixture(scope="module")
def dim():
    """The hardest of the four specimens for most: a nucleus, of 20 photons."""
    grid, optics = Grid(shape=(48, 48), spacing=(0.08, 0.08)), Microscope(na=1.3, wavelength=0.52, n_sample=1.515)
    camera = Camera(offset=100.0, background=2.0, gain=0.5)
    return camera, *acquire("nucleus", "confocal", optics, grid, photons=20.0, seed=5, camera=camera)


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if not ALGORITHMS[name].needs_diagonal])
def test_with_the_automatic_stop_it_ends_nearer_to_the_truth_than_the_image(name, dim):
    camera, truth, image, psf = dim
    result = deconvolve(image, psf, name, camera=camera, spacing=(0.08, 0.08), stop="auto")
    assert fitted_error(result.image, truth) < 0.95 * fitted_error(image - 102, truth)


@every
@pytest.mark.parametrize(("shape", "size"), SIZES, ids=str)
@pytest.mark.parametrize("boundary", ["open", "mirror", "zero", "periodic"])
def test_shape_type_and_input_are_kept(name, shape, size, boundary):
    image, psf = scene(shape, size)
    image0, psf0 = image.copy(), psf.copy()
    result = run(image, psf, name, 3, boundary=boundary, background=2)
    assert result.image.shape == shape
    assert result.image.dtype == np.float32
    assert np.isfinite(result.image).all()
    assert (image == image0).all()
    assert (psf == psf0).all()
    if ALGORITHMS[name].positive:
        assert result.image.min() >= 0


@every
@pytest.mark.parametrize("shape", [(12, 15), (6, 9, 8)])
def test_identity_gives_the_data_back(name, shape):
    row = TABLE[name]
    image = row.photons * np.random.default_rng(3).poisson(50, shape).astype(float) + 1
    result = run(image, np.ones((1,) * len(shape)), setting(name), row.iterations, background=0.5)
    np.testing.assert_allclose(result.image, image - 0.5, rtol=3e-2 if ALGORITHMS[name].needs_counts else 1e-4)


@every
def test_one_plane_is_an_image(name):
    image, psf = scene((17, 20), (5, 6))
    flat, plane = run(image, psf, name, 4).image, run(image[None], psf[None], name, 4).image[0]
    np.testing.assert_allclose(flat, plane, atol=1e-4 * flat.max())


@every
def test_it_shifts_with_its_input(name):
    # Without penalties, which do not reach round the edges.
    image, psf = scene((12, 15), (3, 5))
    here = run(image, psf, setting(name), 4, boundary="periodic").image
    there = run(np.roll(image, (3, -4), (0, 1)), psf, setting(name), 4, boundary="periodic").image
    same(np.roll(here, (3, -4), (0, 1)), there, name)


@every
def test_it_scales_with_all_intensities(name):
    image, psf = scene((12, 15), (3, 5))
    for exact in (ALGORITHMS[name], setting(name)):
        given = {field: getattr(exact, field) for field in TABLE[name].intensities}
        scaled = exact.replace(**{field: None if value is None else value * 8 for field, value in given.items()})
        one = run(image.astype(float), psf, exact, 4, background=2.0).image
        eight = run(image * 8.0, psf, scaled, 4, background=16.0, gain=1 / 8).image
        np.testing.assert_allclose(one * 8, eight, rtol=1e-4, atol=1e-5 * eight.max())


@every
def test_its_objective_falls(name):
    image, psf = scene((8, 16, 12), (3, 5, 7))
    algorithm = ALGORITHMS[name]
    y, background = Deconvolution().camera.expected(image, algorithm.needs_counts)
    boundary = "periodic" if algorithm.needs_diagonal else "open"
    H = StationaryPsf(psf).model(image.shape, boundary, diagonal=algorithm.needs_diagonal, background=background)
    start = np.full(H.shape, image.mean(), np.float32)
    values = [
        algorithm.objective(step.estimate, y, H) for step in iterate(y, H, algorithm, start.copy(), [Iterations(12)])
    ]
    assert values[-1] < values[0]
    if algorithm.monotone:
        assert max(np.diff(values)) <= 1e-6 * abs(values[0])


@every
def test_threads_do_not_change_a_bit(name):
    image, psf = scene((20, 24, 22), (5, 7, 7))
    one, two = (run(image, psf, name, 3, threads=threads).image for threads in (1, 2))
    assert (one == two).all()


@every
def test_it_survives_a_file(name):
    for algorithm in (ALGORITHMS[name], setting(name)):
        assert Algorithm.of(json.loads(json.dumps(algorithm.to_dict()))) == algorithm
    job = Deconvolution(algorithm=setting(name), iterations=7)
    assert Deconvolution.of(json.loads(json.dumps(job.to_dict()))) == job


@every
@pytest.mark.parametrize("acceleration", [name for name in ACCELERATIONS if name != "none"])
def test_acceleration_needs_no_memory_and_gets_further(name, acceleration):
    if not isinstance(ALGORITHMS[name], Memoryless):
        with pytest.raises(ValueError, match="no parameter 'acceleration'"):
            deconvolve(np.ones((8, 8)), np.ones((1, 1)), name, acceleration=acceleration)
        return
    image, psf = scene((8, 16, 12), (3, 5, 7))
    measure = "misfit" if ALGORITHMS[name].needs_counts else "squares"
    plain, moved = (
        getattr(run(image, psf, name, 25, acceleration=a).history[-1], measure) for a in ("none", acceleration)
    )
    assert moved < plain


@every
def test_equal_runs_are_equal(name):
    image, psf = scene((12, 15), (3, 5))
    assert (run(image, psf, name, 3).image == run(image, psf, name, 3).image).all()
