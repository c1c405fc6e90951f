"""A bead that was found, and the table of all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Reason = Literal[
    "",
    "too close",
    "edge",
    "end of stack",
    "saturated",
    "dim",
    "too wide",
    "too narrow",
    "elongated",
    "doublet",
    "left out by hand",
]
"""Why a bead is refused; empty for a good one."""


@dataclass(frozen=True)
class Bead:
    """A bead that was found, and why it is not used."""

    position: tuple[float, float, float]
    """z, y, x of its centre, in voxels."""
    reason: Reason = ""
    """Why it is refused; empty for a good one."""
    peak: float = math.nan
    """Height above the background, counts."""
    background: float = math.nan
    """Counts."""
    snr: float = math.nan
    """Peak over the noise of the background."""
    widths: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    """Full width at half maximum along z, y, x of the Gaussian that fits best, µm."""
    elongation: float = math.nan
    """Longest over shortest lateral width."""
    nearest: float = math.inf
    """Distance to the next bead in y and x, µm; infinity where it is alone."""

    @property
    def good(self) -> bool:
        """Whether it is used."""
        return not self.reason


COLUMNS = (
    "number",
    "z",
    "y",
    "x",
    "used",
    "reason",
    "peak",
    "background",
    "snr",
    "fwhm_z",
    "fwhm_y",
    "fwhm_x",
    "elongation",
    "nearest",
)


@dataclass(frozen=True)
class FoundBeads:
    """Every bead of an image, the good ones and the others."""

    beads: tuple[Bead, ...]
    spacing: tuple[float, float, float]
    """Voxels of the image along z, y, x, µm."""
    half: tuple[int, int, int]
    """Half of the window about a bead, voxels along z, y, x: the PSF has 2 · half + 1."""

    @property
    def good(self) -> tuple[Bead, ...]:
        """Those that are used."""
        return tuple(bead for bead in self.beads if bead.good)

    def with_reasons(self, reasons: Sequence[Reason]) -> "FoundBeads":
        """The same beads taken in (empty) and out (any reason) by a person."""
        return replace(
            self, beads=tuple(replace(bead, reason=why) for bead, why in zip(self.beads, reasons, strict=True))
        )

    def counted(self) -> str:
        """How many there are of each kind, in words."""
        names = [bead.reason for bead in self.beads if bead.reason]
        kinds = ", ".join(
            f"{names.count(name)} {name}" for name in sorted(set(names), key=lambda name: -names.count(name))
        )
        return f"{len(self.beads)} beads found: {len(self.good)} used" + (
            f", {len(names)} refused ({kinds})" if names else ""
        )

    def rows(self) -> list[tuple[object, ...]]:
        """A row for each bead, under `COLUMNS`; positions in voxels, lengths in µm."""
        return [
            (
                number,
                *bead.position,
                bead.good,
                bead.reason,
                bead.peak,
                bead.background,
                bead.snr,
                *bead.widths,
                bead.elongation,
                bead.nearest,
            )
            for number, bead in enumerate(self.beads, 1)
        ]

    def csv(self) -> str:
        """The table as text, comma-separated."""
        lines = [",".join(COLUMNS)]
        lines += [
            ",".join(f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row) for row in self.rows()
        ]
        return "\n".join(lines) + "\n"
