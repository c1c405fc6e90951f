"""Iterations that add the misfit itself, without going back through the microscope: van Cittert and what came of him.

They need data and estimate on one grid, so the data are mirrored at the edges and cropped afterwards, as by the direct
filters. With the boundary `open`, which they cannot have, they take `mirror`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...arrays import Array
from ...parameters import param
from ..forward.base import Forward
from ..forward.periodic import Spectral, diagonal
from .base import ALGORITHMS, Algorithm, Volumes
from .least_squares import squares


class OneGrid(Algorithm):
    """Data and estimate on one periodic grid."""

    family = "additive"
    needs_diagonal = True

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return squares(x, y, H)


@ALGORITHMS.register("van-cittert", "Van Cittert")
@dataclass(frozen=True)
class VanCittert(OneGrid):
    """Add what the estimate does not explain: the oldest method, for teaching.

        x ← x + relaxation · (y − b − Hx)

    Converges only where the real part of the OTF is positive, which that of an aberrated microscope is not; noise grows
    fast.

    Source: van Cittert 1931, doi:10.1007/BF01391351.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> bool(deconvolve(np.pad(h, 4), h, "van-cittert", iterations=50).image[6, 6] > 3 * h.max())
    True
    """

    use = "teaching: the oldest method; bright images and a PSF without aberrations only"

    relaxation: float = param(
        1.0, "Fraction of the misfit that is added", label="Relaxation factor", low=0.01, high=1.99
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        while True:
            yield x
            x += np.float32(self.relaxation) * (y - np.float32(H.background) - H.forward(x))

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(3.1),)


@ALGORITHMS.register("jansson-van-cittert", "Jansson–van Cittert")
@dataclass(frozen=True)
class JanssonVanCittert(OneGrid):
    """Van Cittert's update, damped towards bounds, so that it never leaves them: for teaching.

        x ← x + r(x) · (y − b − Hx),    r(x) = relaxation · (1 − |2x − high| / high),    0 ≤ x ≤ high

    Source: Jansson, Hunt & Plyler 1970, doi:10.1364/JOSA.60.000596; in microscopy, Agard 1984,
    doi:10.1146/annurev.bb.13.060184.001203.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "jansson-van-cittert", iterations=50, high=20)
    >>> bool(result.image.min() >= 0), bool(result.image[6, 6] > 2 * h.max())
    (True, True)
    """

    use = "comparison with papers that used it; bright images only"
    positive = True

    high: float | None = param(
        None,
        "Upper bound of the estimate; none: four times the brightest value of the data",
        label="Upper bound",
        unit="counts",
    )
    relaxation: float = param(
        1.0,
        "Fraction of the misfit that is added half way between the bounds",
        label="Relaxation factor",
        low=0.01,
        high=1.99,
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        brightest = float(y.max()) - H.background
        high = 4 * brightest if self.high is None else self.high
        if high < brightest or high <= 0:
            raise ValueError(
                f"high = {high:g}: the data reach {brightest:g} above the background; choose a bound above that."
            )
        while True:
            yield x
            misfit = y - np.float32(H.background) - H.forward(x)
            misfit *= np.float32(self.relaxation) * (1 - np.abs(2 * x - np.float32(high)) / np.float32(high))
            np.clip(x + misfit, 0, high, out=x)

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(4.1),)


@ALGORITHMS.register("iterative-deconvolve-3d", "Iterative Deconvolve 3D")
@dataclass(frozen=True)
class IterativeDeconvolve3D(OneGrid):
    """Van Cittert's update with positivity, smoothing and an optional Wiener filter beforehand, as Dougherty's ImageJ
    plugin.

        x ← max( 0, G · max( 0, x + (y − Ax) / Σ|a| ) ),    G: low pass exp(−(smooth · f)²), f in cycles per voxel

    A is H and y the data above the background; with `wiener` > 0 both are first filtered by OTF* / (|OTF|² + wiener ·
    max|OTF|²), so that it works on a nearly sharp problem. The sum Σ|a| of the PSF then in force keeps the update
    stable. Ends when the mean change, |x − x before| over |x|, is below `terminate`; unlike in the plugin, that is the
    change itself, not the change of the change.

    Source: Dougherty 2005, doi:10.2514/6.2005-2961.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> result = deconvolve(np.pad(h, 4), h, "iterative-deconvolve-3d", iterations=50)
    >>> result.iterations < 50, bool(result.image.min() >= 0), bool(result.image[6, 6] > 1.5 * h.max())
    (True, True, True)
    """

    use = "comparison with results of the ImageJ plugin of this name"
    positive = True

    wiener: float = param(
        0.0,
        "Strength of the Wiener filter applied beforehand; 0 for none, else 0.0001 to 0.1",
        label="Wiener prefilter",
        low=0,
        high=10,
    )
    smooth_xy: float = param(
        1.0,
        "Width of the low-pass filter along y and x",
        label="Low-pass along x and y",
        low=0,
        high=100,
        unit="pixels",
    )
    smooth_z: float = param(
        1.0, "Width of the low-pass filter along z", label="Low-pass along z", low=0, high=100, unit="planes"
    )
    anti_ringing: bool = param(
        True, "Fade the data beyond the edges into their own blur", label="Anti-ringing", importance="advanced"
    )
    terminate: float = param(
        0.01,
        "Mean change at which it ends; 0: never",
        label="Termination threshold",
        importance="advanced",
        low=0,
        high=100,
        unit="%",
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        S = diagonal(H, self.name)
        low_pass, otf = self._low_pass(S), S.otf
        data = y - np.float32(S.background)
        if self.anti_ringing:
            fade = _beyond(S)
            data = (1 - fade) * data + fade * S.forward(data)
        if self.wiener:
            power = np.square(otf.real) + np.square(otf.imag)
            weakener = otf.conj() / (power + np.float32(self.wiener * float(power.max())))
            data, otf = S.inverse(S.transform(data) * weakener), otf * weakener
        size = np.float32(np.abs(S.inverse(otf.copy())).sum(dtype=np.float64))
        while True:
            yield x
            before = x.copy()
            x += (data - S.inverse(S.transform(x) * otf)) / size
            np.maximum(x, 0, out=x)
            np.maximum(S.inverse(S.transform(x) * low_pass), 0, out=x)
            before -= x
            change = 100 * float(np.abs(before).sum(dtype=np.float64)) / (float(x.sum(dtype=np.float64)) or 1.0)
            if change < self.terminate:
                yield x
                return

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(8.1 if self.wiener else 5.6),)

    def _low_pass(self, H: Spectral) -> Array:
        smooth = ([self.smooth_z] if len(H.shape) == 3 else []) + [self.smooth_xy] * 2
        return np.exp(-sum((s * f) ** 2 for s, f in zip(smooth, H.frequencies, strict=True))).astype(np.float32)


ALGORITHMS.alias("wpl", IterativeDeconvolve3D(wiener=0.01), "WPL")


def _beyond(H: Spectral) -> Array:
    """How far beyond the data a voxel lies: 0 inside, 1 where it is farthest from both ends, the greatest of all
    axes.
    """
    depth = np.zeros(H.shape, np.float32)
    for axis, (n, data) in enumerate(zip(H.shape, H.size, strict=True)):
        gap = n - data
        i = np.arange(1, gap + 1)
        share = np.minimum(i, gap + 1 - i) * 2 / (gap + 1)
        lines = depth.swapaxes(0, axis)[data:]
        np.maximum(lines, share.astype(np.float32).reshape(-1, *(1,) * (depth.ndim - 1)), out=lines)
    return depth
