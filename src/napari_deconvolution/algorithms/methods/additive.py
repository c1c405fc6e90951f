"""Least squares by additive iterations: the classics, each with its constraint inside the loop."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...arrays import Array, At, chunks, floor_of, inner
from ...parameters import param
from ..forward.base import Forward
from .base import ALGORITHMS, Algorithm, Memoryless, Volumes
from .least_squares import SAFE_STEP, bending, bending_bound, residual, safe_step, squares


@ALGORITHMS.register("landweber")
@dataclass(frozen=True)
class Landweber(Memoryless):
    """Gradient descent on least squares, held within bounds at every update; for noise that is even over the image.

        x ← P( x − τ · Hᵀ(Hx + b − y) ),    τ = relaxation / L with L ≥ ‖H‖²,    P: clip to the bounds

    With the bound 0 it is non-negative least squares. Noise grows with the number of iterations. Slow; momentum helps
    much.

    Source: Landweber 1951, doi:10.2307/2372313; with the projection, Eicke 1992, doi:10.1080/01630569208816489; for
    microscopy, Sage et al. 2017, doi:10.1016/j.ymeth.2016.12.015.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "non-negative-least-squares", iterations=50)
    >>> bool(result.image.min() == 0), bool(result.image[6, 6] > 2 * h.max())
    (True, True)
    """

    family = "additive"
    use = "uniform noise, negative values, or bounds on the brightness; slow without momentum"
    monotone = True
    floor = None

    low: float | None = param(None, "Lower bound of the estimate; none: no bound", label="Lower bound", unit="counts")
    high: float | None = param(None, "Upper bound of the estimate; none: no bound", label="Upper bound", unit="counts")
    within_data: bool = param(
        False,
        "Keep the estimate between the lowest and the highest value of the data above the background",
        label="Bounds from the data",
        importance="advanced",
    )
    relaxation: float = param(
        1.0, "Step length; it diverges from 2 on", label="Relaxation factor", importance="advanced", low=0.01, high=1.99
    )

    @property
    def positive(self) -> bool:
        return self.low is not None and self.low >= 0

    def plain_iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        low, high = self.bounds(y, H.background)
        step, misfit = np.float32(self.relaxation) * safe_step(H), residual(y, H)

        def descend(back: Array, at: At) -> None:
            back *= step
            np.subtract(x[at], back, out=back)
            x[at] = back if low is None and high is None else np.clip(back, low, high, out=back)

        while True:
            yield x
            H.through(x, misfit, descend)

    def bounds(self, y: Array, background: float) -> tuple[float | None, float | None]:
        """The bounds for these data.

        Raises
        ------
        ValueError
            If no estimate within them could explain the data.
        """
        lowest, highest = float(y.min()) - background, float(y.max()) - background
        low, high = self.low, self.high
        if self.within_data:
            low, high = max(lowest, lowest if low is None else low), min(highest, highest if high is None else high)
        if lowest == highest:  # an even image: any bounds will do
            return low, high
        if low is not None and low >= highest:
            raise ValueError(
                f"low = {low:g}: the data reach only {highest:g} above the background; choose a bound below that."
            )
        least = lowest if low is None else max(lowest, low)
        if high is not None and high <= least:
            raise ValueError(f"high = {high:g}: it must lie above {least:g}, the lowest that data and bounds allow.")
        return low, high

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (SAFE_STEP,)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


ALGORITHMS.alias("non-negative-least-squares", Landweber(low=0.0), "Non-negative least squares")
ALGORITHMS.alias("bounded-least-squares", Landweber(low=0.0, within_data=True))


@ALGORITHMS.register("gold")
@dataclass(frozen=True)
class Gold(Memoryless):
    """Gold's ratio method: least squares by products, never negative, never diverging.

        x ← x · Hᵀy / Hᵀ(Hx + b)

    The form x · y / (Hx), also known by this name, converges only where H is symmetric and has no negative eigenvalue;
    with Hᵀ on both sides every H will do, and ‖Hx + b − y‖ falls with every update.

    Source: Gold 1964, doi:10.2172/4634295; as image space reconstruction, Daube-Witherspoon & Muehllehner 1986,
    doi:10.1109/TMI.1986.4307748.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> bool(deconvolve(np.pad(h, 4), h, "gold", iterations=50).image[6, 6] > 3 * h.max())
    True
    """

    family = "additive"
    use = "comparison with papers that used it; bright images with uniform noise"
    needs_counts = True
    positive = True
    monotone = True

    def plain_iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        background, target = np.float32(H.background), H.adjoint(y)
        tiny = np.float32(floor_of(target))
        np.maximum(target, 0, out=target)

        def expected(blurred: Array, at: At) -> Array:
            blurred += background
            return blurred

        def update(back: Array, at: At) -> None:
            x[at] *= np.divide(target[at], np.maximum(back, tiny, out=back), out=back)

        while True:
            yield x
            H.through(x, expected, update)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(1),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


@ALGORITHMS.register("tikhonov-miller", "Tikhonov–Miller")
@dataclass(frozen=True)
class TikhonovMiller(Memoryless):
    """Gradient descent on least squares plus roughness: what `regularized-inverse` does at once, with honest edges.

        x ← x − τ · ( Hᵀ(Hx + b − y) + weight · LᵀLx ),    L: Laplacian over the spacing

    Source: Tikhonov & Arsenin 1977; Engl, Hanke & Neubauer 1996, doi:10.1007/978-94-009-1740-8; Miller 1970,
    doi:10.1137/0501006; in microscopy, van der Voort & Strasters 1995, J. Microsc. 178:165.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> bool(deconvolve(np.pad(h, 4), h, "tikhonov-miller", iterations=50).image[6, 6] > 1.5 * h.max())
    True
    """

    family = "additive"
    use = "negative values and differences of images, smooth specimens"
    monotone = True

    weight: float = param(
        1e-3, "Weight of the smoothness penalty against the misfit", label="Regularization weight", low=0, high=1e6
    )

    def plain_iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        weight, misfit = np.float32(self.weight), residual(y, H)
        step = np.float32(1 / (1 / float(safe_step(H)) + self.weight * bending_bound(H)))
        bent = np.zeros((), np.float32)

        def descend(back: Array, at: At) -> None:
            back += weight * bent[at]
            back *= step
            x[at] -= back

        while True:
            yield x
            bent = bending(bending(x, H.spacing), H.spacing)
            H.through(x, misfit, descend)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (SAFE_STEP, Volumes(3.1))

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        bent = bending(x, H.spacing)
        return squares(x, y, H) + self.weight * inner(bent, bent)


@ALGORITHMS.register("iterative-constrained-tikhonov-miller", "Iterative constrained Tikhonov–Miller")
@dataclass(frozen=True)
class IterativeConstrainedTikhonovMiller(Algorithm):
    """ICTM: conjugate gradients on least squares plus roughness, not below 0 at any update; fast for even noise.

        d ← −g + β d,    g = Hᵀ(Hx + b − y) + weight · LᵀLx,    x ← max( 0, x + α d ),    α: the exact minimum along d

    L is the Laplacian over the spacing. β is that of Polak and Ribière; voxels at 0 that would go below it take no part
    in g and d, so the search goes on among the others. Costs 1.5 plain iterations for each.

    Source: van der Voort & Strasters 1995, J. Microsc. 178:165; van Kempen et al. 1997,
    doi:10.1046/j.1365-2818.1997.d01-629.x.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "iterative-constrained-tikhonov-miller", iterations=20)
    >>> bool(result.image.min() == 0), bool(result.image[6, 6] > 2 * h.max())
    (True, True)
    """

    family = "additive"
    use = "uniform noise and non-negative images; close to the default where its weight suits the image"
    positive = True

    weight: float = param(
        1e-3, "Weight of the smoothness penalty against the misfit", label="Regularization weight", low=0, high=1e6
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        weight, misfit = np.float32(self.weight), residual(y, H)
        gradient, before, direction = np.empty_like(x), np.zeros_like(x), np.zeros_like(x)
        seen, last = np.empty(H.data_shape, np.float32), np.inf

        def store(back: Array, at: At) -> None:
            back += weight * bent[at]
            gradient[at] = back

        while True:
            yield x
            bent = bending(bending(x, H.spacing), H.spacing)
            H.through(x, misfit, store)
            for values, g in chunks(x, gradient):
                g[(values <= 0) & (g > 0)] = 0
            norm = inner(gradient, gradient)
            beta = max(0.0, norm - inner(gradient, before)) / last
            for values, g, d in chunks(x, gradient, direction):
                d *= np.float32(beta)
                d -= g
                d[(values <= 0) & (d < 0)] = 0
            if inner(direction, gradient) >= 0:
                np.negative(gradient, out=direction)
            bent = bending(direction, H.spacing)
            H.forward(direction, seen)
            curvature = inner(seen, seen) + self.weight * inner(bent, bent)
            if curvature <= 0:
                return
            length = np.float32(-inner(direction, gradient) / curvature)
            for values, d in chunks(x, direction):
                np.maximum(values + length * d, 0, out=values)
            np.copyto(before, gradient)
            last = norm

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(6.1, 1),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        bent = bending(x, H.spacing)
        return squares(x, y, H) + self.weight * inner(bent, bent)
