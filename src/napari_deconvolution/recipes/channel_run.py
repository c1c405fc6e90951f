"""One channel of an image: its PSF, made once, and its volumes, one after the other."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..algorithms.forward.formation import ImageFormation
from ..algorithms.memory import check_memory
from ..algorithms.result import Result
from ..algorithms.stopping.base import STOPS
from ..algorithms.stopping.step import Step
from ..arrays import Array
from ..images.image import Image
from .given_psfs import Psfs, psfs_by_channel
from .recipe import Recipe
from .record import PsfOrigin, Settings, VolumeRecord


@dataclass(eq=False)
class ChannelRun:
    """What is kept from one volume of a channel to the next."""

    recipe: Recipe
    """For this channel."""
    image: Image
    """The channels that are deconvolved."""
    formation: ImageFormation | None = None
    """With the PSF, whose OTF is kept from one volume to the next; None before it is computed."""
    origin: PsfOrigin = field(default_factory=PsfOrigin)
    """Where it comes from."""
    settled: Recipe | None = None
    """The recipe with stop and weight as the search on the first volume found them."""
    estimate: Array | None = None
    """That of the volume before."""

    def make_psf(self, given: Image | None = None) -> ImageFormation:
        """Take the PSF that is given, or compute one."""
        self.formation, self.origin = self.recipe.formation(self.image, given)
        return self.formation

    def steps(self, volume: Any) -> Generator[Step, None, Result]:
        """Deconvolve the next volume; lazy samples are computed here."""
        formation = self.make_psf() if self.formation is None else self.formation
        check_memory(self.recipe, volume.shape, formation, self.recipe.most)
        start = self.estimate if self.recipe.warm_start else None
        plan = self.settled or self.recipe
        spacing = self.image.voxel
        result = yield from plan.steps(np.asarray(volume), formation, start=start, spacing=spacing)
        searched = bool(result.search)
        self._settle(result.image, searched, result.record.get("algorithm"), result.iterations)
        return result

    def resume(self, run: VolumeRecord, estimate: Array) -> None:
        """Go on after a volume that an earlier run has finished."""
        self._settle(estimate, bool(run.search), run.algorithm, run.iterations)

    def _settle(self, estimate: Array, searched: bool, algorithm: Settings | None, iterations: int) -> None:
        self.estimate = estimate if self.recipe.warm_start else None
        if searched and self.recipe.search == "channel" and not self.recipe.warm_start:
            plan = self.settled or self.recipe
            found, count = algorithm or plan.algorithm, max(iterations, 1)
            self.settled = plan.replace(algorithm=found, stop=STOPS["none"], iterations=count)

    def reason(self, result: Result) -> str:
        """Why a volume ended, where the number of iterations is that of the first volume; else as the result says."""
        settled = self.settled is not None and not result.search and result.iterations == self.settled.iterations
        return f"{result.iterations} iterations, as found on the first volume" if settled else result.reason


def channel_runs(image: Image, recipe: Recipe, psf: Psfs | ImageFormation) -> dict[int, ChannelRun]:
    """A run for each channel that is deconvolved, by its number; PSFs that are given are taken, or one formation.

    Raises
    ------
    ValueError
        If a PSF cannot be used, or cannot be computed for what is known of the image.
    """
    taken, count = recipe.taken(image), image.channel_count
    numbers = range(count) if "c" in taken.axes else [recipe.channel or 0]
    runs = {}
    formation = psf if isinstance(psf, ImageFormation) else None
    for number, given in psfs_by_channel(None if isinstance(psf, ImageFormation) else psf, count, numbers).items():
        known = taken.channels[number] if taken.channel_count > 1 and taken.channels else None
        run = runs[number] = ChannelRun(recipe.for_channel(number if count > 1 else 0, count, known), taken, formation)
        if given is not None:
            run.make_psf(given)
        elif formation is None:
            _check_computable(run.recipe, taken)
    return runs


def _check_computable(recipe: Recipe, image: Image) -> None:
    """That a PSF can be computed for every channel of an image."""
    recipe.grid(image)
    count = image.channel_count
    unknown = [k for k in range(count) if not image.channels or image.channels[k].emission is None]
    if count > 1 and unknown and not recipe.channels.emissions:
        raise ValueError(
            f"The image has {count} channels, and the emission wavelength of channel {', '.join(map(str, unknown))} is "
            "not known: give emissions, one for each (--emissions 461nm 525nm on the command line), or a PSF for each, "
            "or choose one channel (--channel)."
        )
