"""A figure that compares an image with its result and, where it is known, the truth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .figure import COLOURS, COLUMN, add_scale_bar, brightest, check_volumes, free_figure


def before_after(
    path: str | Path,
    image: NDArray[Any],
    result: NDArray[Any],
    truth: NDArray[Any] | None = None,
    *,
    spacing: Sequence[float],
    title: str = "",
    names: Sequence[str] = ("image", "result", "truth"),
) -> Path:
    """Write one PNG: sections through an image, its result and, where known, the truth, and a profile through them.

    The sections are those through the brightest row of the result. Result and truth share one display range; the
    image, which still has its background, has its own. Both are written above the sections, and the profiles are
    relative to them.

    Parameters
    ----------
    path
        Of the PNG; an existing file is replaced.
    image, result, truth
        One volume (z, y, x) or plane (y, x) each, of one shape.
    spacing
        Distance of samples along (z) y, x in µm.
    title
        Above everything.
    names
        What image, result and truth are called.

    Raises
    ------
    ValueError
        If the shapes differ, or are not of two or three axes with a spacing each.
    ImportError
        If matplotlib is not installed.
    """
    volumes = [np.asarray(volume) for volume in (image, result, truth) if volume is not None]
    check_volumes(volumes, spacing)
    deep = image.ndim == 3
    volumes = [volume if deep else volume[None] for volume in volumes]
    depth, height, width = (
        n * step for n, step in zip(volumes[0].shape, (*spacing,) if deep else (1.0, *spacing), strict=True)
    )
    at = brightest(volumes[1])
    ranges = [_range(volumes[0], at), *[_range(volumes[1], at)] * (len(volumes) - 1)]

    rows = [COLUMN * height / width, *([COLUMN * depth / width] if deep else []), 1.9]
    figure = free_figure(
        figsize=(COLUMN * len(volumes) + 0.6, sum(rows) + 1.0 + 0.3 * bool(title)), layout="constrained"
    )
    if title:
        figure.suptitle(title)
    axes = figure.add_gridspec(len(rows), len(volumes), height_ratios=rows)
    profile = figure.add_subplot(axes[-1, :])
    for column, (volume, (low, high), name) in enumerate(zip(volumes, ranges, names, strict=False)):
        sections = [(volume[at[0]], height, at[1], "y"), (volume[:, at[1]], depth, at[0], "z")][: 1 + deep]
        for row, (section, length, cut, axis) in enumerate(sections):
            panel = figure.add_subplot(axes[row, column])
            panel.imshow(
                section, cmap="gray", vmin=low, vmax=high, extent=(0, width, length, 0), interpolation="nearest"
            )
            line = (cut + 0.5) * length / section.shape[0]
            for start, end in (
                (0.0, 0.04),
                (0.96, 1.0),
            ):  # where profile and other section lie, clear of what there is to see
                panel.axhline(line, start, end, color=COLOURS[2], linewidth=1.2)
            panel.set(xticks=[], yticks=[])
            if column == 0:
                panel.set_ylabel(f"x{axis} section", fontsize=9)
        first = figure.axes[-len(sections)]
        first.set_title(f"{name}\nshown from {_words(low)} to {_words(high)}", fontsize=9)
        add_scale_bar(first, width, height)
        values = (volume[at[0], at[1]] - low) / (high - low)
        places = (np.arange(values.size) + 0.5) * (width / values.size)
        profile.plot(places, values, color=COLOURS[column], label=name, linewidth=1.2 if column else 1.8)
    profile.set(xlim=(0, width), xlabel="x along the marked line (µm)", ylabel="share of\ndisplay range")
    profile.spines[["top", "right"]].set_visible(False)
    profile.legend(
        frameon=False, fontsize=9, ncols=len(volumes), loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0
    )
    figure.savefig(path, format="png", dpi=150)
    return Path(path)


def _range(volume: NDArray[Any], at: tuple[int, int]) -> tuple[float, float]:
    """From dark to bright in the sections shown, but for a few voxels."""
    shown = np.concatenate([volume[at[0]].ravel(), volume[:, at[1]].ravel()])
    low, high = (float(level) for level in np.percentile(shown, (0.1, 99.9)))
    return (low, high) if high > low else (low, low + 1.0)


def _words(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
