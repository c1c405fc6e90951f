"""How fast this machine is: a few iterations on noise, before a plan is made."""

import math
import time

import numpy as np

from ..algorithms.forward.formation import StationaryPsf
from ..algorithms.stopping.base import STOPS
from ..recipes.recipe import Recipe
from ..runs import finished

ITERATIONS, EDGE, PLANES = 3, 64, 32
"""Of a trial, and how large it is."""


def pace(
    recipe: Recipe, formation: StationaryPsf, shape: tuple[int, ...], voxel: tuple[float, ...] | None, threads: int
) -> float:
    """Seconds that a voxel of the padded volume takes in an iteration, with so many threads.

    The cost of a voxel hardly depends on the size of the volume (docs/performance.md).
    """
    small = (*(min(n, PLANES) for n in shape[:-2]), *(min(n, EDGE) for n in shape[-2:]))
    values = np.random.default_rng(0).poisson(20.0, small).astype(np.float32)
    trial = recipe.replace(threads=threads, iterations=ITERATIONS, stop=STOPS["none"]).assign(
        background=1.0, gain=1.0, offset=0.0, read_noise=0.0
    )
    began = time.perf_counter()
    result = finished(trial.steps(values, StationaryPsf(formation.psf), spacing=voxel, level=19.0, known=True))
    seconds = result.history[-1].seconds if result.history else time.perf_counter() - began
    work = formation.work(small, recipe.boundary, diagonal=recipe.algorithm.needs_diagonal, threads=threads)
    return seconds / (max(result.iterations, 1) * math.prod(work.shape))
