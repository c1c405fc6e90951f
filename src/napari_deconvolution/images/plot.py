"""Pictures for a person to judge: an image before and after, and a PSF."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

COLOURS = ("#767676", "#0072b2", "#d55e00")
"""Of the profiles: apart for every kind of colour vision. Okabe & Ito 2008, Color Universal Design."""

COLUMN = 3.4
"""Width of a section in inches."""

LATERAL, AXIAL = "#009e73", "#d55e00"
"""Of the transfer functions: of the same source, and to be told apart on white and on black."""

GAMMA, FAINTEST = 0.4, 1e-4
"""How sections of a PSF are shown: intensity to this power, or its logarithm from this share of the peak."""

POINTS = 512
"""Of a transfer function, at least."""


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
    volumes = [np.asarray(volume) for volume in (image, result, truth) if volume is not None]
    _check(volumes, spacing)
    deep = image.ndim == 3
    volumes = [volume if deep else volume[None] for volume in volumes]
    depth, height, width = (n * step for n, step in zip(volumes[0].shape, (*spacing,) if deep else (1.0, *spacing), strict=True))
    at = brightest(volumes[1])
    ranges = [_range(volumes[0], at), *[_range(volumes[1], at)] * (len(volumes) - 1)]

    rows = [COLUMN * height / width, *([COLUMN * depth / width] if deep else []), 1.9]
    figure = _figure(figsize=(COLUMN * len(volumes) + 0.6, sum(rows) + 1.0 + 0.3 * bool(title)), layout="constrained")
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
    figure.savefig(path, format="png", dpi=150)
    return Path(path)


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

    The modulation transfer functions are those of the plane in focus along x, and of the line through the focus along z: the absolute
    values of their Fourier transforms, 1 at frequency 0.

    Parameters
    ----------
    psf
        A volume (z, y, x) or a plane (y, x).
    spacing
        Distance of samples along (z) y, x in µm.
    nyquist
        The steps (z, xy) in µm that just keep what the optics transmit, as `Model.nyquist` gives them: each cut-off is at 1 / (2 step).
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
    _check([values], spacing)
    if not values.max() > 0:
        raise ValueError("psf: it is dark, there is nothing to draw.")
    with drawing(paper, ink) as figure:
        _draw_sections(figure, values if values.ndim == 3 else values[None], (0.0, *spacing)[-3:], scale)
        _draw_transfer(figure.axes[-1], values, spacing, nyquist)
    return figure


def _draw_sections(figure: Any, volume: NDArray[Any], spacing: Sequence[float], scale: str) -> None:
    """Sections of xy, with yz beside it and xz below it, if it is no plane; and below them room for a curve."""
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
            _scale_bar(panel, across, down)
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


@contextmanager
def drawing(paper: str, ink: str, letters: float = 8, **attributes: Any) -> Iterator[Any]:
    """A figure for what is drawn within, in the colours of the ground and of words and axes, with letters of so many points."""
    figure = _figure(layout="constrained", facecolor=paper, **attributes)
    import matplotlib

    words: dict[Any, Any] = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), ink)
    with matplotlib.rc_context({**words, "axes.facecolor": paper, "font.size": letters}):
        yield figure


def _figure(**attributes: Any) -> Any:
    """A figure that belongs to no window."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('matplotlib draws the picture: pip install "napari-deconvolution[plot]".') from error
    return Figure(**attributes)


def _check(volumes: list[NDArray[Any]], spacing: Sequence[float]) -> None:
    shapes = {volume.shape for volume in volumes}
    if len(shapes) > 1:
        raise ValueError(f"image, result and truth have the shapes {', '.join(map(str, sorted(shapes)))}; crop them to one.")
    if volumes[0].ndim not in (2, 3) or len(spacing) != volumes[0].ndim:
        raise ValueError(f"spacing = {tuple(spacing)} for shape {volumes[0].shape}: give one volume with a spacing for each axis.")


def brightest(volume: NDArray[Any]) -> tuple[int, int]:
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
    panel.text(left, below - 2 * thick, f"{length:g} µm", color="white", ha="left", va="bottom", fontsize=8, path_effects=edge)
