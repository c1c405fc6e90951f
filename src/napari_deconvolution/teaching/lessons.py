"""Six steps from the loss of contrast to the wrong PSF, each an experiment and what it teaches."""

from typing import NamedTuple

from .experiment import Experiment


class Lesson(NamedTuple):
    """What to do, what to look at, and what it teaches.

    >>> [lesson.experiment.algorithm.name for lesson in LESSONS][:4]
    ['identity', 'naive-inverse', 'naive-inverse', 'richardson-lucy']
    """

    title: str
    text: str
    experiment: Experiment


STRIPES = Experiment()

HOLLOW_BARS = Experiment().assign(
    specimen="bars",
    width=2.2,
    wall=0.6,
    distance=2.7,
    spread=3.0,
    shape=(48, 24, 96),
    spacing=(0.2, 0.06, 0.06),
    axis="z",
    model="confocal",
    na=1.2,
    n_sample=1.333,
    depth=15.0,
    photons=2000.0,
    acceleration="momentum",
    iterations=40,
)
"""An oil objective that looks 15 µm deep into water: spherical aberration."""

LESSONS = (
    Lesson(
        "A microscope dims small things",
        "The stripes of this specimen become ever finer, and all have full contrast. In the image, contrast falls with the period of the "
        "stripes, as the transfer function (MTF) tells, and beyond the cut-off it is gone. So the brightness of small things in an image "
        "is systematically too low.",
        STRIPES.assign(algorithm="identity"),
    ),
    Lesson(
        "Dividing the blur out is tempting",
        "Blur multiplies every frequency by the transfer function, so divide by it: the inverse filter. With a thousand million photons "
        "there is hardly any noise, and the contrast comes back almost up to the cut-off. What lies beyond it does not. The ringing "
        "at the left comes from the border: light from outside of the field is in the image, too.",
        STRIPES.assign(algorithm="naive-inverse", photons=1e9),
    ),
    Lesson(
        "Noise ruins the inverse filter",
        "The same with 1000 photons, a good image. Where little of the signal has passed the microscope, the division amplifies noise "
        "hundreds of times: the estimate is farther from the truth than an even grey. Look at signal / noise: near the cut-off it is "
        "below 1, and there is nothing to divide out.",
        STRIPES.assign(algorithm="naive-inverse"),
    ),
    Lesson(
        "Iterate, and know when to stop",
        "Richardson-Lucy looks step by step for a specimen that explains the photons, and which is nowhere negative. Inside of the cut-off "
        "contrast returns; the error falls to a best point, and then rises, as the estimate begins to fit the noise. Choose held-out as "
        "stop: it finds such a point without knowing the truth.",
        STRIPES.assign(photons=100.0, iterations=200),
    ),
    Lesson(
        "The wrong PSF",
        "Hollow bars, 15 µm deep in water, seen with an oil objective: spherical aberration smears them downwards. The PSF of "
        "this deconvolution was made for an assumed depth of 0 and knows nothing of it. The walls stay blurred, and light is "
        "left below them.",
        HOLLOW_BARS.assign(assumed_depth=0.0),
    ),
    Lesson(
        "The right PSF",
        "The same image, deconvolved with a PSF for the true depth: the walls stand apart, and the error falls to half. What the PSF does "
        "not tell of the microscope, no method can take out. Now change depth, photons and method, and see for yourself.",
        HOLLOW_BARS,
    ),
)
