"""The camera by the fit: where no frequency shows the noise alone, what a fit leaves of an image is a measure of it."""

from dataclasses import replace

import numpy as np

from ..arrays import Array, at_least
from .camera.background import background_of
from .camera.noise import Noise, noise_line
from .camera.region import brightest
from .driver import steps
from .methods.acceleration import NuMethod
from .methods.richardson_lucy import RichardsonLucy
from .problem import Problem
from .stopping.rules import Iterations

UPDATES, VOXELS = 8, 250_000
"""With so many, what is left of the specimen and what is fitted of the noise about balance; in a part of at most so many voxels."""

LEFT = 0.6
"""Share of the noise that the fit of a plane leaves: 0.5 to 0.7 on 24 simulated ones."""


def fitted_camera(problem: Problem, unsaid: bool) -> tuple[Problem, dict[str, float]]:
    """The problem with a camera whose gain, and offset if that is unsaid, come from a fit; and what was found.

    First the offset, from how the residual of a fit grows with brightness, then the gain:

        gain ≈ left / mean of (y − m)² / m,    m = Hx + b after 8 updates of Richardson–Lucy, accelerated by the ν-method

    for the variance of photon noise is m / gain, of which the fit of a plane leaves about 0.6, and that of a stack nearly all. On
    simulated images of 5 to 3000 photons it came to 0.7 to 1.5 times the gain (docs/stopping.md).
    """
    found: dict[str, float] = {}
    if unsaid:
        offset, background, _ = background_of(problem.image, problem.psf, 0.0, _noise(problem))
        found |= {"offset": offset, "background": background}
        problem = replace(problem, camera=problem.camera.replace(**found))
    y, expected = _fit(problem)
    left = LEFT if max(problem.image.shape[:-2], default=1) == 1 else 1.0
    found["gain by the fit"] = left / max(float((np.square(y - expected) / expected).mean(dtype=np.float64)), 1e-30)
    return replace(problem, camera=problem.camera.replace(gain=found["gain by the fit"])), found


def _noise(problem: Problem) -> Noise | None:
    y, expected = _fit(problem)
    try:
        return noise_line(expected, np.square(y - expected))
    except ValueError:
        return None


def _fit(problem: Problem) -> tuple[Array, Array]:
    """The data of the brightest part, and what is expected of them after the fit."""
    part = replace(problem.part(brightest(problem.image, VOXELS)), algorithm=RichardsonLucy(acceleration=NuMethod()))
    x, H = part.begin(part.y), part.H
    for _ in steps(part.y, H, part.algorithm, x, [Iterations(UPDATES)]):
        pass
    expected = H.forward(x)
    expected += np.float32(H.background)
    return part.y, at_least(expected, 1e-6 * float(part.y.max()) or 1.0, out=expected)
