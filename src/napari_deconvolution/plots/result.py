"""Curves to judge a result by: a profile before and after, its convergence, its residual, its reproducibility."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from ..algorithms.driver import HistoryRow
from .figure import AXIAL, LATERAL, brightest, drawing

SIZE = 4, 4
"""Of figures, in inches."""

SIGMAS = 5.0
"""The residual is shown from minus to plus so many standard deviations of the noise."""

AGREEMENT = 1 / 7
"""The correlation down to which detail counts as reproducible. Nieuwenhuizen et al. 2013, doi:10.1038/nmeth.2448."""

WIDE = 10.0
"""Curves that span more than this factor have a logarithmic axis."""


def brightest_row(plane: NDArray[Any]) -> int:
    """The row of a plane (y, x) that holds the most squared intensity, in its middle half.

    >>> import numpy as np
    >>> brightest_row(np.diag([0.0, 0.0, 3.0, 2.0, 9.0]))
    2
    """
    return brightest(plane[None])[1]


def along(plane: NDArray[Any], start: Sequence[float], end: Sequence[float]) -> NDArray[np.float64]:
    """Values along a straight line, linear between voxels, at most one voxel apart.

    Parameters
    ----------
    plane
        Samples y, x.
    start, end
        Places (y, x) in voxels; beyond the plane its edge goes on.

    Examples
    --------
    >>> import numpy as np
    >>> along(np.arange(12.0).reshape(3, 4), (0, 0), (0, 3)).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    count = int(np.ceil(np.hypot(end[0] - start[0], end[1] - start[1]))) + 1
    places = [np.linspace(first, last, max(count, 2)) for first, last in zip(start, end, strict=True)]
    return np.asarray(scipy.ndimage.map_coordinates(np.asarray(plane, np.float64), places, order=1, mode="nearest"))


def profiles(
    before: NDArray[Any] | None,
    after: NDArray[Any],
    length: float,
    *,
    unit: str = "µm",
    pedestal: float = 0.0,
    title: str = "",
    paper: str = "white",
    ink: str = "black",
) -> Any:
    """Draw image and result along one line, each on an axis of its own; zero, no light, is at one height for both.

    Parameters
    ----------
    before, after
        Values along the line, evenly spaced; before is None where the image is not at hand.
    length
        Of the line, in `unit`.
    unit
        Of the places, "µm" or "voxels".
    pedestal
        Counts of the image that are no light of the specimen: they are taken away, as the deconvolution did.
    title
        Above the curves.
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
    curves = [("result", np.asarray(after, float), AXIAL)]
    if before is not None:
        name = f"image − {pedestal:.4g}" if pedestal else "image"
        curves.insert(0, (name, np.asarray(before, float) - pedestal, ink))
    tops = [peak if (peak := float(values.max())) > 0 else 1.0 for _, values, _ in curves]
    lowest = min(0.0, *(float(values.min()) / top for (_, values, _), top in zip(curves, tops, strict=True)))
    with drawing(paper, ink, figsize=SIZE) as figure:
        first = figure.add_subplot()
        first.set(xlim=(0, length), xlabel=f"along the line ({unit})")
        first.set_title(title, fontsize=8)
        for number, ((name, values, colour), top) in enumerate(zip(curves, tops, strict=True)):
            panel = first.twinx() if number else first
            panel.plot(np.linspace(0, length, values.size), values, color=colour, linewidth=1.5)
            panel.set_ylim(lowest * top * 1.05, top * 1.05)
            panel.set_ylabel(f"{name} (counts)", color=colour)
            panel.tick_params(axis="y", colors=colour)
            panel.spines["top"].set_visible(False)
            panel.spines["right"].set_visible(len(curves) > 1)
    return figure


def convergence(
    history: Sequence[Sequence[Any]],
    search: Mapping[str, Sequence[Sequence[float]]] | None = None,
    chosen: str = "",
    *,
    paper: str = "white",
    ink: str = "black",
) -> Any:
    """Draw the convergence: the misfit, the change of the estimate, and the search for the stop where there was one.

    Parameters
    ----------
    history
        A row for each iteration, with the numbers of `HistoryRow`.
    search
        Iterations and held-out criterion, for each setting that was tried.
    chosen
        The setting that was taken.
    paper, ink
        Colours of the ground and of words and axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If nothing was measured: a direct filter has no iterations.
    ImportError
        If matplotlib is not installed.
    """
    rows = [HistoryRow(*row) for row in history]
    misfit = {"I-divergence\nper voxel": [row.divergence for row in rows]}
    if not _measured(misfit):
        misfit = {"mean squared\nmisfit (counts²)": [row.squares for row in rows]}
    moves = {"change": [row.change for row in rows], "gradient": [row.gradient for row in rows]}
    panels = [curves for curves in map(_measured, (misfit, moves)) if curves]
    if not panels:
        raise ValueError("There is no curve: a direct filter is done in one step.")
    with drawing(paper, ink, figsize=SIZE) as figure:
        places = iter(np.atleast_1d(figure.subplots(len(panels) + bool(search), 1)))
        for curves, panel in zip(panels, places, strict=False):
            _draw_iterations(panel, curves, ink)
        if search:
            _draw_search(next(places), search, chosen, ink)
    return figure


def unexplained(
    section: NDArray[Any] | None,
    spacing: Sequence[float] | None,
    frequency: Sequence[float],
    power: Sequence[float],
    *,
    title: str = "",
    paper: str = "white",
    ink: str = "black",
) -> Any:
    """Draw a section of the residual, in standard deviations of the noise, and its power by spatial frequency.

    Parameters
    ----------
    section
        Of the map, y, x; None where it is not at hand.
    spacing
        Distance of its samples along y, x in µm; None if unknown.
    frequency, power
        Cycles per voxel, and mean power: 1 for white noise of variance 1.
    title
        Above the section.
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
    with drawing(paper, ink, figsize=SIZE) as figure:
        figure.suptitle(title, fontsize=8)
        panels = np.atleast_1d(
            figure.subplots(1 if section is None else 2, 1, height_ratios=[1] if section is None else [3, 2])
        )
        if section is not None:
            height, width = (n * step for n, step in zip(section.shape, spacing or (1.0, 1.0), strict=True))
            shown = panels[0].imshow(
                section, cmap="twilight_shifted", vmin=-SIGMAS, vmax=SIGMAS, extent=(0, width, height, 0)
            )
            unit = "voxels" if spacing is None else "µm"
            panels[0].set(xlabel=f"x ({unit})", ylabel=f"y ({unit})")
            figure.colorbar(shown, ax=panels[0], label="(y − Hx − b) / σ", extend="both", shrink=0.9)
        seen = np.asarray(power)[1:]  # at frequency 0 is the sum, which the methods keep
        panels[-1].plot(np.asarray(frequency)[1:], seen, color=AXIAL, linewidth=1.5, label="residual")
        panels[-1].axhline(1, color=ink, linestyle=":", linewidth=1.2, label="white noise")
        _spread_out(panels[-1], float(seen.min(initial=1)), float(seen.max(initial=1)))
        panels[-1].set(xlabel="spatial frequency (cycles per voxel)", ylabel="power")
        _finish(panels[-1])
    return figure


def agreement(
    frequency: Sequence[float],
    correlation: Sequence[float],
    period: float | None,
    *,
    unit: str = "µm",
    what: str = "shell",
    paper: str = "white",
    ink: str = "black",
) -> Any:
    """Draw how well the results of two halves of the photons agree, by spatial frequency.

    It shows which detail is reproducible, which need not be real: an artefact of a method may appear twice.

    Parameters
    ----------
    frequency, correlation
        Cycles per `unit`, and the Fourier correlation there.
    period
        The shortest period of which they agree; None if there is none.
    unit
        "µm", or "voxel".
    what
        "shell" of volumes, "ring" of planes.
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
    with drawing(paper, ink, figsize=SIZE) as figure:
        panel = figure.add_subplot()
        panel.set_title("reproducibility of detail:\nresults of two halves of the photons", fontsize=8)
        panel.plot(frequency, correlation, color=AXIAL, linewidth=1.5, label="correlation")
        panel.axhline(AGREEMENT, color=ink, linestyle=":", linewidth=1.2, label="1/7")
        if period is not None:
            panel.axvline(1 / period, color=LATERAL, linestyle="--", linewidth=1.5, label=f"period {period:.3g} {unit}")
        panel.set(
            xlabel=f"spatial frequency (1/{unit})",
            ylabel=f"Fourier {what} correlation",
            ylim=(min(-0.05, *correlation), 1.05),
        )
        panel.set_xlim(0, frequency[-1] * 1.02)
        _finish(panel)
    return figure


def _measured(curves: Mapping[str, Sequence[float | None]]) -> dict[str, NDArray[np.float64]]:
    """Those with measured values; the others of their values are NaN."""
    arrays = {name: np.array(values, float) for name, values in curves.items()}
    return {name: values for name, values in arrays.items() if np.isfinite(values).any()}


def _draw_iterations(panel: Any, curves: Mapping[str, NDArray[np.float64]], ink: str) -> None:
    for (name, values), colour, line in zip(curves.items(), (AXIAL, ink), ("-", "--"), strict=False):
        panel.plot(
            np.arange(1, len(values) + 1),
            values,
            line,
            color=colour,
            linewidth=1.5,
            label=name,
            marker="." * (len(values) == 1),
        )
    lowest, highest = (
        float(reach([reach(values[np.isfinite(values)]) for values in curves.values()])) for reach in (np.min, np.max)
    )
    _spread_out(panel, lowest, highest)
    panel.set(xlabel="iteration", ylabel=next(iter(curves)) if len(curves) == 1 else "")
    _finish(panel, legend=len(curves) > 1)


def _draw_search(panel: Any, search: Mapping[str, Sequence[Sequence[float]]], chosen: str, ink: str) -> None:
    """The criterion with every setting, and where it was least."""
    values = {name: np.array(curve, float).reshape(-1, 2) for name, curve in search.items()}
    for name, curve in values.items():
        taken = name == chosen
        style = (
            {"color": AXIAL, "linewidth": 1.8, "zorder": 3} if taken else {"color": ink, "linewidth": 0.8, "alpha": 0.6}
        )
        panel.plot(*curve.T, label=name, **style)
        if taken:
            panel.plot(*curve[np.nanargmin(curve[:, 1])], "o", color=AXIAL, markersize=4, zorder=3)
    panel.set(xscale="log", xlabel="iterations tried", ylabel="held-out\ncriterion")
    criteria = np.concatenate([curve[:, 1] for curve in values.values()])
    _spread_out(panel, float(np.nanmin(criteria)), float(np.nanmax(criteria)))
    _finish(panel, legend=any(search))


def _spread_out(panel: Any, lowest: float, highest: float) -> None:
    """A logarithmic axis for what spans decades, marked at powers of ten."""
    from matplotlib.ticker import NullFormatter

    if lowest > 0 and highest > WIDE * lowest:
        panel.set_yscale("log")
        panel.yaxis.set_minor_formatter(NullFormatter())


def _finish(panel: Any, legend: bool = True) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    if legend:
        panel.legend(facecolor=panel.get_facecolor(), edgecolor="none", framealpha=0.8, fontsize=7)
