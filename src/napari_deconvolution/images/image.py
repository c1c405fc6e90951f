"""An image: samples with names for their axes, and what is known of how they were taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

AXES = "tczyx"
"""Time, channel, depth, row, column: the letters of axes, in the order in which files are written."""

SPATIAL = "zyx"


@dataclass(frozen=True)
class Channel:
    """One colour of an image. Wavelengths in µm, in vacuum; None where unknown."""

    name: str = ""
    emission: float | None = None
    excitation: float | None = None
    colour: str | None = None
    """How it is shown: "#rrggbb"."""
    pinhole: float | None = None
    """Diameter of the confocal pinhole in Airy units; None where unknown or where there is none."""
    modality: str | None = None
    """How it was taken, by the name of the PSF model: "widefield", "confocal" ...; None where unknown."""


@dataclass(frozen=True, eq=False)
class Image:
    """Samples, a letter for each of their axes, and what is known about them.

    Parameters
    ----------
    samples
        Real numbers, any dtype; never modified.
    axes
        A letter per dimension out of `tczyx`, in any order, y and x among them.
    spacing
        Distance between samples: µm for z, y, x; seconds for t. Only what is known.
    channels
        One per index of c, or empty if unknown. Without an axis c: the one channel.
    optics
        What the file says of `na`, `n_immersion` and so on, by the names of `Microscope`.
    record
        How the image was made, in values that JSON knows.
    source
        The file it came from.
    name
        What to call it.

    Raises
    ------
    ValueError
        If the axes do not fit the samples, or the channels do not fit the axes.

    Examples
    --------
    >>> import numpy as np
    >>> channels = (Channel("DAPI", emission=0.461), Channel("GFP", emission=0.509))
    >>> image = Image(np.zeros((2, 5, 8, 9)), "czyx", {"z": 0.3, "y": 0.1, "x": 0.1}, channels)
    >>> image.describe()
    'c=2 z=5 y=8 x=9'
    >>> image.voxel
    (0.3, 0.1, 0.1)
    >>> image.select(c=1).channels[0].name
    'GFP'
    >>> [index for index, volume in image.volumes()]
    [{'c': 0}, {'c': 1}]
    """

    samples: NDArray[Any]
    axes: str
    spacing: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    optics: Mapping[str, float] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)
    source: Path | None = None
    name: str = ""

    def __post_init__(self) -> None:
        shape = "x".join(map(str, self.samples.shape))
        check_axes(self.axes, self.samples.shape)
        if self.samples.dtype.kind not in "buif":
            raise ValueError(f"samples are of type {self.samples.dtype}; an image has real numbers.")
        if not self.samples.size:
            raise ValueError(f"the image is empty: its shape is {shape}.")
        for axis, step in self.spacing.items():
            if axis not in "tzyx" or not (isfinite(step) and step > 0):
                raise ValueError(
                    f"spacing of {axis} = {step!r}: spacing is a positive number for t (seconds), z, y or x (µm)."
                )
        if len(self.channels) not in (0, self.channel_count):
            said = f"{len(self.channels)} channels are described, but the image has {self.channel_count}"
            raise ValueError(f"{said}; describe every one or none.")

    @property
    def channel_count(self) -> int:
        """How many channels it has."""
        return int(self.samples.shape[self.axes.index("c")]) if "c" in self.axes else 1

    @property
    def spatial(self) -> str:
        """Its spatial axes: "zyx" or "yx"."""
        return "".join(axis for axis in SPATIAL if axis in self.axes)

    @property
    def volume(self) -> tuple[int, ...]:
        """The shape of each of its volumes, (z) y x."""
        return tuple(self.samples.shape[self.axes.index(axis)] for axis in self.spatial)

    @property
    def voxel(self) -> tuple[float, ...] | None:
        """Spacing along the spatial axes, (z) y x, in µm; None if any is unknown."""
        if not all(axis in self.spacing for axis in self.spatial):
            return None
        return tuple(self.spacing[axis] for axis in self.spatial)

    @property
    def modality(self) -> str | None:
        """How all its channels were taken; None where that is unknown, or differs."""
        ways = {channel.modality for channel in self.channels}
        return ways.pop() if len(ways) == 1 else None

    def replace(self, **changes: Any) -> Self:
        """The same image with other fields."""
        return replace(self, **changes)

    def select(self, **index: int) -> Self:
        """The part at an index of some axes, for instance `select(t=0, c=1)`: those axes are gone, the channel is kept.

        Raises
        ------
        ValueError
            If the image has no such axis or index, or the axis is y or x.
        """
        samples, axes, channels = self.samples, self.axes, self.channels
        for axis, at in index.items():
            if axis not in axes or axis in "yx":
                raise ValueError(f"there is no axis {axis!r} to select from; the image has {self.describe()}.")
            size = samples.shape[axes.index(axis)]
            if not -size <= at < size:
                raise ValueError(f"{axis} = {at}: the image has {axis} from 0 to {size - 1}.")
            samples = samples[(slice(None),) * axes.index(axis) + (at,)]
            axes = axes.replace(axis, "")
            if axis == "c" and channels:
                channels = (channels[at],)
        return replace(self, samples=samples, axes=axes, channels=channels)

    def volumes(self) -> Iterator[tuple[dict[str, int], NDArray[Any]]]:
        """Every volume by its index along time and channel: `{"t": 0, "c": 1}` and a view in z y x (or y x)."""
        outer = [axis for axis in self.axes if axis not in SPATIAL]
        samples = self.samples.transpose([self.axes.index(axis) for axis in (*outer, *self.spatial)])
        for at in product(*(range(size) for size in samples.shape[: len(outer)])):
            yield dict(zip(outer, at, strict=True)), samples[at]

    def describe(self) -> str:
        """Its axes and sizes, for instance "t=5 c=2 z=40 y=512 x=512"."""
        return " ".join(f"{axis}={size}" for axis, size in zip(self.axes, self.samples.shape, strict=True))


def check_axes(axes: str, shape: tuple[int, ...]) -> None:
    """Raise a ValueError unless the axes are known letters, each once, with y and x, one per dimension."""
    said = f"axes = {axes!r} for shape {'x'.join(map(str, shape))}"
    if not set(axes) <= set(AXES) or len(set(axes)) != len(axes):
        raise ValueError(f"{said}: use each letter at most once, out of t, c, z, y and x.")
    if len(axes) != len(shape):
        raise ValueError(f"{said}: one letter is needed per dimension, and the image has {len(shape)}.")
    if "y" not in axes or "x" not in axes:
        raise ValueError(f"{said}: an image has at least y and x.")
