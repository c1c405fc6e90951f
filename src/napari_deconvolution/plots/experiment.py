"""Curves of an experiment with a known truth: profiles, detail in image and estimate, and error over iterations."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..algorithms.metrics.spectra import Spectra
from .figure import AXIAL, COLOURS, LATERAL, drawing

LINES = {"truth": ("-", 1.0), "image": ("-", 1.8), "estimate": ("-", 1.3)}
"""How the profiles are drawn: style and width."""

ABOVE: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.98), "borderaxespad": 0.0}
"""Where legends are, so that they hide no curve."""

ROOM = 0.35
"""Of the truth's range, that profiles are shown above and below it: an inverse filter goes a thousand times further."""


def curves(
    profiles: Mapping[str, NDArray[Any]],
    spectra: Spectra,
    errors: Sequence[float],
    before: float,
    *,
    step: float,
    cut_off: float,
    axis: str = "x",
    paper: str = "white",
    ink: str = "black",
) -> Any:
    """Draw four panels, one below the other, narrow enough for a dock.

    Parameters
    ----------
    profiles
        "truth", "image" and "estimate" along one line, in counts.
    spectra
        Along the same axis.
    errors
        Of the estimate after 0, 1, 2 ... iterations; the least is marked.
    before
        Error of the image itself.
    step
        Distance of the samples of the profiles in µm.
    cut_off
        Highest frequency that the microscope transmits, in 1/µm.
    axis
        Name of the axis.
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
    with drawing(paper, ink, 7.5, figsize=(4.2, 4.8)) as figure:
        profile, detail, light, error = figure.subplots(4, 1, height_ratios=(1.3, 1.1, 1, 1))
        light.sharex(detail)
        _draw_profiles(profile, profiles, step, axis)
        _draw_detail(detail, spectra, cut_off)
        _draw_light(light, spectra, cut_off, axis)
        _draw_errors(error, errors, before)
        for panel in figure.axes:
            panel.spines[["top", "right"]].set_visible(False)
            panel.legend(frameon=False, fontsize=7, handlelength=1.4, columnspacing=1.0, ncols=3, **ABOVE)
    return figure


def _draw_profiles(panel: Any, profiles: Mapping[str, NDArray[Any]], step: float, axis: str) -> None:
    for (name, (style, width)), colour in zip(LINES.items(), COLOURS, strict=True):
        values = profiles[name]
        panel.plot((np.arange(values.size) + 0.5) * step, values, style, color=colour, linewidth=width, label=name)
    truth = profiles["truth"]
    low, high = float(truth.min()), float(max(truth.max(), profiles["image"].max()))
    room = ROOM * ((high - low) or 1.0)
    panel.set(xlim=(0, truth.size * step), ylim=(low - room / 2, high + room), xlabel=f"{axis} (µm)", ylabel="counts")


def _draw_detail(panel: Any, spectra: Spectra, cut_off: float) -> None:
    panel.plot(spectra.frequency, spectra.transfer, "--", color=LATERAL, linewidth=1.3, label="MTF")
    panel.plot(spectra.frequency, spectra.seen, color=COLOURS[1], linewidth=1.3, label="image")
    panel.plot(spectra.frequency, spectra.found, color=COLOURS[2], linewidth=1.3, label="estimate")
    panel.axvline(cut_off, color=LATERAL, linestyle=":", linewidth=1.5)
    panel.set(ylim=(-0.25, 1.05), ylabel="agreement\nwith truth")
    panel.tick_params(labelbottom=False)


def _draw_light(panel: Any, spectra: Spectra, cut_off: float, axis: str) -> None:
    some = spectra.frequency > 0
    panel.semilogy(
        spectra.frequency[some],
        np.maximum(spectra.snr[some], 1e-2),
        color=COLOURS[1],
        linewidth=1.3,
        label="signal / noise",
    )
    panel.axhline(1, color=COLOURS[0], linewidth=1)
    panel.axvline(cut_off, color=LATERAL, linestyle=":", linewidth=1.5, label=f"cut-off, {cut_off:.3g} / µm")
    panel.set(
        xlim=(0, min(1.25 * cut_off, spectra.frequency[-1])), ylim=(0.1, None), xlabel=f"frequency along {axis} (1/µm)"
    )
    panel.set_ylabel("signal / noise")


def _draw_errors(panel: Any, errors: Sequence[float], before: float) -> None:
    from matplotlib.ticker import MaxNLocator

    best = int(np.argmin(errors))
    panel.plot(range(len(errors)), errors, color=COLOURS[2], linewidth=1.3, label="estimate")
    panel.plot([best], [errors[best]], "o", color=AXIAL, markersize=6, label=f"best: {errors[best]:.3f} after {best}")
    panel.axhline(before, color=COLOURS[1], linewidth=1.3, label=f"image: {before:.3f}")
    panel.set(xlim=(0, max(len(errors) - 1, 1)), ylim=(0, None), xlabel="iterations", ylabel="error")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
