"""Photon splitting: independent images from one, by thinning its counts."""

import math

import numpy as np

from ...arrays import Array

MOST = np.float32(2**53)
"""Electrons that are drawn one by one."""


def split(electrons: np.ndarray, read_noise: float, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Split electrons into two independent images, of `share` and of the rest; they sum to what was given.

        t = Binomial(k, share) + share · (c − c') + √(share (1 − share)) · read_noise · Normal(0, 1),
        c' = c within 0 and 2⁵³,    k = c' rounded at random

    What is beyond is split evenly: below zero there are no photons, and so many have no noise in single precision.

    Source: thinning of Poisson counts, Kingman 1993, ISBN 0198536933, section 5.1; of Gaussian noise, the same with its
    variance.

    >>> import numpy as np
    >>> kept, rest = split(np.full((100, 100), 40.0), 0.0, 0.7, np.random.default_rng(0))
    >>> round(float(kept.mean())), round(float(kept.mean() + rest.mean()))
    (28, 40)
    """
    positive = np.clip(electrons, 0, MOST)
    whole = np.floor(positive)
    whole += rng.random(positive.shape, np.float32) < positive - whole
    kept = rng.binomial(whole.astype(np.int64), share).astype(np.float32)
    kept += np.float32(share) * (electrons - positive)
    if read_noise:
        kept += np.float32(math.sqrt(share * (1 - share)) * read_noise) * rng.standard_normal(kept.shape, np.float32)
    return kept, (electrons - kept).astype(np.float32)
