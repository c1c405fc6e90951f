"""Richardson–Lucy that stops by itself, where two halves of the photons no longer agree."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...arrays import Array, chunks, floor_of
from ...parameters import param
from ..camera.photon_splitting import split
from ..forward.base import Forward
from ..metrics.errors import divergence
from .base import ALGORITHMS, Algorithm, Volumes


@ALGORITHMS.register("gradient-consensus")
@dataclass(frozen=True)
class GradientConsensus(Algorithm):
    """Richardson–Lucy that stops by itself, voxel by voxel: only what two halves of the photons agree on is updated.

        x ← x · Hᵀ( y / (Hx + b) ) / Hᵀ1    where    HᵀH( (g₁ − 1) · (g₂ − 1) ) ≥ 0,    g_k = Hᵀ( 2 y_k / (Hx + b) ) /
        Hᵀ1

    y₁ + y₂ = y are the photons dealt out to two halves, once, at random. For images of 100 photons or more, without
    anything to choose; ends when less than 1 % of the voxels are updated. It needs the camera's gain. Costs about 3
    plain iterations for each.

    Source: Manton et al. 2023, the program RLGC, github.com/jdmanton/rlgc; the update is that of Richardson 1972,
    doi:10.1364/JOSA.62.000055.

    >>> import numpy as np
    >>> from napari_deconvolution import deconvolve
    >>> h = np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0])
    >>> image = np.random.default_rng(0).poisson(100 * np.pad(h, 4))
    >>> result = deconvolve(image, h, "gradient-consensus", iterations=50)
    >>> bool(result.image.max() > 500)
    True
    """

    family = "multiplicative"
    use = "200 photons or more, no settings: noise is suppressed voxel by voxel"
    needs_counts = True
    needs_gain = True
    positive = True

    seed: int = param(
        0, "Seed of the random halves of the photons", label="Random seed", importance="advanced", low=0, high=2**32 - 1
    )

    def iterates(self, y: Array, H: Forward, x: Array) -> Iterator[Array]:
        weight, background, tiny = H.weight, np.float32(H.background), np.float32(floor_of(y))
        electrons = np.maximum(y, 0) * np.float32(H.gain)
        first = split(electrons, 0.0, 0.5, np.random.default_rng(self.seed))[0] / np.float32(H.gain)
        expected, ratio = np.empty(H.data_shape, np.float32), np.empty(H.data_shape, np.float32)
        mean, one, agreed = np.empty(H.shape, np.float32), np.empty(H.shape, np.float32), 1.0
        while True:
            yield x
            if agreed < 0.01:
                return
            np.maximum(H.forward(x, expected) + background, tiny, out=expected)
            H.adjoint(np.divide(y, expected, out=ratio), mean)
            np.divide(first, expected, out=ratio)
            H.adjoint(ratio, one)
            for part, half, sensitivity in chunks(mean, one, weight):
                part /= sensitivity
                half *= 2 / sensitivity
                # g₁ and g₂ lie on either side of their mean.
                np.multiply(half - 1, 2 * part - half - 1, out=half)
            H.adjoint(H.forward(one, ratio), one)
            count = 0
            for values, factor, consensus in chunks(x, mean, one):
                agree = consensus >= 0
                np.multiply(values, factor, out=values, where=agree)
                count += int(np.count_nonzero(agree))
            agreed = count / x.size

    def volumes(self, shape: tuple[int, ...], iterations: int) -> tuple[Volumes, ...]:
        return (Volumes(2, 4),)

    def objective(self, x: Array, y: Array, H: Forward) -> float:
        return divergence(y, H.forward(x) + H.background)
