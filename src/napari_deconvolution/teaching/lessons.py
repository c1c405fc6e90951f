"""Six lessons from the loss of contrast to the wrong PSF, each an experiment and what it teaches."""

from typing import NamedTuple

from .experiment import Experiment


class Lesson(NamedTuple):
    """A title, an explanation of what to look at, and the experiment.

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
        "A microscope dims fine detail",
        "The stripes of this specimen become ever finer, and all have full contrast. In the image, contrast "
        "falls with the period of the stripes, as the transfer function (MTF) predicts, and beyond the "
        "cut-off it is gone. The brightness of small objects in an image is therefore systematically too low.",
        STRIPES.assign(algorithm="identity"),
    ),
    Lesson(
        "Dividing by the blur is tempting",
        "Blur multiplies every frequency by the transfer function, so divide by it: the inverse filter. With "
        "a thousand million photons there is hardly any noise, and contrast returns almost up to the cut-off. "
        "Beyond it, nothing returns. The ringing at the left comes from the border: light from outside the "
        "field is in the image, too.",
        STRIPES.assign(algorithm="naive-inverse", photons=1e9),
    ),
    Lesson(
        "Noise ruins the inverse filter",
        "The same with 1000 photons, a good image. Where the microscope transmits little of the signal, the "
        "division amplifies noise hundreds of times: the estimate is further from the truth than a uniform "
        "grey. Look at signal / noise: near the cut-off it is below 1, and there is no signal to recover.",
        STRIPES.assign(algorithm="naive-inverse"),
    ),
    Lesson(
        "Iterate, and know when to stop",
        "Richardson-Lucy approaches, step by step, a specimen that explains the photons and is nowhere "
        "negative. Below the cut-off, contrast returns; the error falls to a minimum and then rises, as the "
        "estimate begins to fit the noise. Choose held-out as the stop: it finds such a point without knowing "
        "the truth.",
        STRIPES.assign(photons=100.0, iterations=200),
    ),
    Lesson(
        "The wrong PSF",
        "Hollow bars, 15 µm deep in water, imaged with an oil objective: spherical aberration smears them "
        "downwards. The PSF of this deconvolution was computed for a depth of 0 and has no aberration. The "
        "walls stay blurred, and light remains below them.",
        HOLLOW_BARS.assign(assumed_depth=0.0),
    ),
    Lesson(
        "The right PSF",
        "The same image, deconvolved with a PSF for the true depth: the walls are separated, and the error "
        "falls to half. What is missing from the PSF, no method can correct. Now change depth, photons and "
        "method, and see the effect.",
        HOLLOW_BARS,
    ),
)
