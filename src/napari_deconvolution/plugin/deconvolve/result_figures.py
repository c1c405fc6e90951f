"""The figures of a result, from its layers and its record."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...recipes.record import Record, VolumeRecord
from ...recipes.report_text import pedestal
from ...recipes.searches import chosen_setting, searches
from ..layers.result_layers import companion, plane, record_of


@dataclass(frozen=True)
class View:
    """What a figure shows; the same view need not be drawn again."""

    result: Any
    """Its layer."""
    image: Any
    """The layer that it was made from; None if it is not there."""
    layers: tuple[Any, ...]
    """All layers, among them those that belong to it."""
    number: int
    """Which volume, in the order of the record."""
    place: tuple[tuple[str, int], ...]
    """Index along each axis of the result."""
    line: tuple[tuple[float, float], tuple[float, float]] | None
    """Ends (y, x) of a line in voxels; None for the brightest row."""
    colours: tuple[str, str]
    """Of background and text."""

    @cached_property
    def record(self) -> Record:
        """Of the result."""
        return record_of(self.result)

    @property
    def run(self) -> VolumeRecord:
        """The record of the volume."""
        return self.record.runs[self.number]

    @property
    def steps(self) -> tuple[float, float] | None:
        """Distance of samples along y, x in µm, where it is known."""
        voxel = self.record.voxel
        return None if voxel is None else (voxel[-2], voxel[-1])

    @property
    def where(self) -> str:
        """Time, channel and plane as text."""
        return " ".join(f"{axis}={index}" for axis, index in self.place if axis not in "yx")

    def plane(self, layer: Any) -> Any:
        """The plane (y, x) of a layer at this place."""
        return plane(layer, self.result, dict(self.place))


def profile(view: View) -> Any:
    """Along the selected line, else through the brightest row of the plane."""
    from ...plots.result import along, brightest_row, profiles

    after = view.plane(view.result)
    row = brightest_row(after)
    (y0, x0), (y1, x1) = first, last = view.line or ((row, 0), (row, after.shape[1] - 1))
    dy, dx = view.steps or (1.0, 1.0)
    length = (((y1 - y0) * dy) ** 2 + ((x1 - x0) * dx) ** 2) ** 0.5
    line = "the selected line" if view.line else f"y={row}, the brightest row"
    where = f"{line} of {view.where}" if view.where else line
    return profiles(
        None if view.image is None else along(view.plane(view.image), first, last),
        along(after, first, last),
        length,
        unit="µm" if view.steps else "voxels",
        pedestal=pedestal(view.record, view.number),
        title=where,
        paper=view.colours[0],
        ink=view.colours[1],
    )


def convergence(view: View) -> Any:
    """Misfit, change and the search for the stop."""
    from ...plots.result import convergence

    paper, ink = view.colours
    return convergence(view.run.history, searches(view.run), chosen_setting(view.run), paper=paper, ink=ink)


def residual(view: View) -> Any:
    """The map in the shown plane, and its spectrum."""
    from ...plots.result import unexplained

    seen = view.run.residual
    if seen is None:
        raise ValueError(
            "This result has no residual map: switch on “Residual map” under More settings, and run again."
        )
    layer = companion(view.result, "residual", view.layers)
    section = f"; section {view.where}" if layer is not None and view.where else ""
    return unexplained(
        None if layer is None else view.plane(layer),
        view.steps,
        seen["frequency"],
        seen["power"],
        title=f"reduced χ² of the volume {seen['chi_square']:.4g}{section}",
        paper=view.colours[0],
        ink=view.colours[1],
    )


def reproducibility(view: View) -> Any:
    """Fourier correlation of two halves of the photons."""
    from ...plots.result import agreement

    half = view.run.reproducibility
    if half is None:
        raise ValueError(
            "Halves of the photons were not compared: switch on “Reproducibility” under More settings, and run again."
        )
    deep = any(axis == "z" for axis, _ in view.place)
    paper, ink = view.colours
    unit = "µm" if view.steps else "voxel"
    what = "shell" if deep else "ring"
    return agreement(half["frequency"], half["correlation"], half["period"], unit=unit, what=what, paper=paper, ink=ink)


FIGURES: dict[str, Callable[[View], Any]] = {
    "Profile": profile,
    "Convergence": convergence,
    "Residual": residual,
    "Reproducibility": reproducibility,
}
"""Each raises a ValueError that names what is missing, or an ImportError without matplotlib."""
