"""Photon splitting: independent images from one, by thinning its counts."""

import math

import numpy as np

from ...arrays import Array


def split(electrons: np.ndarray, read_noise: float, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Split electrons into two independent images, of `share` and of the rest; they sum to what was given.

        t = Binomial(k, share) + share · min(c, 0) + √(share (1 − share)) · read_noise · Normal(0, 1),    k = max(c, 0)
        rounded at random

    Source: thinning of Poisson counts, Kingman 1993, ISBN 0198536933, section 5.1; of Gaussian noise, the same with its
    variance.

    >>> import numpy as np
    >>> kept, rest = split(np.full((100, 100), 40.0), 0.0, 0.7, np.random.default_rng(0))
    >>> round(float(kept.mean())), round(float(kept.mean() + rest.mean()))
    (28, 40)
    """
    positive = np.maximum(electrons, 0)
    whole = np.floor(positive)
    whole += rng.random(positive.shape, np.float32) < positive - whole
    kept = rng.binomial(whole.astype(np.int64), share).astype(np.float32)
    kept += np.float32(share) * np.minimum(electrons, 0)
    if read_noise:
        kept += np.float32(math.sqrt(share * (1 - share)) * read_noise) * rng.standard_normal(kept.shape, np.float32)
    return kept, (electrons - kept).astype(np.float32)
