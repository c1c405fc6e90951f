"""What a PSF is like, as one table: the same for a measured and for a computed one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from .microscope import Grid, Microscope
from .models.base import Model
from .psf_measures import centre_offset, fwhm, pedestal, plane_energy

Array = NDArray[np.float64]

ENOUGH = 0.9
"""Share of its light that a plane must hold for the PSF to be wide enough."""


@dataclass(frozen=True)
class PsfReport:
    """What `psf_report` finds. Axes are those of the PSF, (z,) y, x; lengths in µm."""

    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    widths: tuple[float, ...]
    """Full width at half maximum of the profile through the peak."""
    fitted_widths: tuple[float, ...]
    """Full width at half maximum of the Gaussian that fits best about the peak."""
    centre: tuple[float, ...]
    """Of the upper half of the peak, in voxels from n // 2."""
    asymmetry: tuple[float, ...]
    """Along each axis, of the mirror images' difference: 0 where they are equal, 1 where they share no light."""
    nyquist: tuple[float, ...]
    """Voxel size in Nyquist steps of the optics: above 1 detail is lost. Empty where the optics are unknown."""
    energy: tuple[float, ...]
    """Share of the light in each plane."""
    kept: tuple[float, ...]
    """Fraction of the light that the pupil transmits held by each plane. Empty where unknown."""
    peak_to_background: float
    """Of the highest voxel over the median of the outermost ones."""
    missing: tuple[str, ...]
    """Why it is too small for the image; empty if it is large enough, or no image is given."""

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a name and a value for each axis."""
        axes = "zyx"[-len(self.shape) :]

        def row(name: str, values: Sequence[float], form: str, factor: float = 1.0) -> tuple[str, ...]:
            return (name, *(format(value * factor, form) for value in values))

        table = [
            ("", *axes),
            row("voxels", self.shape, "d", 1),
            row("voxel size (nm)", self.spacing, ".1f", 1e3),
            row("FWHM, profile (nm)", self.widths, ".0f", 1e3),
            row("FWHM, Gaussian fit (nm)", self.fitted_widths, ".0f", 1e3),
            row("centre from n // 2 (voxels)", self.centre, "+.2f"),
            row("asymmetry", self.asymmetry, ".3f"),
        ]
        if self.nyquist:
            table.append(row("voxel size / Nyquist step", self.nyquist, ".2f"))
        shares = [("light per plane / brightest plane", np.array(self.energy) / max(self.energy))]
        shares += [("light per plane / total light", np.array(self.kept))] if self.kept else []
        table += [(name, f"{values.min():.3f} to {values.max():.3f}") for name, values in shares]
        table.append(("peak / background", f"{self.peak_to_background:.3g}"))
        return table

    def __str__(self) -> str:
        """The table in columns, and what is missing."""
        table = self.rows()
        first = max(len(name) for name, *_ in table)
        wide = max(len(cell) for row in table for cell in row[1:] if len(row) == len(self.shape) + 1)
        lines = [
            "  ".join((name.ljust(first), *(cell.rjust(wide) for cell in cells))).rstrip() for name, *cells in table
        ]
        return "\n".join([*lines, *self.missing])


def psf_report(
    psf: ArrayLike,
    spacing: tuple[float, ...],
    model: str | Model | None = None,
    microscope: Microscope | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> PsfReport:
    """Measure a PSF.

    Parameters
    ----------
    psf
        Two axes (y, x) or three (z, y, x), its origin at n // 2.
    spacing
        Of its samples along these axes, µm.
    model, microscope
        The optics, where they are known: for the Nyquist step and the light that each plane holds.
    image_shape
        Of the image that it is meant for, along the same axes.

    Raises
    ------
    ValueError
        If the number of spacings, or of axes of the image, is not that of the PSF.

    Examples
    --------
    >>> from napari_deconvolution import Grid, psf
    >>> grid, optics = Grid(shape=(9, 33, 33), spacing=(0.2, 0.08, 0.08)), Microscope(na=1.2)
    >>> kernel = psf("gibson-lanni", optics, grid)
    >>> report = psf_report(kernel, grid.spacing, "gibson-lanni", optics, image_shape=(16, 256, 256))
    >>> report.missing[0]
    'too few planes: 9, and an image of 16 planes needs 31 (2 · 16 − 1).'
    """
    values = np.asarray(psf, dtype=np.float64)
    for name, given in (("spacing", spacing), ("image_shape", image_shape)):
        if given is not None and len(given) != values.ndim:
            raise ValueError(f"{name} = {given}: give one number for each of the {values.ndim} axes of the PSF.")
    known = Model.of(model) if model is not None and microscope is not None else None
    grid = Grid(shape=values.shape, spacing=spacing)
    steps: tuple[float, ...] = ()
    kept: tuple[float, ...] = ()
    if known is not None and microscope is not None:
        axial, lateral = known.nyquist(microscope)
        steps = tuple(
            float(step / limit) for step, limit in zip(spacing, (axial, lateral, lateral)[-values.ndim :], strict=True)
        )
        kept = energy_kept(known, microscope, grid)
    background = pedestal(values)
    energy = tuple(plane_energy(values).tolist())
    return PsfReport(
        shape=values.shape,
        spacing=grid.spacing,
        widths=fwhm(values, spacing),
        fitted_widths=fitted_widths(values, spacing),
        centre=centre_offset(values),
        asymmetry=tuple(_asymmetry(values, axis) for axis in range(values.ndim)),
        nyquist=steps,
        energy=energy,
        kept=kept,
        peak_to_background=float(values.max() / background) if background > 0 else math.inf,
        missing=_missing(values.shape, energy, kept, image_shape, known),
    )


def energy_kept(model: Model, microscope: Microscope, grid: Grid) -> tuple[float, ...]:
    """Fraction of the light transmitted by the pupil in each plane of the grid; empty for models without a pupil.

    >>> grid = Grid(shape=(1, 401, 401), spacing=(0.2, 0.1, 0.1))
    >>> [round(share, 3) for share in energy_kept(Model.of("gibson-lanni"), Microscope(na=1.2), grid)]
    [0.998]
    """
    whole = model.energy(microscope)
    if whole is None:
        return ()
    light = model.intensity(microscope, grid).sum(axis=(-2, -1)).reshape(-1) * grid.spacing[-2] * grid.spacing[-1]
    return tuple((light / whole).tolist())


def fitted_widths(psf: ArrayLike, spacing: tuple[float, ...]) -> tuple[float, ...]:
    """FWHM along each axis of the best-fitting Gaussian on a constant, within one width of the peak.

    >>> y = np.arange(-8, 9.0)
    >>> [round(width, 3) for width in fitted_widths(np.exp(-np.add.outer(y**2 / 8, y**2 / 18)), (1.0, 0.1))]
    [4.71, 0.706]
    """
    values = np.asarray(psf, dtype=np.float64)
    peak = np.unravel_index(np.argmax(values), values.shape)
    profile = zip(fwhm(values, spacing), spacing, values.shape, strict=True)
    first = [width / step if math.isfinite(width) else n for width, step, n in profile]
    reaches = [max(2, math.ceil(width)) for width in first]
    window = tuple(slice(max(0, int(at) - reach), int(at) + reach + 1) for at, reach in zip(peak, reaches, strict=True))
    part = values[window] / values.max()
    places = np.meshgrid(
        *(np.arange(s.start, s.start + n) - at for s, n, at in zip(window, part.shape, peak, strict=True)),
        indexing="ij",
    )
    axes = [axis for axis, n in enumerate(part.shape) if n > 2]

    def misfit(guess: Array) -> Array:
        centre, width = guess[2::2], guess[3::2]
        exponent = sum(((places[axis] - c) / w) ** 2 for axis, c, w in zip(axes, centre, width, strict=True))
        return np.asarray((guess[0] + guess[1] * np.exp(-exponent / 2) - part).ravel())

    start = [0.0, 1.0]
    for axis in axes:
        start += [0.0, min(first[axis], part.shape[axis]) / math.sqrt(8 * math.log(2))]
    found = scipy.optimize.least_squares(misfit, start, x_scale=np.maximum(np.abs(start), 0.1)).x
    widths = dict(zip(axes, np.abs(found[3::2]).tolist(), strict=True))
    return tuple(
        math.sqrt(8 * math.log(2)) * widths[axis] * step if axis in widths else math.nan
        for axis, step in enumerate(spacing)
    )


def _asymmetry(values: Array, axis: int) -> float:
    n = values.shape[axis]
    inside = np.take(values, range(1 - n % 2, n), axis)  # an even size has one sample more before the origin
    turned = np.flip(inside, axis)
    return float(np.abs(inside - turned).sum() / max(np.abs(inside + turned).sum(), np.finfo(float).tiny))


def _missing(
    shape: tuple[int, ...],
    energy: tuple[float, ...],
    kept: tuple[float, ...],
    image_shape: tuple[int, ...] | None,
    model: Model | None,
) -> tuple[str, ...]:
    if image_shape is None:
        return ()
    found = []
    conserved = model is None or bool(kept)  # sectioning microscopes need no light from far away
    if len(shape) == 3 and conserved and shape[0] < 2 * image_shape[0] - 1:
        planes = image_shape[0]
        found.append(
            f"too few planes: {shape[0]}, and an image of {planes} planes needs {2 * planes - 1} (2 · {planes} − 1)."
        )
    least = min(kept) if kept else min(energy) / max(energy)
    wide = all(n >= 2 * (image // 2) + 1 for n, image in zip(shape[-2:], image_shape[-2:], strict=True))
    if conserved and least < ENOUGH and not wide:
        found.append(
            f"too narrow in y and x: a plane holds only {least:.0%} of its light; at least {ENOUGH:.0%} is needed."
        )
    return tuple(found)
