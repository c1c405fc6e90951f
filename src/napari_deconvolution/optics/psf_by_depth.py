"""PSFs at several depths of one specimen: what a refractive index mismatch does on the way down."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from .microscope import Grid, Microscope
from .models.base import Model
from .psf import psf

FEWEST, MOST = 5, 33
"""Depths to begin with, and after which no more are added."""

MISSED = 0.03
"""Of a PSF between two depths, by a spline through the others: with half the distance it is a sixth or less."""


def psf_by_depth(
    model: str | Model, microscope: Microscope, grid: Grid, planes: int, *, count: int | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The point spread functions along the depth of a stack, at equal distances from its first plane to its last.

    The depth grows by less or more than the stage travels. A straight line through the best foci says how much:

        stage(d) = a + c · d,   depth of plane k = depth + k · dz / c

    Each PSF is computed about the stage position of its plane, so that a straight specimen stays straight where the
    best focus leaves that line. With planes that run the other way (`flip_z`) the last one is nearest to the coverslip.
    Source: that depth and stage travel differ by a factor, Hell et al. 1993, doi:10.1111/j.1365-2818.1993.tb03315.x;
    the PSFs are those of the model, see there.

    Parameters
    ----------
    model
        A name from `MODELS`, or a model with its settings.
    microscope
        The optics; its `depth` is that of the plane nearest to the coverslip, in µm.
    grid
        The samples of one PSF, along z, y, x; the z step is the travel of the stage between planes, in µm.
    planes
        Number of planes of the stack, at least 1.
    count
        Number of depths, at least 1; unless it is given, 9, 17 or 33, so that those between are known to about 0.5 %.

    Returns
    -------
    psfs
        float32, (count, z, y, x); each sums to 1.
    at
        The plane of the stack that each belongs to, increasing from 0 to planes − 1.

    Raises
    ------
    ValueError
        If the grid has no z, the model counts stage positions from the coverslip (`focus="stage"`), or `psf` refuses.

    Examples
    --------
    >>> oil_into_glycerol = Microscope(na=1.3, n_immersion=1.518, n_sample=1.46)
    >>> grid = Grid(shape=(15, 15, 15), spacing=(0.3, 0.1, 0.1))
    >>> psfs, at = psf_by_depth("gibson-lanni", oil_into_glycerol, grid, planes=61, count=3)
    >>> at.tolist(), [round(float(one.max() / psfs[0].max()), 1) for one in psfs]
    ([0.0, 30.0, 60.0], [1.0, 0.9, 0.7])
    """
    chosen: Model = Model.of(model)
    if len(grid.shape) != 3:
        raise ValueError("a PSF that varies with depth is one of a stack: give a grid along z, y, x.")
    if chosen.focus != "best":
        raise ValueError(f'{chosen.name}: focus = "stage" ties the planes to the coverslip; take focus = "best" here.')
    start, rise = line_of_foci(chosen, microscope, (planes - 1) * grid.spacing[0])

    def made(at: NDArray[np.float64]) -> NDArray[np.float32]:
        psfs = np.empty((len(at), *grid.shape), np.float32)
        below = (planes - 1 - at if chosen.flip_z else at) * grid.spacing[0] / rise
        for one, depth in zip(psfs, microscope.depth + below, strict=True):
            here = chosen.replace(focus="stage", defocus=start + rise * depth + chosen.defocus)
            one[...] = psf(here, microscope.replace(depth=float(depth)), grid)
        return psfs

    if count == 1 or planes == 1:
        at = np.array([(planes - 1) / 2])
        return made(at), at
    at = np.linspace(0, planes - 1, count or FEWEST)
    psfs, missed = made(at), 0.0 if count else np.inf
    while missed > MISSED and len(at) < MOST:
        middles = (at[1:] + at[:-1]) / 2
        between = made(middles)
        spline = scipy.interpolate.make_interp_spline(at, np.eye(len(at)))(middles).astype(np.float32)
        missed = float(np.linalg.norm(np.tensordot(spline, psfs, 1) - between) / np.linalg.norm(between))
        order = np.argsort(at := np.concatenate([at, middles]))
        at, psfs = at[order], np.concatenate([psfs, between])[order]
    return psfs, at


def line_of_foci(model: Model, microscope: Microscope, travel: float) -> tuple[float, float]:
    """Stage position of the best focus at depth 0, in µm, and its rise per µm of depth, over that much of stage travel.

    Where aberration is strong, the best focus jumps from one lobe to the next; the line goes on.
    """
    reach = max(travel * microscope.n_sample / microscope.n_immersion, microscope.wavelength)
    depths = microscope.depth + np.linspace(0, reach, 2 + math.ceil(min(reach, 10)))
    foci = [model.best_focus(microscope.replace(depth=float(depth))) for depth in depths]
    rise, start = np.polyfit(depths, foci, 1)
    return float(start), float(rise)
