"""What theory says of Richardson–Lucy, and that a wrong one would not pass."""

from itertools import islice, pairwise

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, deconvolve
from napari_deconvolution.algorithms.forward.base import Forward
from napari_deconvolution.algorithms.forward.blur import Blur
from napari_deconvolution.algorithms.metrics.errors import divergence


def gaussian(shape, sigma):
    axes = [np.exp(-(((np.arange(n) - n // 2) / s) ** 2) / 2) for n, s in zip(shape, sigma, strict=True)]
    psf = axes[0].reshape(-1, *(1,) * (len(axes) - 1))
    for k, axis in enumerate(axes[1:], 1):
        psf = psf * axis.reshape(-1, *(1,) * (len(axes) - 1 - k))
    return (psf / psf.sum()).astype(np.float32)


@pytest.fixture
def observed():
    """Beads that go on beyond the field, imaged by direct summation of Gaussians: no convolution code is shared."""
    rng = np.random.default_rng(4)
    shape, sigma = (10, 24, 26), (2.0, 1.5, 1.5)
    z, y, x = np.indices(shape, float)
    expected = np.zeros(shape)
    for _ in range(25):
        centre = [rng.uniform(-4, n + 4) for n in shape]
        expected += 40 * np.exp(
            -sum(((axis - c) / s) ** 2 for axis, c, s in zip((z, y, x), centre, sigma, strict=True)) / 2
        )
    return rng.poisson(expected + 4).astype(np.float32), gaussian((13, 11, 11), sigma)


def test_photons_are_kept(observed):
    """Without background Σ Hx = Σ y after every update."""
    image, psf = observed
    H = Blur(psf, image.shape)
    sums = []
    deconvolve(
        image,
        psf,
        "richardson-lucy",
        iterations=8,
        background=0,
        watch=lambda step: sums.append(H.forward(step.estimate).sum(dtype=float)),
    )
    np.testing.assert_allclose(sums[1:], image.sum(dtype=float), rtol=1e-5)


def test_update_is_the_textbook_one(observed):
    image, psf = observed
    H, b = Blur(psf, image.shape, threads=1), np.float32(3)
    estimates = []
    deconvolve(
        image,
        psf,
        "richardson-lucy",
        iterations=3,
        background=3,
        watch=lambda step: estimates.append(step.estimate.copy()),
    )
    for before, after in pairwise(estimates):
        want = before * H.adjoint(image / (H.forward(before) + b)) / H.weight
        np.testing.assert_allclose(after, want, rtol=2e-5, atol=1e-6 * want.max())


def test_likelihood_rises_with_background_read_noise_and_offset(observed):
    image, psf = observed
    values = []
    H = Blur(psf, image.shape)

    def watch(step):
        values.append(divergence(image + 4, H.forward(step.estimate) + 3 + 4))

    deconvolve(
        image + 100, psf, "richardson-lucy", iterations=20, offset=100, background=3, read_noise=2, gain=1, watch=watch
    )
    assert max(np.diff(values)) <= 0


def test_a_wrong_background_is_not_made_up_for(observed):
    """The background stays in the model: subtracting it by hand and clipping gives something else."""
    image, psf = observed
    inside = deconvolve(image, psf, "richardson-lucy", iterations=10, background=4).image
    clipped = deconvolve(np.maximum(image - 4, 0), psf, "richardson-lucy", iterations=10, background=0).image
    assert abs(inside - clipped).max() > 0.05 * inside.max()


def test_open_edges_beat_the_others(observed):
    """Beads outside the field shine in: only the open boundary can put their light where it belongs."""
    image, psf = observed
    H = Blur(psf, image.shape)

    def misfit(boundary):
        estimates = []
        deconvolve(
            image,
            psf,
            "richardson-lucy",
            iterations=40,
            background=4,
            boundary=boundary,
            watch=lambda step: estimates.append(step.misfit),
        )
        return estimates[-1]

    assert H.shape > image.shape
    assert misfit("open") < min(misfit("zero"), misfit("periodic"), misfit("mirror"))


class Views(Forward):
    """Several views of one specimen: the data are stacked along a first axis, so that `at` is (view, ...)."""

    def __init__(self, *views):
        self.views, self.shape, self.data_shape = views, views[0].shape, (len(views), *views[0].data_shape)
        self.inside, self.spacing = views[0].inside, views[0].spacing

    def forward(self, x, out=None):
        out = np.empty(self.data_shape, np.float32) if out is None else out
        for H, o in zip(self.views, out, strict=True):
            H.forward(x, o)
        return out

    def adjoint(self, y, out=None):
        out = self.views[0].adjoint(y[0], out)
        for H, v in zip(self.views[1:], y[1:], strict=True):
            out += H.adjoint(v)
        return out


def test_two_equal_views_are_one(observed):
    """An algorithm knows nothing of its forward model but the contract: another one changes nothing."""
    image, psf = observed
    H = Blur(psf, image.shape)
    ends = []
    for y, model in ((image, H), (np.stack([image, image]), Views(H, H))):
        x = np.full(H.shape, image.mean(), np.float32)
        estimates = ALGORITHMS["richardson-lucy"].iterates(y, model, x)
        ends.append(list(islice(estimates, 11))[-1])
    np.testing.assert_allclose(*ends, rtol=1e-3, atol=1e-5 * ends[0].max())
