"""A picture of an image before and after, for a person to judge."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = ("#767676", "#0072b2", "#d55e00")
"""Of the profiles: apart for every kind of colour vision. Okabe & Ito 2008, Color Universal Design."""

COLUMN = 3.4
"""Width of a section in inches."""


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
    """Write one PNG: sections through an image, its result and, where it is known, the truth, and a profile through them.

    The sections are those through the brightest row of the result. Result and truth share one display range; the image, which
    still has its background, has its own. Both are written above the sections, and the profiles are relative to them.

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
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('matplotlib draws the picture: pip install "napari-deconvolution[plot]".') from error
    volumes = [np.asarray(volume) for volume in (image, result, truth) if volume is not None]
    _check(volumes, spacing)
    deep = image.ndim == 3
    volumes = [volume if deep else volume[None] for volume in volumes]
    depth, height, width = (n * step for n, step in zip(volumes[0].shape, (*spacing,) if deep else (1.0, *spacing), strict=True))
    at = _brightest(volumes[1])
    ranges = [_range(volumes[0], at), *[_range(volumes[1], at)] * (len(volumes) - 1)]

    rows = [COLUMN * height / width, *([COLUMN * depth / width] if deep else []), 1.9]
    figure = Figure(figsize=(COLUMN * len(volumes) + 0.6, sum(rows) + 1.0 + 0.3 * bool(title)), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    if title:
        figure.suptitle(title)
    axes = figure.add_gridspec(len(rows), len(volumes), height_ratios=rows)
    profile = figure.add_subplot(axes[-1, :])
    for column, (volume, (low, high), name) in enumerate(zip(volumes, ranges, names, strict=False)):
        sections = [(volume[at[0]], height, at[1], "y"), (volume[:, at[1]], depth, at[0], "z")][: 1 + deep]
        for row, (section, length, cut, axis) in enumerate(sections):
            panel = figure.add_subplot(axes[row, column])
            panel.imshow(section, cmap="gray", vmin=low, vmax=high, extent=(0, width, length, 0), interpolation="nearest")
            line = (cut + 0.5) * length / section.shape[0]
            for start, end in ((0.0, 0.04), (0.96, 1.0)):  # where profile and other section lie, clear of what there is to see
                panel.axhline(line, start, end, color=COLOURS[2], linewidth=1.2)
            panel.set(xticks=[], yticks=[])
            if column == 0:
                panel.set_ylabel(f"x{axis} section", fontsize=9)
        first = figure.axes[-len(sections)]
        first.set_title(f"{name}\nshown from {_words(low)} to {_words(high)}", fontsize=9)
        _scale_bar(first, width, height)
        values = (volume[at[0], at[1]] - low) / (high - low)
        places = (np.arange(values.size) + 0.5) * (width / values.size)
        profile.plot(places, values, color=COLOURS[column], label=name, linewidth=1.2 if column else 1.8)
    profile.set(xlim=(0, width), xlabel="x along the marked line (µm)", ylabel="share of\ndisplay range")
    profile.spines[["top", "right"]].set_visible(False)
    profile.legend(frameon=False, fontsize=9, ncols=len(volumes), loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)
    canvas.print_figure(path, format="png", dpi=150)
    return Path(path)


def _check(volumes: list[NDArray[Any]], spacing: Sequence[float]) -> None:
    shapes = {volume.shape for volume in volumes}
    if len(shapes) > 1:
        raise ValueError(f"image, result and truth have the shapes {', '.join(map(str, sorted(shapes)))}; crop them to one.")
    if volumes[0].ndim not in (2, 3) or len(spacing) != volumes[0].ndim:
        raise ValueError(f"spacing = {tuple(spacing)} for shape {volumes[0].shape}: give one volume with a spacing for each axis.")


def _brightest(volume: NDArray[Any]) -> tuple[int, int]:
    """The plane and the row that hold the most squared intensity, in the middle half of the volume, away from its borders."""
    planes, rows = (slice(n // 4, n - n // 4) for n in volume.shape[:2])
    power = np.square(volume[planes, rows].astype(float)).sum(axis=2)
    plane = int(power.sum(axis=1).argmax())
    return planes.start + plane, rows.start + int(power[plane].argmax())


def _range(volume: NDArray[Any], at: tuple[int, int]) -> tuple[float, float]:
    """From dark to bright in the sections shown, but for a few voxels."""
    shown = np.concatenate([volume[at[0]].ravel(), volume[:, at[1]].ravel()])
    low, high = (float(level) for level in np.percentile(shown, (0.1, 99.9)))
    return (low, high) if high > low else (low, low + 1.0)


def _words(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _scale_bar(panel: Any, width: float, height: float) -> None:
    """A bar of 1, 2 or 5 times a power of ten micrometres, no longer than a third of the section."""
    from matplotlib.patheffects import withStroke

    power = 10.0 ** np.floor(np.log10(width / 3))
    length = power * max(factor for factor in (1, 2, 5) if factor * power <= width / 3)
    left, below, thick = 0.05 * width, 0.95 * height, 0.012 * height
    edge = [withStroke(linewidth=2.5, foreground="black")]
    corners = ([left, left + length, left + length, left], [below, below, below - thick, below - thick])
    panel.fill(*corners, color="white", linewidth=0, path_effects=edge)
    where = (left + length / 2, below - 2 * thick)
    panel.text(*where, f"{length:g} µm", color="white", ha="center", va="bottom", fontsize=8, path_effects=edge)
