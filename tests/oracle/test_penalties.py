"""Gradients against differences of the value, proximal steps against a general minimiser, values against closed
forms.
"""

import numpy as np
import pytest
import scipy.optimize

from napari_deconvolution import PENALTIES
from napari_deconvolution.algorithms.penalties.good_roughness import GoodRoughness
from napari_deconvolution.algorithms.penalties.hessian_schatten import HessianSchatten
from napari_deconvolution.algorithms.penalties.total_variation import TotalVariation
from napari_deconvolution.algorithms.penalties.wavelet_l1 import WaveletL1

SPACINGS = {2: (1.0, 1.0), 3: (2.5, 1.0, 1.0)}
VARIANTS = {
    **{name: PENALTIES[name] for name in PENALTIES if name not in ("none", "wavelet-l1")},
    "hessian-schatten-1": HessianSchatten(order=1),
    **{
        f"wavelet-l1 {wavelet}{'' if decimated else ' undecimated'}": WaveletL1(
            wavelet=wavelet, levels=2, decimated=decimated
        )
        for wavelet in ("haar", "b-spline")
        for decimated in (True, False)
    },
}
every = pytest.mark.parametrize("name", VARIANTS)


@pytest.mark.parametrize("name", [name for name in VARIANTS if "wavelet" not in name])
@pytest.mark.parametrize("shape", [(8, 9), (5, 6, 7), (1, 6, 7)])
def test_gradient_is_the_slope_of_the_value(name, shape):
    rng = np.random.default_rng(1)
    # Powers of two and a coarse step, so that float32 differences are exact enough; the kink at 0 is far away.
    x = (np.round(64 * rng.random(shape)) / 8 + 1).astype(np.float32)
    penalty, spacing = VARIANTS[name], SPACINGS[len(shape)]
    gradient = penalty.gradient(x, spacing)
    assert gradient.shape == shape
    step = 2.0**-6
    for at in [tuple(rng.integers(0, n) for n in shape) for _ in range(8)] + [
        (0,) * len(shape),
        tuple(n - 1 for n in shape),
    ]:
        up, down = x.copy(), x.copy()
        up[at] += step
        down[at] -= step
        slope = (penalty.value(up, spacing) - penalty.value(down, spacing)) / (2 * step)
        assert gradient[at] == pytest.approx(slope, rel=2e-2, abs=2e-2 * penalty.weight)


@pytest.mark.parametrize("name", [name for name in VARIANTS if "wavelet" in name])
@pytest.mark.parametrize("shape", [(8, 9), (5, 6, 7), (1, 6, 7)])
def test_gradient_is_the_slope_of_the_value_of_wavelets(name, shape):
    """Some of many details always lie near 0, where the slope turns: so along directions that change all of them."""
    rng = np.random.default_rng(1)
    x, penalty, spacing = rng.random(shape, np.float32) * 8 + 1, VARIANTS[name], SPACINGS[len(shape)]
    gradient = penalty.gradient(x, spacing)
    for _ in range(8):
        direction = rng.normal(0, 0.01, shape).astype(np.float32)
        slope = (penalty.value(x + direction, spacing) - penalty.value(x - direction, spacing)) / 2
        assert float(np.vdot(gradient, direction)) == pytest.approx(slope, abs=0.02 * penalty.value(direction, spacing))


EPS = 1e-8
"""What rounds the kinks where the formulas are written out once more, in float64: 1e-4, squared."""


def analysed(name, x, spacing):
    """Lx of the penalties Σ‖(Lx)_i‖ of weight 1: along the first axis what the norm takes together."""
    if name == "total-variation":
        return np.stack([np.diff(x, axis=k, append=np.take(x, [-1], k)) / s for k, s in enumerate(spacing)])
    if name.startswith("hessian-schatten"):
        slopes = [np.diff(x, axis=k, append=np.take(x, [-1], k)) / s for k, s in enumerate(spacing)]
        entries = []
        for a in range(x.ndim):
            for b in range(x.ndim):
                first, second = min(a, b), max(a, b)
                d = slopes[first]
                edge = (
                    {"append": np.take(d, [-1], second)} if a != b else {"prepend": np.zeros_like(np.take(d, [0], a))}
                )
                entries.append(np.diff(d, axis=second, **edge) / spacing[second])
        return np.stack(entries)
    if name.startswith("wavelet-l1 haar"):
        return (haar_all(x) if name.endswith("undecimated") else haar_pairs(x))[None]
    return None


def norms(name, c):
    """Σ of the norms, and its slope by c."""
    if name == "hessian-schatten-1":
        d = int(np.sqrt(len(c)))
        values, vectors = np.linalg.eigh(np.moveaxis(c.reshape(d, d, -1), -1, 0))
        size = np.sqrt(values**2 + EPS)
        slope = np.einsum("nij,nj,nkj->nik", vectors, values / size, vectors)
        return size.sum(), np.moveaxis(slope, 0, -1).reshape(c.shape)
    size = np.sqrt((c * c).sum(0) + EPS)
    return size.sum(), c / size


def l1(x, spacing):
    return np.sqrt(x * x + EPS).sum()


def tikhonov(x, spacing):
    return np.sqrt(x.size * (x * x).sum())


def entropy(x, spacing):
    x = np.maximum(x, 1e-12)
    return (x * np.log(x / x.mean())).sum()


def roots_slopes(x, spacing):
    root = np.sqrt(np.maximum(x, 1e-14))
    return [np.diff(root, axis=k, append=np.take(root, [-1], k)) / s for k, s in enumerate(spacing)]


def root_total_variation(x, spacing):
    return (np.sqrt(sum(slope**2 for slope in roots_slopes(x, spacing)) + 0.25) - 0.5).sum()


def good_roughness(x, spacing):
    return 4 * sum((slope**2).sum() for slope in roots_slopes(x, spacing))


WRITTEN_OUT = {
    "l1": l1,
    "tikhonov": tikhonov,
    "entropy": entropy,
    "root-total-variation": root_total_variation,
    "good-roughness": good_roughness,
}
"""The penalties of weight 1 once more, from their formulas; those of the form Σ‖(Lx)_i‖ stand in `analysed`."""

ALWAYS = ("entropy", "good-roughness", "root-total-variation")
"""Their proximal step keeps x ≥ 0 even where it is not asked to."""

ROUNDED = {"total-variation": 1}
"""How many kinks per voxel their value rounds by 10⁻³ of the mean, to count from there."""


def written_out(name, x, spacing):
    c = analysed(name, x, spacing)
    if c is not None:
        return norms(name, c)[0]
    assert name in WRITTEN_OUT, f"write the formula of {name} once more, as a row of WRITTEN_OUT"
    return WRITTEN_OUT[name](x, spacing)


def haar_pairs(x):
    """Details of the orthonormal Haar transform, 2 levels, by sums and differences of neighbours."""
    details = []
    for _ in range(2):
        parts = [x]
        for axis in range(x.ndim):
            even, odd = (slice(None),) * axis + (slice(0, None, 2),), (slice(None),) * axis + (slice(1, None, 2),)
            parts = [op(p[even], p[odd]) / np.sqrt(2) for op in (np.add, np.subtract) for p in parts]
        x = parts[0]
        details += [p.ravel() for p in parts[1:]]
    return np.concatenate(details)


def haar_all(x):
    """Details of the undecimated Haar transform, 2 levels, periodic."""
    details = []
    for stride in (1, 2):
        parts = [x]
        for axis in range(x.ndim):
            parts = [op(p, np.roll(p, -stride, axis)) / 2 for op in (np.add, np.subtract) for p in parts]
        x = parts[0]
        details += [p.ravel() for p in parts[1:]]
    return np.concatenate(details)


WRITTEN = [name for name in VARIANTS if "b-spline" not in name]


@pytest.mark.parametrize("name", WRITTEN)
def test_value_is_that_of_the_formula(name):
    x, spacing = np.random.default_rng(5).random((8, 4, 4)) + 0.5, SPACINGS[3]
    value = VARIANTS[name].replace(weight=1.0).value(x.astype(np.float32), spacing)
    rounding = 1e-3 * x.sum() * ROUNDED.get(name, 0)
    assert value == pytest.approx(written_out(name, x, spacing), rel=1e-4, abs=rounding)


def minimised(name, v, t, spacing, positive):
    """argmin ‖u − v‖² / 2 + t · penalty(u) by a quasi-Newton method that knows it by its value, and by its slope where
    L is a matrix.
    """
    bounds = [(0, None) if positive else (None, None)] * v.size
    sample = analysed(name, v, spacing)
    matrix = (
        None
        if sample is None
        else np.stack([analysed(name, e.reshape(v.shape), spacing).ravel() for e in np.eye(v.size)], 1)
    )

    def aim(u):
        return 0.5 * ((u - v.ravel()) ** 2).sum() + t * written_out(name, u.reshape(v.shape), spacing)

    def with_slope(u):
        value, slope = norms(name, (matrix @ u).reshape(sample.shape))
        return 0.5 * ((u - v.ravel()) ** 2).sum() + t * value, u - v.ravel() + t * slope.ravel() @ matrix

    options = {"maxiter": 5000, "maxfun": 10**6, "ftol": 1e-13, "maxcor": 30}
    start = np.maximum(v.ravel(), 0.1)
    known = matrix is not None
    found = scipy.optimize.minimize(
        with_slope if known else aim, start, jac=known, method="L-BFGS-B", bounds=bounds, options=options
    )
    return found.x.reshape(v.shape), aim


def by_prox(name, v, t, spacing, positive):
    penalty, x, kept = VARIANTS[name].replace(weight=1.0), v.astype(np.float32), None
    for _ in range(1000 if name == "hessian-schatten-1" else 200):
        x[...] = v
        kept = penalty.prox(x, t, spacing, positive, kept)
    return x


def agree(name, shape, positive):
    v, spacing = np.random.default_rng(7).normal(1.0, 1.0, shape), SPACINGS[len(shape)]
    want, aim = minimised(name, v, 0.2, spacing, positive)
    got = by_prox(name, v, 0.2, spacing, positive)
    # Of what the prox minimises, ½‖u − v‖² + ..., an excess e means an error of at most √(2e); the general method
    # leaves some itself.
    assert aim(got.astype(float).ravel()) <= aim(want.ravel()) + 2e-4 * v.size**0.5
    np.testing.assert_allclose(got, want, atol=0.03)


CASES = [(name, positive) for name in WRITTEN for positive in (False, True) if positive or name not in ALWAYS]


@pytest.mark.parametrize(("name", "positive"), CASES)
def test_prox_is_the_minimum_on_a_small_image(name, positive):
    agree(name, (4, 4), positive)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "positive"), CASES)
def test_prox_is_the_minimum_on_a_small_volume(name, positive):
    agree(name, (8, 8, 8), positive)


@pytest.mark.parametrize("wavelet", ["haar", "b-spline"])
@pytest.mark.parametrize("decimated", [True, False])
def test_wavelet_prox_by_the_conditions_of_its_minimum(wavelet, decimated):
    """v − u = t Wᵀp on the details, |p| ≤ 1 and p the sign of each detail that is not 0; found by another route than
    the minimum itself.
    """
    from napari_deconvolution.algorithms.penalties.wavelet_transform import approximation, decompose, recompose

    v, t = np.random.default_rng(8).normal(0, 1, (12, 13)).astype(np.float32), 0.3
    penalty, kept = WaveletL1(weight=1.0, wavelet=wavelet, levels=2, decimated=decimated), None
    for _ in range(100):
        u = v.copy()
        kept = penalty.prox(u, t, (1.0, 1.0), False, kept)
    details = decompose(u, wavelet, 2, decimated)
    details[approximation(v.shape, 2, decimated)] = 0
    # Fenchel: ⟨v − u, u⟩ = t Σ|details(u)|, and nowhere is the slope of the sum below that: both need |p| ≤ 1.
    assert float(np.vdot(v - u, u)) == pytest.approx(t * float(np.abs(details).sum()), rel=2e-3)
    rng = np.random.default_rng(9)
    for _ in range(20):
        other = rng.normal(0, 1, v.shape).astype(np.float32)
        bound = decompose(other, wavelet, 2, decimated)
        bound[approximation(v.shape, 2, decimated)] = 0
        assert float(np.vdot(v - u, other)) <= t * float(np.abs(bound).sum()) * 1.001
    assert recompose(decompose(v, wavelet, 2, decimated), wavelet, 2, decimated) == pytest.approx(v, abs=1e-5)


def test_total_variation_of_a_step():
    step = np.zeros((6, 7, 8), np.float32)
    step[:, :, 4:] = 3
    assert TotalVariation(weight=0.1).value(step, (1.0, 1.0, 1.0)) == pytest.approx(0.1 * 3 * 6 * 7, rel=1e-2)


def test_total_variation_across_planes_counts_by_their_distance():
    step = np.zeros((6, 7, 8), np.float32)
    step[3:] = 3
    assert TotalVariation(weight=0.1).value(step, (3.0, 1.0, 1.0)) == pytest.approx(0.1 * 1 * 7 * 8, rel=1e-2)


@every
def test_a_step_against_the_gradient_lowers_it(name):
    """The sign; with the opposite one, as in a known program, the penalty roughens."""
    x = np.random.default_rng(2).random((8, 8, 8), np.float32) + 1
    penalty, spacing = VARIANTS[name].replace(weight=0.1), SPACINGS[3]
    gradient = penalty.gradient(x, spacing)
    assert (
        penalty.value(x - 0.01 * gradient, spacing)
        < penalty.value(x, spacing)
        < penalty.value(x + 0.01 * gradient, spacing)
    )


@pytest.mark.parametrize("name", ["total-variation", "good-roughness", "hessian-schatten"])
def test_the_gradient_is_centred(name):
    """Of a symmetric image it is nearly symmetric: with a divergence one voxel off, as in a known program, it is
    not.
    """
    y, x = np.indices((15, 15)) - 7.0
    image = np.exp(-(x * x + y * y) / 8).astype(np.float32) + 0.2
    gradient = PENALTIES[name].gradient(image, (1.0, 1.0))
    moment = [float((gradient * axis).sum() / np.abs(gradient).sum()) for axis in (y, x)]
    assert np.abs(moment).max() < 0.25


def test_good_roughness_is_that_of_the_recipe():
    """−4 λ Δ√x / √x, with z differences scaled by (dy/dz)², held between −0.5 and 20."""
    x = np.random.default_rng(3).random((5, 6, 7)) + 0.01
    root, ratio = np.sqrt(x), 1 / 2.5**2
    around = np.pad(root, 1, mode="edge")
    laplacian = (around[:-2, 1:-1, 1:-1] + around[2:, 1:-1, 1:-1] - 2 * root) * ratio
    laplacian += (
        around[1:-1, :-2, 1:-1] + around[1:-1, 2:, 1:-1] + around[1:-1, 1:-1, :-2] + around[1:-1, 1:-1, 2:] - 4 * root
    )
    want = np.clip(-4 * 0.1 * laplacian / root, -0.5, 20)
    assert (want == -0.5).any()
    np.testing.assert_allclose(GoodRoughness(weight=0.1).gradient(x.astype(np.float32), SPACINGS[3]), want, atol=2e-5)
