"""The image formation of one PSF: what it answers against closed forms, and what it keeps."""

import numpy as np
import pytest

from napari_deconvolution import deconvolve, invert
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.forward.formation import ImageFormation, PlannedPsf, StationaryPsf
from napari_deconvolution.algorithms.forward.periodic import Spectral

SIGMA, CAMERA = 1.5, {"gain": 0.5, "background": 3.0}


@pytest.fixture
def psf():
    line = np.exp(-((np.arange(15) - 7) ** 2) / (2 * SIGMA**2))
    return (np.outer(line, line) / line.sum() ** 2).astype(np.float32)


@pytest.fixture
def image():
    y, x = np.indices((60, 52))
    light = 50 + 40 * np.sin(y / 3) * np.cos(x / 4)
    return np.random.default_rng(0).poisson(light).astype(np.float32)


def test_a_gaussian_is_described_by_closed_forms(psf):
    formation = StationaryPsf(psf)
    assert formation.steepest == pytest.approx(np.exp(1 / (2 * SIGMA**2)), rel=1e-5)
    assert formation.reach == ((7, 7), (7, 7))
    assert formation.symmetric
    fy, fx = np.fft.fftfreq(40)[:, None], np.fft.rfftfreq(48)[None]
    want = np.exp(-4 * np.pi**2 * SIGMA**2 * (fy**2 + fx**2))
    np.testing.assert_allclose(formation.power((40, 48)), want, atol=1e-4)


def test_the_margin_of_a_part_ends_where_the_field_ends():
    formation = StationaryPsf(np.ones((4, 7), np.float32))
    outer, inner = formation.around((slice(2, 10), slice(1, 20)), (11, 40))
    assert outer == (slice(1, 11), slice(0, 23))
    assert inner == (slice(1, 9), slice(1, 20))


@pytest.mark.parametrize("diagonal", [False, True])
def test_the_otf_is_kept_for_the_next_image_of_the_same_kind(psf, diagonal):
    formation = StationaryPsf(psf)
    first = formation.model((20, 30), "mirror", diagonal=diagonal)
    formation.part((slice(0, 9), slice(0, 9))).model((9, 9), "mirror", diagonal=diagonal)
    again = formation.model((20, 30), "mirror", diagonal=diagonal, background=4.0, gain=2.0)
    assert again.otf is first.otf
    assert (again.background, again.gain) == (4.0, 2.0)
    assert formation.model((21, 30), "mirror", diagonal=diagonal).otf is not first.otf
    assert formation.model((21, 30), "mirror", diagonal=not diagonal).otf.dtype != first.otf.dtype


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_planned_psf_takes_the_memory_of_the_one_that_is_made(psf, symmetric):
    made = psf if symmetric else np.pad(psf, ((0, 1), (0, 0)))[1:]
    planned = PlannedPsf(psf.shape, symmetric)
    for diagonal in (False, True):
        assert planned.work((64, 64), "open", diagonal=diagonal) == StationaryPsf(made).work(
            (64, 64), "open", diagonal=diagonal
        )


def test_invert_on_the_model_of_a_psf_is_deconvolve(psf, image):
    H = Blur(psf, image.shape, background=CAMERA["background"])
    for algorithm in ("richardson-lucy", "maximum-likelihood"):
        known, found = (
            deconvolve(image, psf, algorithm, iterations=25, **CAMERA),
            invert(image, H, algorithm, iterations=25, gain=0.5),
        )
        assert (found.image == known.image).all()
        assert found.reason == known.reason
        assert found.search == known.search
    assert H.gain == 1.0  # what is not asked for stays as it was


def test_invert_on_a_diagonal_model_runs_direct_filters(psf, image):
    H = Spectral(psf, image.shape, "mirror", background=CAMERA["background"])
    known = deconvolve(image, psf, "tikhonov", weight=0.01, boundary="mirror", **CAMERA)
    assert (invert(image, H, "tikhonov", weight=0.01).image == known.image).all()


def test_invert_begins_where_it_is_told(psf, image):
    H = Blur(psf, image.shape, "zero")
    start = np.full(image.shape, 7.0)
    seen = []
    invert(image, H, start=start, iterations=1, watch=lambda step: seen.append(step.estimate[step.inside].copy()))
    np.testing.assert_allclose(seen[0], start)


def test_one_s_own_formation_needs_a_model_alone(psf, image):
    class Own(ImageFormation):
        def model(self, shape, boundary, **about):
            return StationaryPsf(psf).model(shape, boundary, **about)

    known = deconvolve(image, psf, "richardson-lucy", iterations=5, **CAMERA).image
    assert (deconvolve(image, Own(), "richardson-lucy", iterations=5, **CAMERA).image == known).all()
