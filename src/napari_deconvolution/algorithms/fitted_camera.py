"""The camera by the fit: where no frequency shows the noise alone, what a fit leaves of an image is a measure of it."""

from dataclasses import replace

import numpy as np

from ..arrays import Array, at_least, floor_of
from .camera.background import background_of
from .camera.noise import Noise, noise_line
from .driver import iterate
from .methods.acceleration import NuMethod
from .methods.richardson_lucy import RichardsonLucy
from .problem import Problem
from .stopping.rules import Iterations

UPDATES, VOXELS = 8, 250_000
"""With so many, what is left of the specimen and what is fitted of the noise about balance; in a part of at most so
many voxels.
"""

LEFT = 0.6
"""Share of the noise that the fit of a plane leaves: 0.5 to 0.7 on 24 simulated ones; of a stack it leaves nearly
all.
"""

CAREFUL = 0.8
"""A gain too high makes noise look like photons, one too low smooths a little more: so rather this share of what was
found.
"""


def fitted_camera(problem: Problem, unsaid: bool) -> tuple[Problem, dict[str, float]]:
    """The problem with a camera whose gain, and offset if that is unsaid, come from a fit; and what was found.

    First the offset, from how the residual of a fit grows with brightness, then the gain:

        gain ≈ 0.8 · left / mean of (y − m)² / m,    m = Hx + b after 8 iterations of Richardson–Lucy, accelerated by
        the ν-method

    for the variance of photon noise is m / gain, of which the fit leaves a share. On 12 simulated planes of 20 and 2000
    photons it came to 0.65 to 1.1 times the gain, and what was left of the loss of not knowing it was 0.2 dB on average
    (docs/stopping.md).
    """
    found: dict[str, float] = {}
    if unsaid:
        known = problem.camera.known
        offset, background, _ = background_of(known.offset + known.background, problem.formation, 0.0, _noise(problem))
        found |= {"offset": offset, "background": background}
        problem = replace(problem, camera=problem.camera.replace(**found))
    y, expected = _fit(problem)
    planes = max(problem.formation.field(problem.image.shape)[:-2], default=1)
    left = CAREFUL * (LEFT if planes == 1 else 1.0)
    found["gain_by_fit"] = left / max(
        float((np.square(y - expected) / expected).mean(dtype=np.float64)),
        1e-10 * float(expected.mean(dtype=np.float64)),
    )
    return replace(problem, camera=problem.camera.replace(gain=found["gain_by_fit"])), found


def _noise(problem: Problem) -> Noise | None:
    """What the residual of a fit tells that begins with all but the noise of the darkest region as the camera's
    offset.
    """
    level = problem.camera.known.background
    below = problem.image[problem.image < level].astype(np.float64)
    light = min(3 * float(np.sqrt(np.square(below - level).mean())), level) if below.size else level
    y, expected = _fit(replace(problem, camera=problem.camera.replace(offset=level - light, background=light)))
    try:
        seen = noise_line(expected, np.square(y - expected))
    except ValueError:
        return None
    return seen.at(level - light)


def _fit(problem: Problem) -> tuple[Array, Array]:
    """The data of the brightest part, and what is expected of them after the fit."""
    part = problem.part(problem.formation.brightest(problem.image, VOXELS))
    part = replace(part, algorithm=RichardsonLucy(acceleration=NuMethod()))
    x, H = part.begin(part.y), part.H
    for _ in iterate(part.y, H, part.algorithm, x, [Iterations(UPDATES)]):
        pass
    expected = H.forward(x)
    expected += np.float32(H.background)
    return part.y, at_least(expected, floor_of(part.y), out=expected)
