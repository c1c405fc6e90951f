"""Acceleration: over specimens the likelihood never falls behind the plain update, few iterations do, and the best
estimate is as good.
"""

from functools import cache

import numpy as np
import pytest
from scipy.special import eval_jacobi

from napari_deconvolution import ALGORITHMS, Camera, Grid, Microscope
from napari_deconvolution.algorithms.forward.formation import StationaryPsf
from napari_deconvolution.algorithms.methods.acceleration import ACCELERATIONS, NuMethod
from napari_deconvolution.algorithms.metrics.errors import divergence, fitted_error
from napari_deconvolution.algorithms.problem import Problem
from napari_deconvolution.arrays import Workers
from napari_deconvolution.optics.psf import MODELS
from napari_deconvolution.simulation.acquisition import acquire
from napari_deconvolution.simulation.specimens import SPECIMENS

SPECIMEN = {
    "filaments": SPECIMENS["filaments"].replace(width=0.3),
    "beads": SPECIMENS["beads"].replace(diameter=0.5, concentration=100.0),
    "nucleus": SPECIMENS["nucleus"],
    "bars": SPECIMENS["bars"].replace(wall=0.3),
}
UPDATES = {"momentum": 33, "biggs-andrews": 30, "nu-method": 21}
"""To the likelihood of 100 plain ones, at most."""


@cache
def problem(specimen):
    optics = Microscope(na=1.3, wavelength=0.52, n_immersion=1.515, n_sample=1.515)
    camera = Camera(offset=100.0, background=10.0, gain=1.0)
    grid = Grid(shape=(64, 64), spacing=(0.1, 0.1))
    truth, image, psf = acquire(
        SPECIMEN[specimen], MODELS["born-wolf"], optics, grid, photons=500.0, seed=1, camera=camera
    )
    return truth, Problem(image, StationaryPsf(psf / psf.sum()), camera, ALGORITHMS["richardson-lucy"], threads=1)


@cache
def curves(specimen, acceleration, iterations):
    """Divergence and error of every estimate."""
    truth, made = problem(specimen)
    y, H = made.y, made.H
    found = []
    walk = ALGORITHMS["richardson-lucy"].assign(acceleration=acceleration).iterates(y, H, made.begin(y))
    for _, x in zip(range(iterations + 1), walk, strict=False):
        found.append((divergence(y, H.forward(x) + np.float32(H.background)), fitted_error(x[H.inside], truth)))
    return np.array(found).T


def test_the_table_is_complete():
    assert {"none", *UPDATES} == set(ACCELERATIONS)


@pytest.mark.parametrize("acceleration", UPDATES)
@pytest.mark.parametrize("specimen", SPECIMEN)
def test_the_likelihood_never_falls_behind_and_few_updates_do(specimen, acceleration):
    plain, errors = curves(specimen, "none", 250)
    fast, found = curves(specimen, acceleration, 60)
    for n in range(1, 31):
        for later in (n, int(1.5 * n), 2 * n):
            assert fast[later] <= plain[n] * (1 + 1e-5)
    assert (fast <= plain[100]).argmax() in range(1, UPDATES[acceleration] + 1)
    assert 20 * np.log10(found.min() / errors.min()) < 0.15


@pytest.mark.parametrize("nu", [1.0, 2.0, 3.5])
def test_on_a_linear_problem_the_nu_method_is_jacobi_polynomials(nu):
    """The factor left of a frequency of rate r after k steps is P_k(1 − 2 · 0.95 r) / P_k(1), P_k of Jacobi, 2ν − 1/2
    and −1/2.
    """
    rates = np.linspace(0, 1, 101)
    x = np.ones(rates.size, np.float32)

    def iterations():
        while True:
            yield x
            np.multiply(x, (1 - rates).astype(np.float32), out=x)

    walk = NuMethod(nu=nu).drive(iterations(), None)
    for k, made in zip(range(-1, 30), walk, strict=False):
        if k >= 0:
            left = eval_jacobi(k, 2 * nu - 0.5, -0.5, 1 - 1.9 * rates) / eval_jacobi(k, 2 * nu - 0.5, -0.5, 1.0)
            np.testing.assert_allclose(made, (1 - rates) * left, atol=2e-5)


@pytest.mark.parametrize("acceleration", UPDATES)
def test_estimates_do_not_depend_on_the_threads(acceleration):
    def last(threads):
        x = np.random.default_rng(0).random((640, 640), np.float32)

        def iterations():
            while True:
                yield x
                np.sqrt(x, out=x)

        walk = ACCELERATIONS[acceleration].drive(iterations(), 1e-6, Workers(threads))
        for _ in range(9):
            found = next(walk).copy()
        return found

    one = last(1)
    assert all((last(threads) == one).all() for threads in (2, 3))
