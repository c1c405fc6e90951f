"""What all figures share: colours, a figure of no window, a scale bar, and where the brightest row lies."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

COLOURS = ("#767676", "#0072b2", "#d55e00")
"""Of the profiles: apart for every kind of colour vision. Okabe & Ito 2008, Color Universal Design."""

COLUMN = 3.4
"""Width of a section in inches."""

LATERAL, AXIAL = "#009e73", "#d55e00"
"""Of the transfer functions: of the same source, and distinguishable on white and on black."""

GAMMA, FAINTEST = 0.4, 1e-4
"""How sections of a PSF are shown: intensity to this power, or its logarithm from this share of the peak."""

POINTS = 512
"""Of a transfer function, at least."""


@contextmanager
def drawing(paper: str, ink: str, letters: float = 8, **attributes: Any) -> Iterator[Any]:
    """A figure to draw in, in the colours of its ground and of its words and axes, with letters of so many points."""
    figure = free_figure(layout="constrained", facecolor=paper, **attributes)
    import matplotlib

    words: dict[Any, Any] = dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), ink
    )
    with matplotlib.rc_context({**words, "axes.facecolor": paper, "font.size": letters}):
        yield figure


def free_figure(**attributes: Any) -> Any:
    """A figure that belongs to no window."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError('matplotlib draws the picture: pip install "napari-deconvolution[plot]".') from error
    return Figure(**attributes)


def check_volumes(volumes: list[NDArray[Any]], spacing: Sequence[float]) -> None:
    shapes = {volume.shape for volume in volumes}
    if len(shapes) > 1:
        raise ValueError(
            f"image, result and truth have the shapes {', '.join(map(str, sorted(shapes)))}; crop them to one."
        )
    if volumes[0].ndim not in (2, 3) or len(spacing) != volumes[0].ndim:
        raise ValueError(
            f"spacing = {tuple(spacing)} for shape {volumes[0].shape}: give one volume with a spacing for each axis."
        )


def brightest(volume: NDArray[Any]) -> tuple[int, int]:
    """The plane and the row with the most squared intensity, in the middle half of the volume, off its borders."""
    planes, rows = (slice(n // 4, n - n // 4) for n in volume.shape[:2])
    power = np.square(volume[planes, rows].astype(float)).sum(axis=2)
    plane = int(power.sum(axis=1).argmax())
    return planes.start + plane, rows.start + int(power[plane].argmax())


def add_scale_bar(panel: Any, width: float, height: float) -> None:
    """A bar of 1, 2 or 5 times a power of ten micrometres, no longer than a third of the section."""
    from matplotlib.patheffects import withStroke

    power = 10.0 ** np.floor(np.log10(width / 3))
    length = power * max(factor for factor in (1, 2, 5) if factor * power <= width / 3)
    left, below, thick = 0.05 * width, 0.95 * height, 0.012 * height
    edge = [withStroke(linewidth=2.5, foreground="black")]
    corners = ([left, left + length, left + length, left], [below, below, below - thick, below - thick])
    panel.fill(*corners, color="white", linewidth=0, path_effects=edge)
    panel.text(
        left, below - 2 * thick, f"{length:g} µm", color="white", ha="left", va="bottom", fontsize=8, path_effects=edge
    )
