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

COARSE = 1.005
"""Voxel size in Nyquist steps above which detail is lost; less is due to rounding."""
MOST_LOST = 2.0
"""Above which most of it is lost; images at slightly more than one are common and useful."""
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
    microscope
        The optics.
    grid
        The samples. A grid of two axes is the plane in focus, or at the model's `defocus`.

    Returns
    -------
    array
        float32, of the grid's shape. It sums to 1; its origin is at index n // 2 of every axis.

    Raises
    ------
    ValueError
        If the model is unknown, samples are more than 20 widths of the focus apart, the stack does not reach the focus
        (with `focus="stage"`), or the grid does not fit into memory.

    Warns
    -----
    UserWarning
        If the aperture exceeds the index of the sample, or samples are more than twice as far apart as the Nyquist
        limit of the model.

    Examples
    --------
    >>> grid = Grid(shape=(5, 32, 32), spacing=(0.5, 0.1, 0.1))
    >>> kernel = psf("gibson-lanni", Microscope(na=0.9, n_immersion=1.0), grid)
    >>> kernel.dtype.name, np.unravel_index(kernel.argmax(), kernel.shape) == (2, 16, 16)
    ('float32', True)
    """
    chosen: Model = Model.of(model)
    aperture = chosen.aperture(microscope)
    if aperture < microscope.na:
        warnings.warn(
            f"na = {microscope.na:g} exceeds n_sample = {aperture:g}: rays between the two do not travel in the sample "
            f"and are excluded, so this is the PSF of an aperture of {aperture:g}.",
            stacklevel=2,
        )
    elif microscope.na > microscope.n_sample:
        warnings.warn(
            f"na = {microscope.na:g} exceeds n_sample = {microscope.n_sample:g}: rays between the two are evanescent "
            "in the sample; they are included, and fade within a wavelength of the coverslip.",
            stacklevel=2,
        )
    _check_memory(grid)
    _check_spacing(chosen, microscope, grid)
    if chosen.focus == "stage" and len(grid.shape) == 3:
        _check_reach(chosen, microscope, grid)
    intensity = chosen.intensity(microscope, grid)
    total = float(intensity.sum())
    if not (math.isfinite(total) and total > 0):
        raise ValueError(
            f"{chosen.name}: no light falls on the grid {grid.shape} of {grid.spacing} µm; make it larger."
        )
    intensity /= total
    return intensity.astype(np.float32)


def _check_memory(grid: Grid) -> None:
    size = 4 * math.prod(grid.shape)
    needed = VOLUMES * size
    if needed > memory():
        raise ValueError(
            f"shape = {grid.shape}: this PSF has {size / 1e9:.3g} GB and needs about {needed / 1e9:.3g} GB to compute, "
            f"but the machine has {memory() / 1e9:.3g} GB; choose fewer voxels (Grid.for_image gives the number that "
            "an image needs)."
        )


def memory() -> float:
    """Bytes of memory of this machine; infinity where unknown."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def coarse_axes(model: Model, microscope: Microscope, grid: Grid, limit: float = COARSE) -> dict[str, float]:
    """The axes along which samples are further apart than the Nyquist limit of the model allows, with its step in µm.

    Parameters
    ----------
    limit
        Nyquist steps that are allowed.

    >>> found = coarse_axes(Model.of("gibson-lanni"), Microscope(), Grid(shape=(9, 9, 9), spacing=(0.2, 0.1, 0.09)))
    >>> {axis: round(step, 5) for axis, step in found.items()}
    {'y': 0.09375}
    """
    axial, lateral = model.nyquist(microscope)
    axes = "zyx"[-len(grid.shape) :]
    steps = [axial if axis == "z" else lateral for axis in axes]
    each = zip(axes, grid.shape, grid.spacing, steps, strict=True)
    return {axis: float(step) for axis, n, spacing, step in each if n > 1 and spacing > limit * step}


def _check_spacing(model: Model, microscope: Microscope, grid: Grid) -> None:
    axial, lateral = resolution(microscope)
    spacing = dict(zip("xyz", reversed(grid.spacing), strict=False))
    for axis, step in spacing.items():
        width = axial if axis == "z" else lateral
        if step > 20 * width:
            raise ValueError(
                f"spacing = {step:g} µm along {axis}: samples so far apart share no light, as the focus is "
                f"{width:.2g} µm wide. Did you mean nm? {step:g} nm is {step / 1000:g} µm."
            )
    for axis, limit in coarse_axes(model, microscope, grid, MOST_LOST).items():
        warnings.warn(
            f"spacing = {spacing[axis]:g} µm along {axis}: {model.name} needs a Nyquist step of {limit:.3g} µm, and "
            "samples so far apart miss most of its detail; sample the image more finely, or expect no gain in "
            "resolution along this axis.",
            stacklevel=3,
        )


def _check_reach(model: Model, microscope: Microscope, grid: Grid) -> None:
    focus, z = model.best_focus(microscope), model.planes(microscope, grid)
    if not z.min() <= focus <= z.max():
        planes = 2 * math.ceil(abs(focus - model.defocus) / grid.spacing[0]) + 1
        raise ValueError(
            f'focus = "stage": the best focus is at {focus:.2f} µm, outside the stack from {z.min():.2f} to '
            f'{z.max():.2f} µm; use at least {planes} planes, or focus = "best".'
        )
