"""Volume by volume: a time series is deconvolved one time point after the other, with one PSF."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..algorithms.stopping import Step
from ..images.image import Image
from .recipe import Recipe, made_by


@dataclass(frozen=True)
class Progress:
    """Where a run is."""

    volume: int
    """Volumes done."""
    volumes: int
    step: Step

    @property
    def done(self) -> int:
        """Updates done, of `total`."""
        return self.volume * self.step.total + self.step.number

    @property
    def total(self) -> int:
        """Updates at most, of all volumes."""
        return self.volumes * self.step.total


def deconvolve_image(image: Image, recipe: Recipe, psf: Image | None = None) -> Generator[Progress, None, Image]:
    """Deconvolve every volume of an image; what the generator returns is the result, on the same axes.

    Parameters
    ----------
    image
        Of one channel; any number of time points.
    recipe
        The method, and the optics for a PSF where none is given.
    psf
        A PSF of one volume; resampled to the image's voxel size where both are known.

    Raises
    ------
    ValueError
        If image or PSF cannot be used; raised at the first step, before anything is computed.
    """
    channels = image.samples.shape[image.axes.index("c")] if "c" in image.axes else 1
    if channels > 1:
        names = ", ".join(f"{k} {channel.name}".strip() for k, channel in enumerate(image.channels)) or f"0 to {channels - 1}"
        raise ValueError(
            f"The image has {channels} channels ({names}), and each has a PSF of its own wavelength: choose one "
            "(--channel on the command line)."
        )
    kernel, origin = recipe.kernel(image, psf)
    outer = [axis for axis in image.axes if axis not in image.spatial]
    order = [image.axes.index(axis) for axis in (*outer, *image.spatial)]
    samples = np.empty([image.samples.shape[k] for k in order], np.float32)
    volumes = list(image.volumes())
    records = []
    for number, (index, volume) in enumerate(volumes):
        walk = recipe.steps(volume, kernel, spacing=image.voxel)
        while True:
            try:
                step = next(walk)
            except StopIteration as end:
                result = end.value
                break
            yield Progress(number, len(volumes), step)
        samples[tuple(index.values())] = result.image
        records.append(
            {**index, **{key: value for key, value in result.record.items() if key != "deconvolution"}, "history": result.history}
        )
    record = {**made_by(), "recipe": recipe.to_dict(), "psf": origin, "voxel": image.voxel, "runs": records, "image": dict(image.record)}
    name = f"{image.name} {recipe.algorithm.name}".strip()
    return replace(image, samples=samples.transpose(np.argsort(order)), record=_plain(record), name=name)


def _plain(value: Any) -> Any:
    """Lists for tuples, as JSON gives them back."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
