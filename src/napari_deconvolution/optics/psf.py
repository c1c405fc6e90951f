"""The models of the point spread function, and `psf()`, which makes one fit for deconvolution."""

import math
import os
import warnings

import numpy as np
from numpy.typing import NDArray

from .microscope import Grid, Microscope, resolution
from .modalities.base import Widefield as Widefield
from .modalities.confocal import Confocal as Confocal
from .modalities.image_scanning import ImageScanning as ImageScanning
from .modalities.light_sheet import LightSheet as LightSheet
from .modalities.spinning_disk import SpinningDisk as SpinningDisk
from .modalities.sted import Sted as Sted
from .modalities.two_photon import TwoPhoton as TwoPhoton
from .models.base import MODELS as MODELS
from .models.base import Model as Model
from .models.dougherty import Dougherty as Dougherty
from .models.engineered import Astigmatism as Astigmatism
from .models.engineered import DoubleHelix as DoubleHelix
from .models.engineered import Vortex as Vortex
from .models.engineered import Zernike as Zernike
from .models.gaussian import Gaussian as Gaussian
from .models.graded_index import VariableIndexGibsonLanni as VariableIndexGibsonLanni
from .models.phantom import Phantom as Phantom
from .models.scalar import BornWolf as BornWolf
from .models.scalar import GibsonLanni as GibsonLanni
from .models.vectorial import RichardsWolf as RichardsWolf

COARSE = 2.0
"""Nyquist steps between samples from which on a warning is due; images at a little more than one are common and useful."""
VOLUMES = 4
"""PSFs of the size of the result that making one takes."""


def best_focus(model: str | Model, microscope: Microscope) -> float:
    """The stage position in µm, from focus on the coverslip, where a point at `microscope.depth` is imaged best.

    >>> best_focus("gaussian", Microscope(depth=3.0))
    3.0
    """
    chosen: Model = Model.of(model)
    return chosen.best_focus(microscope)


def psf(model: str | Model, microscope: Microscope, grid: Grid) -> NDArray[np.float32]:
    """The point spread function of a microscope on a grid, ready to deconvolve with.

    Parameters
    ----------
    model
        A name from `MODELS`, or a model with its settings.
    microscope, grid
        The optics and the samples. A grid of two axes is the plane in focus, or at the model's `defocus`.

    Returns
    -------
    float32 array of the grid's shape that sums to 1, with its origin at index n // 2 of every axis.

    Raises
    ------
    ValueError
        If the model is unknown, samples are more than 20 widths of the focus apart, the stack does not reach the focus (with
        `focus="stage"`), or the grid does not fit into memory.

    Warns
    -----
    UserWarning
        If the aperture exceeds the index of the sample, or samples are more than twice as far apart as the Nyquist limit of the model.

    Examples
    --------
    >>> kernel = psf("gibson-lanni", Microscope(na=0.9, n_immersion=1.0), Grid(shape=(5, 32, 32), spacing=(0.5, 0.1, 0.1)))
    >>> kernel.dtype.name, np.unravel_index(kernel.argmax(), kernel.shape) == (2, 16, 16)
    ('float32', True)
    """
    chosen: Model = Model.of(model)
    aperture = chosen.aperture(microscope)
    if aperture < microscope.na:
        warnings.warn(
            f"na = {microscope.na:g} exceeds n_sample = {aperture:g}: rays between the two do not travel in the sample and are left out, "
            f"so this is the PSF of an aperture of {aperture:g}.",
            stacklevel=2,
        )
    elif microscope.na > microscope.n_sample:
        warnings.warn(
            f"na = {microscope.na:g} exceeds n_sample = {microscope.n_sample:g}: rays between the two are evanescent in the sample; they "
            "are kept, and fade within a wavelength of the coverslip.",
            stacklevel=2,
        )
    _check_memory(grid)
    _check_spacing(chosen, microscope, grid)
    if chosen.focus == "stage" and len(grid.shape) == 3:
        _check_reach(chosen, microscope, grid)
    intensity = chosen.intensity(microscope, grid)
    total = float(intensity.sum())
    if not (math.isfinite(total) and total > 0):
        raise ValueError(f"{chosen.name}: no light falls on the grid {grid.shape} of {grid.spacing} µm; make it larger.")
    intensity /= total
    return intensity.astype(np.float32)


def _check_memory(grid: Grid) -> None:
    size = 4 * math.prod(grid.shape)
    needed = VOLUMES * size
    if needed > memory():
        raise ValueError(
            f"shape = {grid.shape}: this PSF has {size / 1e9:.3g} GB and needs about {needed / 1e9:.3g} GB while it is made, but the "
            f"machine has {memory() / 1e9:.3g} GB; take fewer samples (Grid.for_image tells how many an image needs)."
        )


def memory() -> float:
    """Bytes of memory of this machine; infinity where it does not tell."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _check_spacing(model: Model, microscope: Microscope, grid: Grid) -> None:
    axial, lateral = resolution(microscope)
    limits = dict(zip("zyx", (model.nyquist(microscope)[axis] for axis in (0, 1, 1)), strict=True))
    for axis, step, n in zip("xyz", reversed(grid.spacing), reversed(grid.shape), strict=False):
        width = axial if axis == "z" else lateral
        if step > 20 * width:
            raise ValueError(
                f"spacing = {step:g} µm along {axis}: samples so far apart share no light, the focus is {width:.2g} µm wide. "
                f"Did you mean nm? {step:g} nm is {step / 1000:g} µm."
            )
        if n > 1 and step > COARSE * limits[axis]:
            warnings.warn(
                f"spacing = {step:g} µm along {axis}: {model.name} shows detail down to a Nyquist step of {limits[axis]:.3g} µm, and "
                "samples so far apart miss most of it; sample the image more finely, or expect no gain in resolution along this axis.",
                stacklevel=3,
            )


def _check_reach(model: Model, microscope: Microscope, grid: Grid) -> None:
    focus, z = model.best_focus(microscope), model.planes(microscope, grid)
    if not z.min() <= focus <= z.max():
        planes = 2 * math.ceil(abs(focus - model.defocus) / grid.spacing[0]) + 1
        raise ValueError(
            f'focus = "stage": the best focus is at {focus:.2f} µm, outside the stack from {z.min():.2f} to {z.max():.2f} µm; '
            f'use at least {planes} planes, or focus = "best".'
        )
