"""One table, every penalty: what all of them promise. A member without a source or an example fails."""

import json
import math
import tracemalloc

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, PENALTIES, deconvolve
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.penalties.base import Penalty

every = pytest.mark.parametrize("name", PENALTIES)
weighted = pytest.mark.parametrize("name", [name for name in PENALTIES if name != "none"])
SHAPES = [((16, 20), (1.0, 1.0)), ((17, 19), (1.0, 1.0)), ((1, 9, 8), (3.0, 1.0, 1.0)), ((7, 11, 13), (2.5, 1.0, 1.0))]
shaped = pytest.mark.parametrize(("shape", "spacing"), SHAPES, ids=str)


def image(shape, seed=0):
    return np.random.default_rng(seed).random(shape, np.float32) * 100 + 5


@every
def test_it_says_where_it_comes_from_and_shows_how_it_is_used(name):
    doc = type(PENALTIES[name]).__doc__
    assert "doi:" in doc
    assert ">>>" in doc


@every
def test_it_survives_a_file(name):
    assert Penalty.of(json.loads(json.dumps(PENALTIES[name].to_dict()))) == PENALTIES[name]


@every
@shaped
def test_only_the_prox_changes_its_input(name, shape, spacing):
    penalty, x = PENALTIES[name], image(shape)
    before, out = x.copy(), np.empty(shape, np.float32)
    assert penalty.value(x, spacing) >= 0
    gradient = penalty.gradient(x, spacing)
    assert (gradient.shape, gradient.dtype) == (shape, np.float32)
    if name != "none":
        assert penalty.gradient(x, spacing, out=out) is out
        assert (out == gradient).all()
    assert (x == before).all()


@every
@shaped
def test_its_weight_has_no_unit(name, shape, spacing):
    """In other units of intensity the penalty is another number of those units, and the slope is the same."""
    penalty, x = PENALTIES[name], image(shape)
    other = penalty.of_counts(1 / 8)
    assert other.value(8 * x, spacing) == pytest.approx(8 * penalty.value(x, spacing), rel=1e-4)
    np.testing.assert_allclose(other.gradient(8 * x, spacing), penalty.gradient(x, spacing), atol=1e-6)


@weighted
@shaped
@pytest.mark.parametrize("positive", [False, True])
def test_the_prox_lowers_what_it_minimises(name, shape, spacing, positive):
    penalty, v, step = PENALTIES[name].replace(weight=0.5), image(shape), 20.0
    x = v.copy()
    kept = None
    for _ in range(40):
        x[...] = v
        kept = penalty.prox(x, step, spacing, positive, kept)

    def aim(u):
        return 0.5 * float(np.square(u - v, dtype=np.float64).sum()) + step * penalty.value(u, spacing)

    # A strict minimum: also lower than all around it.
    rng = np.random.default_rng(1)
    for size in (1e-1, 1.0):
        assert aim(x) < aim(np.maximum(x + rng.normal(0, size, shape).astype(np.float32), 0))
    assert aim(x) < aim(v)
    if positive:
        assert x.min() >= 0


@weighted
def test_without_weight_it_is_no_penalty(name):
    penalty, x, spacing = PENALTIES[name].replace(weight=0.0), image((9, 8)) - 50, (1.0, 1.0)
    before = x.copy()
    assert penalty.value(np.abs(x), spacing) == 0
    assert not penalty.gradient(np.abs(x), spacing).any()
    penalty.prox(x, 3.0, spacing, True)
    np.testing.assert_allclose(x, np.maximum(before, 0), atol=1e-5)


@weighted
@pytest.mark.parametrize("algorithm", ["richardson-lucy", "ista", "primal-dual"])
def test_it_holds_down_what_it_is_to_hold_down(name, algorithm):
    """In whatever method: the stronger the weight, the smaller the penalty at the end."""
    rng = np.random.default_rng(2)
    psf = np.outer(*[np.exp(-((np.arange(9) - 4) ** 2) / 4)] * 2).astype(np.float32)
    truth = np.zeros((20, 22), np.float32)
    truth[5:12, 6:16] = 60
    data = rng.poisson(Blur(psf / psf.sum(), truth.shape, "zero").forward(truth) + 3)
    ends = []
    for weight in (0.0, 0.003, 0.012):
        penalty = PENALTIES[name].replace(weight=weight)
        method = ALGORITHMS[algorithm].replace(penalty=penalty)
        x = deconvolve(data, psf, method, iterations=40, background=3, boundary="zero", stop="none", gain=1).image
        ends.append(PENALTIES[name].replace(weight=1.0).value(x, (1.0, 1.0)))
    assert ends[0] > ends[1] > ends[2]


@weighted
@pytest.mark.parametrize("shape", [(800, 800), (16, 200, 200)])
@pytest.mark.parametrize("prox", [False, True])
def test_its_memory_is_what_it_says(name, shape, prox):
    """But for what is worked on at once, which does not grow with the image."""
    penalty, x, spacing = PENALTIES[name], image(shape), (1.0,) * len(shape)
    kept, out = None, np.empty(shape, np.float32)
    tracemalloc.start()
    for _ in range(2):
        if prox:
            kept = penalty.prox(x, 1.0, spacing, True, kept)
        else:
            penalty.gradient(x, spacing, out=out)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken <= 1.05 * penalty.volumes(shape, prox) * x.nbytes + 2**20


LIMITED = [name for name in PENALTIES if math.isfinite(PENALTIES[name].late_limit((8, 9), (1.0, 1.0)))]


@pytest.mark.parametrize("shape", [(8, 9), (5, 6, 7), (1, 6, 7)])
@pytest.mark.parametrize("name", LIMITED)
def test_too_strong_one_step_late_is_refused(name, shape):
    """Just below the limit the worst estimate still leaves the denominator positive; at it, the weight is refused."""
    spacing = (1.0,) * len(shape)
    limit = PENALTIES[name].late_limit(shape, spacing)
    d = sum(n > 1 for n in shape)
    if name == "total-variation":
        assert limit == pytest.approx(1 / (d + np.sqrt(d)))
    x = np.zeros(shape, np.float32)
    x[tuple(n // 2 for n in shape)] = 1000
    x += 1e-3
    lowest = PENALTIES[name].replace(weight=limit).gradient(-x, spacing).min()
    assert -1.001 <= lowest < -0.95
    image, psf = np.full(shape, 9.0), np.ones((1,) * len(shape))
    for weight in (limit, 1.0):
        with pytest.raises(ValueError, match=rf"weight = .*{name}.*below 0\.\d+ on this image.*primal-dual"):
            deconvolve(
                image,
                psf,
                "richardson-lucy",
                penalty=PENALTIES[name].replace(weight=weight),
                gain=1,
                background=0,
                stop="none",
            )
    fine = PENALTIES[name].replace(weight=0.99 * limit)
    assert (
        deconvolve(
            image, psf, "richardson-lucy", penalty=fine, gain=1, background=0, stop="none", iterations=2
        ).iterations
        == 2
    )


def test_more_levels_than_the_image_has_room_for_are_refused():
    with pytest.raises(
        ValueError, match=r"levels = 6: an estimate of shape \(16, 20\) has room for 1 to 4; choose fewer levels"
    ):
        deconvolve(np.ones((16, 20)), np.ones((1, 1)), "ista", **{"penalty.levels": 6})
