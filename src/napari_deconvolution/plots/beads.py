"""A field of beads, which of them were used, and the PSF that they give."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..optics.beads.measure import BeadPsf
from .figure import GAMMA, add_scale_bar, drawing

REASONS = {
    "": ("o", "#009e73"),
    "too close": ("s", "#e69f00"),
    "edge": ("x", "#999999"),
    "end of stack": ("+", "#999999"),
    "saturated": ("D", "#d55e00"),
    "dim": ("v", "#56b4e9"),
    "too wide": ("h", "#cc79a7"),
    "too narrow": ("1", "#cc79a7"),
    "elongated": ("d", "#0072b2"),
    "doublet": ("8", "#f0e442"),
    "left out by hand": ("X", "#ffffff"),
}
"""Marker and colour of each reason: apart for every kind of colour vision. Okabe & Ito 2008, Color Universal Design."""


def field_and_psf(image: NDArray[Any], measured: BeadPsf, *, paper: str = "white", ink: str = "black") -> Any:
    """Draw the brightest voxel of each column with every bead marked, and sections of the mean bead and of the PSF.

    Parameters
    ----------
    image
        The stack in which the beads were found, z, y, x.
    measured
        What `psf_from_beads` gave.
    paper, ink
        Colours of the ground and of words and axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    from matplotlib.colors import PowerNorm

    highest = np.asarray(image).max(axis=0).astype(float)
    low, high = float(np.percentile(highest, 1)), float(highest.max())
    height, width = (n * step for n, step in zip(highest.shape, measured.spacing[1:], strict=True))
    with drawing(paper, ink, figsize=(10, 6)) as figure:
        grid = figure.add_gridspec(2, 3, width_ratios=[2.2, 1, 1])
        field = figure.add_subplot(grid[:, 0])
        extent = (0, width, height, 0)
        field.imshow(highest, cmap="gray", norm=PowerNorm(GAMMA, low, max(high, low + 1e-6)), extent=extent)
        beads = measured.found.beads
        for reason, (marker, colour) in REASONS.items():
            places = np.array([bead.position[1:] for bead in beads if bead.reason == reason]).reshape(-1, 2)
            if len(places):
                y, x = ((places[:, k] + 0.5) * measured.spacing[k + 1] for k in (0, 1))
                open_ = marker not in "x+1"
                look = {"facecolors": "none", "edgecolors": colour} if open_ else {"color": colour}
                field.scatter(
                    x, y, s=60, marker=marker, label=f"{reason or 'used'}: {len(places)}", linewidths=1.3, **look
                )
        field.set(xticks=[], yticks=[], xlabel="x", ylabel="y", title="brightest voxel of each column")
        add_scale_bar(field, width, height)
        figure.legend(loc="outside lower left", ncols=4, labelcolor="white", facecolor="#404040")
        for column, (volume, name) in enumerate(((measured.average, "mean bead"), (measured.psf, "PSF")), 1):
            _sections(figure, grid, column, volume, measured.spacing, name)
    return figure


def _sections(figure: Any, grid: Any, column: int, volume: NDArray[Any], spacing: tuple[float, ...], name: str) -> None:
    from matplotlib.colors import PowerNorm

    z, y, _ = (n // 2 for n in volume.shape)
    depth, height, width = (n * step for n, step in zip(volume.shape, spacing, strict=True))
    for row, (section, down, axis) in enumerate(((volume[z], height, "y"), (volume[:, y], depth, "z"))):
        panel = figure.add_subplot(grid[row, column])
        shown = np.clip(section / volume.max(), 0, 1)
        panel.imshow(
            shown, cmap="inferno", norm=PowerNorm(GAMMA, 0, 1), extent=(0, width, down, 0), interpolation="nearest"
        )
        panel.set(xticks=[], yticks=[], xlabel="x", ylabel=axis, title=name if row == 0 else "")
        add_scale_bar(panel, width, down)
