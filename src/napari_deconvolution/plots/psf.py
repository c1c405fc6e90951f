"""Figures of a PSF: sections and the transfer of detail."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .figure import AXIAL, COLUMN, FAINTEST, GAMMA, LATERAL, POINTS, add_scale_bar, check_volumes, drawing


def sections(
    psf: NDArray[Any],
    spacing: Sequence[float],
    nyquist: Sequence[float] | None = None,
    *,
    scale: Literal["gamma", "log"] = "gamma",
    paper: str = "white",
    ink: str = "black",
) -> Any:
    """Draw sections through the brightest voxel of a PSF, and how well it transfers detail.

    The modulation transfer functions are those of the plane in focus along x, and of the line through the focus along
    z: the absolute values of their Fourier transforms, 1 at frequency 0.

    Parameters
    ----------
    psf
        A volume (z, y, x) or a plane (y, x).
    spacing
        Distance of samples along (z) y, x in µm.
    nyquist
        The steps (z, xy) in µm that just keep what the optics transmit, as `Model.nyquist` gives them: each cut-off
        is at 1 / (2 step).
    scale
        Of the brightness in the sections: its power 0.4, or its logarithm down to 1e-4 of the peak.
    paper, ink
        Colours of the ground and of words and axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the PSF is not of two or three axes with a spacing each, or is dark.
    ImportError
        If matplotlib is not installed.
    """
    values = np.asarray(psf, dtype=float)
    check_volumes([values], spacing)
    if not values.max() > 0:
        raise ValueError("psf: it is zero everywhere, there is nothing to draw.")
    with drawing(paper, ink) as figure:
        _draw_sections(figure, values if values.ndim == 3 else values[None], (0.0, *spacing)[-3:], scale)
        _draw_transfer(figure.axes[-1], values, spacing, nyquist)
    return figure


def _draw_sections(figure: Any, volume: NDArray[Any], spacing: Sequence[float], scale: str) -> None:
    """Sections: xy, and of a volume yz next to it and xz below it; below them space for a curve."""
    from matplotlib.colors import LogNorm, PowerNorm

    norm = PowerNorm(GAMMA, 0, 1) if scale == "gamma" else LogNorm(FAINTEST, 1)
    z, y, x = (int(at) for at in np.unravel_index(volume.argmax(), volume.shape))
    depth, height, width = (n * step for n, step in zip(volume.shape, spacing, strict=True))
    deep, curve = depth > 0, 1.6
    inch = COLUMN / (width + depth)
    figure.set_size_inches(COLUMN + 0.9, (height + depth) * inch + curve + 0.9)
    rows = [height * inch, *([depth * inch] if deep else []), curve]
    grid = figure.add_gridspec(len(rows), 1 + deep, height_ratios=rows, width_ratios=[width, depth] if deep else None)
    panels = [(grid[0, 0], volume[z], width, height, "xy")]
    if deep:
        panels += [(grid[0, 1], volume[:, :, x].T, depth, height, "zy"), (grid[1, 0], volume[:, y], width, depth, "xz")]
    for place, section, across, down, name in panels:
        panel = figure.add_subplot(place)
        shown = np.clip(section / volume.max(), FAINTEST if scale == "log" else 0, 1)
        panel.imshow(shown, cmap="inferno", norm=norm, extent=(0, across, down, 0), interpolation="nearest")
        panel.set(xticks=[], yticks=[], xlabel=name[0], ylabel=name[1])
        if name == "xy":
            add_scale_bar(panel, across, down)
    if deep:
        corner = figure.add_subplot(grid[1, 1])
        corner.axis("off")
        how = f"intensity$^{{{GAMMA}}}$" if scale == "gamma" else f"log intensity,\nfrom {FAINTEST:g} of the peak"
        corner.text(0.5, 0.5, f"through the peak\n{how}", ha="center", va="center", transform=corner.transAxes)
    figure.add_subplot(grid[-1, :])


def _draw_transfer(panel: Any, psf: NDArray[Any], spacing: Sequence[float], nyquist: Sequence[float] | None) -> None:
    """The transfer functions up to the highest frequency that the samples hold, and where the optics cut them off."""
    at = np.unravel_index(psf.argmax(), psf.shape)
    curves = [("lateral", psf[at[:-2]].sum(axis=0), spacing[-1], LATERAL, "-", 1)]
    if psf.ndim == 3 and len(psf) > 1:
        curves.append(("axial", psf[:, at[1], at[2]], spacing[0], AXIAL, "--", 0))
    for name, profile, step, colour, line, which in curves:
        n = max(POINTS, 2 * len(profile))
        transfer = np.abs(np.fft.rfft(profile, n))
        panel.plot(np.fft.rfftfreq(n, step), transfer / transfer[0], line, color=colour, linewidth=1.5, label=name)
        if nyquist is not None:
            end = 1 / (2 * nyquist[which])
            panel.axvline(end, color=colour, linestyle=":", linewidth=1.5, label=f"{name} cut-off, {end:.3g} / µm")
    panel.set(ylim=(0, 1.03), xlabel="spatial frequency (1/µm)", ylabel="MTF")
    panel.set_xlim(0, max(line.get_xdata()[-1] for line in panel.lines) * 1.02)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(facecolor=panel.get_facecolor(), edgecolor="none", framealpha=0.8, fontsize=7, loc="upper right")
