"""Simulate what a microscope's camera would make of an image of your own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..algorithms.deconvolve import checked
from ..algorithms.forward.blur import Blur
from ..images.image import Image
from ..optics.measured_psf import MeasuredPsf
from ..parameters import param
from ..recipes.inputs import Reading
from ..recipes.recipe import Recipe
from ..recipes.record import Record, software
from ..simulation.acquisition import BRIGHT, Acquisition, expose
from . import files
from .options import CommandLine

FAINTEST = 0.01
"""Share of the peak; what is fainter is the foot of the PSF, or rounding, and no measure of brightness."""


@dataclass(frozen=True)
class Simulation(Reading, Acquisition):
    """An acquisition with a given PSF.

    >>> Simulation().assign(psf_background=3, photons=50).measured.psf_background
    3.0
    """

    measured: MeasuredPsf = param(
        MeasuredPsf(), "Preprocessing of a supplied PSF", label="Preprocessing of a supplied PSF"
    )


def run(argv: Sequence[str]) -> None:
    """Blur every time point of one channel and expose a camera to it."""
    line = CommandLine(
        "blur", "IN.tif -o OUT.ome.tif --psf PSF.tif [options]", f"{__doc__} Beyond its edges, it is mirrored."
    )
    files.add_input(line)
    files.add_output(line, dtype=True)
    settings, values, options = line.read(argv, Simulation(), {"psf": "needed"})
    settings = settings.assign(**values)
    if len(settings.psf) != 1:
        raise ValueError("--psf PSF.tif is needed: the file of one PSF.")
    path = files.output(options, options.input, *settings.psf)
    specimen = settings.one_channel(settings.read_image(options.input))
    result, unit = simulate(specimen, settings.read_psfs(specimen)[0], settings)
    files.write(result, path, options, "blur", argv, options.dtype)
    print(f"{path}: {result.describe()}; 1 in {options.input} has become {unit:.6g} counts above offset and background")


def simulate(specimen: Image, psf: Image, settings: Simulation) -> tuple[Image, float]:
    """The image, and the counts for one unit of the specimen: the same for all time points."""
    kernel, origin = Recipe(measured=settings.measured).kernel(specimen, psf)
    signal = np.empty(specimen.samples.shape, np.float32)
    image = specimen.replace(samples=signal, name=f"{specimen.name} blurred")
    for (_, sharp), (_, blurred) in zip(specimen.volumes(), image.volumes(), strict=True):
        volume = checked(sharp, "image").astype(np.float32)
        if volume.min() < 0:
            raise ValueError(
                f"the image has values down to {volume.min():g}; a specimen has none below 0: clip it at 0."
            )
        blurred[...] = Blur(kernel, volume.shape, "mirror").forward(volume)
    brightness = float(np.percentile(signal, BRIGHT))
    if not signal.max() > 0:
        raise ValueError("the image is zero everywhere: there is nothing to image.")
    if brightness < FAINTEST * signal.max():
        raise ValueError(
            f"photons are those of the brightest {100 - BRIGHT:.1f} % of the voxels, but the specimen fills less than "
            "that: crop the image."
        )
    electrons, camera = settings.photons / brightness, settings.camera.known
    counts = expose(
        np.maximum(signal, 0) * electrons + camera.background * camera.gain, settings.camera, seed=settings.seed
    )
    unit = electrons / camera.gain
    further = {"simulation": settings.to_dict(), "counts_per_unit": unit}
    record = Record(software=software(), psf=(origin,), image=specimen.record, further=further)
    return image.replace(samples=counts, record=record.to_dict()), unit
