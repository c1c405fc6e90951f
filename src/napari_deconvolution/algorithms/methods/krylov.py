"""Krylov methods: least squares with the best step in all directions seen so far; few iterations, for noise that is
even over the image.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ...arrays import Array, chunks, inner
from ...parameters import param
from ..forward.base import Forward
from .base import ALGORITHMS, Algorithm, Volumes
from .least_squares import squares

Apply = Callable[[Array], Array]

PRECONDITIONER = (
    "Fraction of the strongest frequency above which the FFT preconditioner evens frequencies out; none: "
    "no preconditioner"
)


def evened(gram: Apply, shape: tuple[int, ...], tolerance: float | None) -> Apply:
    """P: divides frequencies by |OTF| where it is above the tolerance, so that HP is nearly the identity there; else
    leaves them.

    |OTF|² is the spectrum of what `gram`, HᵀH or HHᵀ, makes of a point in the middle: of a convolution that is P up to
    the edges, of any other H an approximation. P is its own transpose.
    """
    if tolerance is None:
        return lambda x: x
    point = np.zeros(shape, np.float32)
    point[tuple(n // 2 for n in shape)] = 1
    otf = np.sqrt(np.abs(scipy.fft.rfftn(gram(point))))
    otf /= otf.max()
    gain = 1 / np.where(otf >= tolerance, otf, np.float32(1))
    return lambda x: scipy.fft.irfftn(scipy.fft.rfftn(x) * gain, shape)


@ALGORITHMS.register("cgls", "CGLS")
@dataclass(frozen=True)
class Cgls(Algorithm):
    """Conjugate gradients on least squares: the fewest iterations of all, but noise soon comes in, and values below 0.

        x ← x + α d,    r ← r − α Hd,    s = Hᵀr,    d ← P²s + β d

    Noise is in it after 5 to 20 iterations, so it takes the automatic stop, unless another is asked for. P is the
    preconditioner.

    Source: Hestenes & Stiefel 1952, doi:10.6028/jres.049.044; Björck 1996, doi:10.1137/1.9781611971484; the FFT
    preconditioner, Nagy, Plemmons & Torgersen 1996, IEEE Trans. Image Process. 5:1151.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> bool(deconvolve(np.pad(h, 4), h, "cgls", iterations=20).image[6, 6] > 2 * h.max())
    True
    """

    family = "Krylov"
    use = "negative values and uniform noise, in very few iterations; stops automatically"
    monotone = True
    usual_stop = "auto"

    preconditioner: float | None = param(
        None, PRECONDITIONER, label="Preconditioner cut-off", importance="advanced", low=1e-6, high=1
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        P = evened(lambda v: H.adjoint(H.forward(v)), H.shape, self.preconditioner)
        residual = y - np.float32(H.background) - H.forward(x)
        slope, seen = H.adjoint(residual), np.empty(H.data_shape, np.float32)
        better = P(P(slope))
        direction, norm = better.copy(), inner(slope, better)
        first = norm
        while True:
            yield x
            H.forward(direction, seen)
            curvature = inner(seen, seen)
            if norm <= 1e-12 * first or curvature <= 0:
                return
            length = np.float32(norm / curvature)
            for values, d in chunks(x, direction):
                values += length * d
            for values, d in chunks(residual, seen):
                values -= length * d
            H.adjoint(residual, slope)
            better = P(P(slope))
            norm, last = inner(slope, better), norm
            direction *= np.float32(norm / last)
            direction += better

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(2, 2),) if self.preconditioner is None else (Volumes(7, 2),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


@ALGORITHMS.register("mrnsd", "MRNSD")
@dataclass(frozen=True)
class Mrnsd(Algorithm):
    """Modified residual-norm steepest descent: least squares that cannot fall below 0; steadier than CGLS, and slower.

        x ← x + α s,    s = x · Hᵀr,    r = y − b − Hx,    α = min( ⟨s, Hᵀr⟩ / ‖Hs‖², the first at which a voxel reaches
        0 )

    It takes the automatic stop, unless another is asked for. Negative data need no shift. With the preconditioner the
    misfit is ‖P(y − b − Hx)‖, P acting on the data.

    Source: Nagy & Strakoš 2000, doi:10.1117/12.402439; after Kaufman 1987, IEEE Trans. Med. Imaging 6:37.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "mrnsd", iterations=50)
    >>> bool(result.image.min() >= 0), bool(result.image[6, 6] > 2 * h.max())
    (True, True)
    """

    family = "Krylov"
    use = "uniform noise and non-negative images, no settings: stops automatically"
    positive = True
    monotone = True
    usual_stop = "auto"

    preconditioner: float | None = param(
        None, PRECONDITIONER, label="Preconditioner cut-off", importance="advanced", low=1e-6, high=1
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        P = self._evened(H)
        residual = P(y - np.float32(H.background) - H.forward(x))
        np.maximum(x, 0, out=x)
        slope, step, seen = np.empty_like(x), np.empty_like(x), np.empty(H.data_shape, np.float32)
        while True:
            yield x
            H.adjoint(P(residual), slope)
            longest = math.inf
            for values, g, s in chunks(x, slope, step):
                np.multiply(values, g, out=s)
                lowest = float(g.min(where=values > 0, initial=0))
                longest = min(longest, -1 / lowest if lowest < 0 else math.inf)
            made = P(H.forward(step, seen))
            curvature = inner(made, made)
            if curvature <= 0:
                return
            length = np.float32(min(inner(step, slope) / curvature, longest))
            for values, s in chunks(x, step):
                np.maximum(values + length * s, 0, out=values)
            for values, m in chunks(residual, np.ascontiguousarray(made)):
                values -= length * m

    def _evened(self, H: Forward) -> Apply:
        return evened(lambda v: H.forward(H.adjoint(v)), H.data_shape, self.preconditioner)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(2, 2),) if self.preconditioner is None else (Volumes(3, 6),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        misfit = self._evened(H)(y - np.float32(H.background) - H.forward(x))
        return inner(misfit, misfit)


@ALGORITHMS.register("hybr", "HyBR")
@dataclass(frozen=True)
class Hybr(Algorithm):
    """Hybrid bidiagonalisation: CGLS whose every estimate is regularised by weighted cross-validation; nothing to
    choose, it stops itself.

        x = x₀ + P V_k f,    f: minimum of ‖B_k f − β e₁‖² + λ² ‖f‖²,    HP V_k = U_(k+1) B_k by Golub and Kahan

    λ makes least G(λ) = k ‖B_k f − β e₁‖² / trace( I − ω B_k B_λ⁺ )², where ω is learnt from the first projections.
    Ends when the same function of k, at the λ chosen, has its minimum behind it. V_k keeps one volume for every update,
    and is kept orthogonal.

    Source: Chung, Nagy & O'Leary 2008, ETNA 28:149; within Golub & Kahan 1965, doi:10.1137/0702016, and Nagy, Palmer &
    Perrone 2004, doi:10.1023/B:NUMA.0000027762.08431.64.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> noisy = np.pad(h * 50, 8) + np.random.default_rng(0).normal(size=(21, 21))
    >>> result = deconvolve(noisy, h, "hybr")
    >>> result.iterations < 50, bool(result.image[10, 10] > 75 * h.max())
    (True, True)
    """

    family = "Krylov"
    use = "negative values and uniform noise, no settings: stops by itself"

    preconditioner: float | None = param(
        None, PRECONDITIONER, label="Preconditioner cut-off", importance="advanced", low=1e-6, high=1
    )
    omega: float | None = param(
        None,
        "Weight of the cross-validation; none: adapted during the run, 1: unweighted",
        label="Cross-validation weight ω",
        importance="advanced",
        low=0.01,
        high=1,
    )
    patience: int = param(
        10,
        "Number of iterations without a lower minimum before it ends",
        label="Patience",
        importance="advanced",
        low=1,
        high=100_000,
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        P = evened(lambda v: H.adjoint(H.forward(v)), H.shape, self.preconditioner)
        start, basis, alphas = x.copy(), list[Array](), list[float]()
        learnt, curve, solutions = list[float](), list[float](), list[NDArray[np.float64]]()
        u = y - np.float32(H.background) - H.forward(x)
        betas = [_normalise(u)]
        yield x
        while True:
            v = np.ascontiguousarray(P(H.adjoint(u)))
            if basis:
                v -= np.float32(betas[-1]) * basis[-1]
            for before in basis:
                v -= np.float32(inner(v, before)) * before
            alphas.append(_normalise(v))
            if alphas[-1] <= 1e-6 * alphas[0]:
                return
            basis.append(v)
            u *= np.float32(-alphas[-1])
            u += H.forward(np.ascontiguousarray(P(v)))
            betas.append(_normalise(u))
            projected = Projected.of(alphas, betas, y.size)
            learnt.append(min(1.0, projected.least_omega()))
            omega = float(np.mean(learnt)) if self.omega is None else self.omega
            # Data that fewer directions than there are data explain without a rest have no noise.
            exact = betas[-1] <= 1e-6 * alphas[0] and len(alphas) < y.size
            weight = 0.0 if exact else projected.chosen(omega)
            curve.append(projected.across(weight, y.size))
            solutions.append(projected.solution(weight))
            behind = int(np.argmin(curve)) == len(curve) - 1 - self.patience
            step = np.zeros_like(x)
            for f, b in zip(solutions[-1 - self.patience if behind else -1], basis, strict=False):
                step += np.float32(f) * b
            np.add(start, P(step), out=x)
            yield x
            if exact or behind or len(alphas) == y.size:
                return

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(3 + iterations, 1),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


@dataclass(frozen=True)
class Projected:
    """The least squares problem min ‖B f − β e₁‖ that the bidiagonalisation leaves, B lower bidiagonal, one row more
    than columns.
    """

    singular: NDArray[np.float64]
    right: NDArray[np.float64]
    data: NDArray[np.float64]
    """β e₁ in terms of the left singular vectors; the last is beyond the reach of B."""
    rows: int

    @classmethod
    def of(cls, alphas: list[float], betas: list[float], size: int) -> "Projected":
        """From the diagonals, for so many data: at most that many rows count."""
        k = len(alphas)
        B = np.zeros((k + 1, k))
        B[np.arange(k), np.arange(k)], B[np.arange(1, k + 1), np.arange(k)] = alphas, betas[1:]
        left, singular, right = np.linalg.svd(B)
        return cls(singular, right, betas[0] * left[0], min(k + 1, size))

    def solution(self, weight: float) -> NDArray[np.float64]:
        """The minimum for λ = weight."""
        return self.right.T @ (self.singular * self.data[:-1] / (self.singular**2 + weight**2))

    def cross_validation(self, weight: float, omega: float) -> float:
        """G(λ), up to a constant factor."""
        passed = self.singular**2 / (self.singular**2 + weight**2)
        misfit = float(np.sum(((1 - passed) * self.data[:-1]) ** 2) + self.data[-1] ** 2)
        return misfit / (self.rows - omega * float(passed.sum())) ** 2

    def chosen(self, omega: float) -> float:
        """The λ of least G."""

        def score(log_weight: float) -> float:
            return self.cross_validation(math.exp(log_weight), omega)

        grid = np.linspace(math.log(1e-6 * self.singular[0]), math.log(self.singular[0]), 60)
        best = int(np.argmin([score(g) for g in grid]))
        between = (grid[max(best - 1, 0)], grid[min(best + 1, 59)])
        return math.exp(
            scipy.optimize.minimize_scalar(score, bounds=between, method="bounded", options={"xatol": 1e-6}).x
        )

    def least_omega(self) -> float:
        """The ω for which G is least at λ = the smallest singular value: there dG/dλ² = 0."""
        s2, d2 = self.singular**2, self.data[:-1] ** 2
        lam2 = float(s2[-1])
        held = s2 + lam2
        misfit = float(np.sum((lam2 / held) ** 2 * d2) + self.data[-1] ** 2)
        growth = float(np.sum(2 * lam2 * s2 / held**3 * d2))
        passed, falling = float(np.sum(s2 / held)), float(np.sum(s2 / held**2))
        # growth · (m − ω passed) = 2 · misfit · ω · falling
        return growth * self.rows / (growth * passed + 2 * misfit * falling)

    def across(self, weight: float, size: int) -> float:
        """Cross-validation over the number of iterations, at the λ chosen, for data of this size."""
        passed = self.singular**2 / (self.singular**2 + weight**2)
        misfit = float(np.sum(((1 - passed) * self.data[:-1]) ** 2) + self.data[-1] ** 2)
        return size * misfit / (size - float(passed.sum())) ** 2


def _normalise(v: Array) -> float:
    """Scale to norm 1, in place; the norm before."""
    norm = math.sqrt(inner(v, v))
    v *= np.float32(1 / norm if norm else 0)
    return norm
