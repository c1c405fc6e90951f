"""How an image and its PSF are read: axes, voxel sizes, which channel, which files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..images.image import Image
from ..parameters import Parameters, param
from .ranges import cut

SMALLEST = 1e-5
"""µm; far below any voxel, so that a voxel size of zero is refused."""


def _range(what: str, label: str) -> Any:
    about = f"Which {what} to take, a range such as 0:10, counted from 0; none: all of them"
    return param(None, about, label=label, importance="advanced")


@dataclass(frozen=True)
class Reading(Parameters):
    """Which image and PSF are read, and what is missing or wrong in their files.

    >>> Reading(axes="tzyx", spacing=(0.3, 0.1, 0.1)).spacing
    (0.3, 0.1, 0.1)
    """

    axes: str | None = param(
        None, "One letter per dimension out of tczyx, for instance zyx; none: as stated by the image", label="Axes"
    )
    sizes: tuple[int, ...] = param(
        (),
        "Lengths of the axes, where planes follow each other along several of them; none: as stated by the image",
        label="Sizes of axes",
        importance="advanced",
        low=1,
    )
    series: int | None = param(
        None, "Which of several images in a file, counted from 0; none: the first", label="Image in the file", low=0
    )
    position: str | None = param(
        None, "Which of several positions in a file, by its name; none: the first", label="Position"
    )
    t: str | None = _range("time points", "Time points")
    z: str | None = _range("planes", "Planes")
    y: str | None = _range("rows", "Rows")
    x: str | None = _range("columns", "Columns")
    spacing: tuple[float, ...] = param(
        (),
        "Distance between voxels along (z) y x; none: as stated by the image",
        label="Voxel size",
        low=SMALLEST,
        unit="µm",
    )
    channel: int | None = param(
        None, "Which of several channels to take, counted from 0; none: all of them", label="Channel", low=0
    )
    psf: tuple[str, ...] = param((), "PSF file, or one per channel; none: computed from the optics", label="PSF file")
    psf_axes: str | None = param(
        None,
        "Axes of the PSF; none: as stated by its file, else those of the image",
        label="PSF axes",
        importance="advanced",
    )
    psf_spacing: tuple[float, ...] = param(
        (),
        "Distance between voxels of the PSF; none: as stated by its file",
        label="PSF voxel size",
        importance="advanced",
        low=SMALLEST,
        unit="µm",
    )

    truth: str | None = param(
        None,
        "File of the ground truth, where known, to compare the result with",
        label="Ground truth file",
        importance="advanced",
    )

    def read_image(self, path: str | Path | Sequence[Path]) -> Image:
        """The image in a file, or in files that are parts of it, with all its channels.

        Raises
        ------
        ValueError, OSError
            If it cannot be read, or does not fit the axes or the spacing given here.
        """
        from ..images.files import read

        if self.series is not None and self.position is not None:
            raise ValueError(f"series = {self.series} and position = {self.position!r} both choose an image: give one.")
        which = self.series if self.position is None else self.position
        image = read(path, self.axes, self.spacing or None, which, self.sizes or None)
        return cut(image, self._parts)

    @property
    def _parts(self) -> dict[str, str]:
        """The ranges along the axes of which not everything is taken."""
        found = {"t": self.t, "z": self.z, "y": self.y, "x": self.x}
        return {axis: text for axis, text in found.items() if text is not None}

    def read_psfs(self, image: Image) -> list[Image]:
        """The PSFs in the files, for an image; none if there are no files."""
        return [self._read_psf(path, image.spatial) for path in self.psf]

    def read_truth(self, image: Image) -> Image | None:
        """The truth in its file, the same part of it as of the image; None if there is none."""
        from ..images.files import read

        if self.truth is None:
            return None
        try:
            found = read(self.truth)
        except ValueError:
            found = read(self.truth, image.axes)
        return cut(found, {axis: text for axis, text in self._parts.items() if axis in found.axes})

    def _read_psf(self, path: str, spatial: str) -> Image:
        from ..images.files import read

        try:
            return read(path, self.psf_axes, self.psf_spacing or None)
        except ValueError:
            # A stack that does not name its axes can have no others than the volumes that it blurs.
            return read(path, self.psf_axes or spatial, self.psf_spacing or None)

    def taken(self, image: Image) -> Image:
        """The chosen channel of an image, at the voxel size that is given here.

        Raises
        ------
        ValueError
            If there is no such channel, or the spacing does not fit.
        """
        image = with_spacing(image, self.spacing)
        return image if self.channel is None or "c" not in image.axes else image.select(c=self.channel)

    def one_channel(self, image: Image) -> Image:
        """The same, of an image that is to have no more than one.

        Raises
        ------
        ValueError
            If there are several and none is chosen.
        """
        image = self.taken(image)
        if image.channel_count > 1:
            raise ValueError(
                f"{image.source or image.name} has several channels ({named(image)}): choose one with --channel."
            )
        return image


def named(image: Image) -> str:
    """The channels of an image by number and name."""
    channels = "; ".join(f"{at} {channel.name}".strip() for at, channel in enumerate(image.channels))
    return channels or f"0 to {image.channel_count - 1}"


def with_spacing(image: Image, spacing: Sequence[float]) -> Image:
    """The image with another voxel size, (z) y x in µm; the same one for no numbers.

    Raises
    ------
    ValueError
        If there is not one number per spatial axis.
    """
    if not len(spacing):
        return image
    if len(spacing) != len(image.spatial):
        axes = " ".join(image.spatial)
        raise ValueError(f"spacing = {tuple(spacing)}: give one positive number in µm for each of {axes}.")
    return image.replace(spacing={**image.spacing, **dict(zip(image.spatial, map(float, spacing), strict=True))})
