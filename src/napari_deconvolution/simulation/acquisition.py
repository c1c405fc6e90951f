"""Image a drawn specimen: blur, pixels, photons, camera."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ..algorithms.camera.camera import Camera
from ..optics.microscope import Grid, Microscope
from ..optics.psf import Model, psf
from ..parameters import Parameters, param
from .specimens import Specimen, binned

BRIGHT = 99.8
"""Percentile of the blurred signal that counts as its brightness: a few voxels above it do not matter."""


@dataclass(frozen=True)
class Acquisition(Parameters):
    """How bright the specimen is and what the camera does.

    >>> Acquisition().assign(photons=50, read_noise=2).camera.read_noise
    2.0
    """

    photons: float = param(
        1000.0,
        "Photoelectrons per voxel in bright parts of the specimen",
        label="Photoelectrons per voxel",
        low=0.01,
        high=1e9,
    )
    camera: Camera = param(
        Camera(offset=100.0, background=20.0, gain=0.5, read_noise=1.5), "Camera that records the image", label="Camera"
    )
    seed: int = param(0, "Seed of the specimen and of the noise", label="Random seed", importance="advanced", low=0)


def acquire(
    specimen: str | Specimen,
    model: str | Model,
    microscope: Microscope,
    grid: Grid,
    acquisition: Acquisition | None = None,
    *,
    finer: int = 2,
    **values: Any,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Draw a specimen, blur it, and expose a camera to it.

    The specimen is drawn, and blurred with a PSF computed, on a grid `finer` times finer in y and x than the camera's
    pixels. It goes on beyond the field by half a PSF on each side, and each pixel gathers what falls on it. None of
    this uses the forward model of the algorithms, so that a deconvolution of the result is no inverse crime: its PSF
    is not exactly the one that blurred.

    Memory: about 16 bytes for each sample of the finer grid, field and surroundings together.

    Parameters
    ----------
    specimen
        A name from `SPECIMENS`, or a specimen with its settings.
    model, microscope
        What makes the PSF.
    grid
        The camera's pixels and the planes: (z,) y, x.
    acquisition, **values
        Photons, camera and seed; single values by name, for instance `photons=200, read_noise=1`.
    finer
        How many samples of the specimen there are along y and x in a pixel.

    Returns
    -------
    truth, image, psf
        float32. The specimen on the camera's grid in the units of the image (counts above offset and background); the
        image in counts; the PSF on the camera's grid.

    Raises
    ------
    ValueError
        If there is no such specimen, model or parameter, or `finer` is below 1.

    Examples
    --------
    >>> grid, dry = Grid(shape=(6, 24, 24), spacing=(0.4, 0.1, 0.1)), Microscope(na=0.9, n_immersion=1.0)
    >>> truth, image, kernel = acquire("beads", "gaussian", dry, grid, photons=500, seed=2)
    >>> truth.shape == image.shape == grid.shape, kernel.shape
    (True, (11, 25, 25))
    """
    if finer < 1:
        raise ValueError(f"finer = {finer}: the specimen needs at least one sample in a pixel.")
    settings = (acquisition or Acquisition()).assign(**values)
    drawing: Specimen = Specimen.of(specimen)
    small = Grid.for_image(grid.shape, grid.spacing, microscope)
    margins = tuple(n // 2 for n in small.shape)
    parts = (1,) * (len(grid.shape) - 2) + (finer, finer)
    spacing = tuple(step / part for step, part in zip(grid.spacing, parts, strict=True))
    wide = tuple((n + 2 * margin) * part for n, margin, part in zip(grid.shape, margins, parts, strict=True))
    density = drawing.draw(Grid(shape=wide, spacing=spacing), settings.seed)
    reach = tuple(2 * margin * part + 1 for margin, part in zip(margins, parts, strict=True))
    kernel = psf(model, microscope, Grid(shape=reach, spacing=spacing))
    field = tuple(
        slice(margin * part, (n + margin) * part) for n, margin, part in zip(grid.shape, margins, parts, strict=True)
    )
    truth = binned(density[field], parts)
    signal = np.maximum(binned(_blurred(density, kernel), parts), 0)
    camera = settings.camera.known
    brightness = float(np.percentile(signal, BRIGHT))
    if brightness <= 1e-8 * float(density.max()):  # nothing but the rounding noise of the transforms
        raise ValueError(
            f"no light of the {drawing.name} reaches the field of {grid.shape} voxels; make one of them larger."
        )
    electrons = settings.photons / brightness
    image = expose(signal * electrons + camera.background * camera.gain, settings.camera, seed=settings.seed)
    return (truth * (electrons / camera.gain)).astype(np.float32), image, psf(model, microscope, small)


def expose(
    electrons: NDArray[Any], camera: Camera | None = None, *, seed: int = 0, **values: Any
) -> NDArray[np.float32]:
    """The counts of a camera for an expected number of electrons in each voxel.

        counts = ( Poisson(electrons) + Normal(0, read_noise) ) / gain + offset

    Counts are not rounded. The camera's `background` is light: it belongs into `electrons`.

    Parameters
    ----------
    electrons
        Expected photoelectrons, background included; none negative.
    camera, **values
        Offset (counts), gain (electrons per count), read noise (electrons rms); single values by name.
    seed
        Of the noise.

    Raises
    ------
    ValueError
        If an expected number is negative.

    Examples
    --------
    >>> counts = expose(np.full((200, 200), 400.0), offset=100, gain=2, read_noise=5)
    >>> bool(abs(counts.mean() - 300) < 0.3), bool(abs(counts.var() - (400 + 25) / 4) < 3)
    (True, True)
    """
    lowest = float(np.min(electrons))
    if lowest < 0:
        raise ValueError(f"the expected electrons go down to {lowest:g}; a number of electrons cannot be negative.")
    with_noise = (camera or Camera()).assign(**values).known
    rng = np.random.default_rng(seed)
    counts = rng.poisson(electrons).astype(np.float64)
    counts += rng.normal(0.0, with_noise.read_noise, counts.shape)
    return (counts / with_noise.gain + with_noise.offset).astype(np.float32)


def _blurred(density: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of their convolution that needs nothing from outside: half a kernel less on each side."""
    work = tuple(scipy.fft.next_fast_len(n, real=True) for n in density.shape)
    spectrum = scipy.fft.rfftn(density, work)
    spectrum *= scipy.fft.rfftn(kernel, work)
    full: NDArray[np.float32] = scipy.fft.irfftn(
        spectrum, work
    )  # goes round the borders, which spoils only what is cut off
    return full[tuple(slice(k - 1, n) for k, n in zip(kernel.shape, density.shape, strict=True))]
