"""Volume by volume: every channel with its own PSF, every time point of it."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..algorithms.forward.blur import is_symmetric
from ..algorithms.memory import check_memory
from ..algorithms.metrics.errors import compare
from ..algorithms.result import Result
from ..algorithms.stopping.rules import STOPS
from ..algorithms.stopping.step import Step
from ..arrays import Array
from ..images.image import Channel, Image
from .psf_recipe import made_by
from .recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """Where a run is."""

    volume: int
    """Volumes done."""
    volumes: int
    index: Mapping[str, int]
    """Which volume, along time and channel."""
    step: Step | None
    """None while the PSF is computed."""

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1; a run that stops early is done sooner."""
        return (self.volume + (self.step.number / self.step.total if self.step else 0.0)) / self.volumes

    @property
    def words(self) -> str:
        """The same for a person.

        >>> Progress(1, 4, {"t": 1, "c": 0}, None).words
        'volume 2 of 4 (t=1 c=0), computing the PSF'
        """
        which = " ".join(f"{axis}={at}" for axis, at in self.index.items())
        place = f"volume {self.volume + 1} of {self.volumes} ({which}), " if self.volumes > 1 else ""
        return place + (f"{self.step.number} of {self.step.total} updates" if self.step else "computing the PSF")


class Deconvolved(NamedTuple):
    """What came out, on the axes of what went in."""

    image: Image
    beside: dict[str, Image]
    """What was asked for beside it, by name: "residual", "uncertainty", "left out" (1 where a voxel was), "kept" (estimates)."""


def deconvolve_image(
    image: Image, recipe: Recipe, psf: Image | Sequence[Image] | None = None, truth: Image | None = None
) -> Generator[Progress, None, Deconvolved]:
    """Deconvolve every volume of an image: each channel with its own PSF, made once, and every time point of it.

    Parameters
    ----------
    image
        Axes out of t, c, z, y, x in any order. Its samples may be lazy: a volume is computed when its turn comes.
    recipe
        The method, which channel, and the optics for a PSF where none is given. A PSF is computed for the emission of each channel:
        as `channels.emissions` say, else as the image tells.
    psf
        One for each channel, as images of one volume or along an axis c; resampled to the image's voxel size where both are known.

    truth
        What the result should be, where that is known: on the axes of the image, or one volume for all of them.

    Yields
    ------
    Progress
        Before each PSF and after each update; closing the generator cancels.

    Raises
    ------
    ValueError
        If image or PSF cannot be used; raised before anything is deconvolved. What only a volume itself shows, as NaN in it, is raised
        when its turn comes.
    MemoryError
        If a volume needs more memory than is free; the message says what to do.
    """
    count = image.channel_count
    taken = recipe.taken(image)
    numbers = range(count) if "c" in taken.axes else [recipe.channel or 0]
    recipes = {number: recipe.for_channel(number if count > 1 else 0, count, _told(taken, number)) for number in numbers}
    kernels = _given(psf, count, numbers)
    made: dict[int, tuple[Array, dict[str, Any]]] = {}
    for number, given in kernels.items():
        if given is None:
            _check_known(recipes[number], taken)
        else:
            made[number] = recipes[number].kernel(taken, given)
    volumes = list(taken.volumes())
    truths = _truths(truth, recipe, taken)
    if recipe.report.keep and len(volumes) > 1:
        raise ValueError(f"keep = {recipe.report.keep}: estimates are kept of one volume, and there are {len(volumes)}; choose one.")
    stack, beside = _Stack(taken), dict[str, _Stack]()
    settled: dict[int, Recipe] = {}
    before: dict[int, Array] = {}
    otfs: dict[int, dict[str, Any]] = {}
    runs = []
    for number, (index, lazy) in enumerate(volumes):
        channel = index.get("c", numbers[0])
        if channel not in made:
            yield Progress(number, len(volumes), index, None)
            made[channel] = recipes[channel].kernel(taken, None)
        kernel = made[channel][0]
        check_memory(recipes[channel], lazy.shape, kernel.shape, is_symmetric(kernel), recipe.most)
        plan = settled.get(channel, recipes[channel])
        start = before.get(channel) if recipe.warm_start else None
        walk = plan.steps(np.asarray(lazy), kernel, start=start, spacing=taken.voxel, kept=otfs.setdefault(channel, {}))
        while True:
            try:
                step = next(walk)
            except StopIteration as end:
                result: Result = end.value
                break
            yield Progress(number, len(volumes), index, step)
        stack.put(index, result.image)
        for name, array in _arrays(result).items():
            beside.setdefault(name, _Stack(taken)).put(index, array)
        if result.search and recipe.search == "channel" and not recipe.warm_start:
            found = result.record.get("algorithm", plan.algorithm)
            settled[channel] = plan.replace(algorithm=found, stop=STOPS["none"], iterations=max(result.updates, 1))
        before[channel] = result.image
        run = {**index, **_record(result)}
        if truths:
            run["against the truth"] = compare(result.image, truths[number % len(truths)])._asdict()
        if channel in settled and not result.search and result.updates == plan.iterations:
            run["reason"] = f"{result.updates} updates, as found on the first volume"
        runs.append(run)
    origins = [made[number][1] for number in numbers]
    record = {
        **made_by(),
        "recipe": recipe.to_dict(),
        "psf": origins[0] if len(origins) == 1 else origins,
        "voxel": taken.voxel,
        "runs": runs,
        "name": image.name,
        "source": None if image.source is None else str(image.source),
        "image": dict(image.record),
    }
    name = f"{image.name} {recipe.algorithm.name}".strip()
    whole = replace(taken, samples=stack.samples, record=_plain(record), name=name)
    others = {kind: replace(whole, samples=found.samples, name=f"{name}, {kind}") for kind, found in beside.items()}
    return Deconvolved(whole, others | _kept(whole, result))


class _Stack:
    """Results volume by volume, on the axes of their image."""

    def __init__(self, image: Image) -> None:
        outer = [axis for axis in image.axes if axis not in image.spatial]
        order = [image.axes.index(axis) for axis in (*outer, *image.spatial)]
        self._volumes = np.zeros([image.samples.shape[k] for k in order], np.float32)
        self.samples = self._volumes.transpose(np.argsort(order))

    def put(self, index: Mapping[str, int], volume: np.ndarray) -> None:
        self._volumes[tuple(index.values())] = volume


def _truths(truth: Image | None, recipe: Recipe, image: Image) -> list[np.ndarray]:
    """The truth of every volume, or one for all."""
    if truth is None:
        return []
    found = [np.asarray(volume) for _, volume in recipe.taken(truth).volumes()]
    volumes = [volume for _, volume in image.volumes()]
    if len(found) not in (1, len(volumes)) or found[0].shape != volumes[0].shape:
        raise ValueError(f"truth: it has {truth.describe()}, which is not that of the image, {image.describe()}.")
    return found


def _told(image: Image, number: int) -> Channel | None:
    """What an image of several channels tells of one of them."""
    return image.channels[number] if image.channel_count > 1 and image.channels else None


def _given(psf: Image | Sequence[Image] | None, count: int, numbers: Iterable[int]) -> dict[int, Image | None]:
    """The PSF for each channel; None where it is to be computed."""
    parts = [] if psf is None else [psf] if isinstance(psf, Image) else list(psf)
    single = [part.select(c=at) if "c" in part.axes else part for part in parts for at in range(part.channel_count)]
    if not single:
        return dict.fromkeys(numbers)
    chosen = list(numbers)
    if len(single) == len(chosen):
        return dict(zip(chosen, single, strict=True))
    if len(single) == count:
        return {number: single[number] for number in chosen}
    raise ValueError(
        f"psf: there are {len(single)} for an image of {count} channels; give one for each, in their order, or choose one channel."
        if count > 1
        else f"psf: there are {len(single)} for an image of one channel; give one."
    )


def chosen_psf(psf: Image | Sequence[Image] | None, recipe: Recipe, image: Image, at: Mapping[str, int]) -> Image | None:
    """The PSF that is given for one volume of an image; None if it is to be computed."""
    count = image.channel_count
    if recipe.channel is not None:
        return _given(psf, count, [recipe.channel])[recipe.channel]
    return _given(psf, count, range(count))[at.get("c", 0)]


def _check_known(recipe: Recipe, image: Image) -> None:
    """That a PSF can be computed for every channel of an image."""
    recipe.grid(image)
    count = image.channel_count
    unknown = [k for k in range(count) if not image.channels or image.channels[k].emission is None]
    if count > 1 and unknown and not recipe.channels.emissions:
        raise ValueError(
            f"The image has {count} channels, and does not tell the emission wavelength of channel {', '.join(map(str, unknown))}: give "
            "emissions, one for each (--emissions 461nm 525nm on the command line), or a PSF for each, or choose one channel (--channel)."
        )


def _arrays(result: Result) -> dict[str, np.ndarray]:
    """What a result holds beside the estimate, as images."""
    found = {
        "residual": None if result.residual is None else result.residual.map,
        "uncertainty": result.uncertainty,
        "left out": result.masked,
    }
    return {name: array for name, array in found.items() if array is not None}


def _kept(image: Image, result: Result) -> dict[str, Image]:
    """The estimates on the way, along the axis t."""
    if not result.kept:
        return {}
    numbers, estimates = zip(*result.kept, strict=True)
    samples = np.stack(estimates)
    record = {**image.record, "updates": list(numbers)}
    axes = "t" + image.spatial[-(samples.ndim - 1) :]
    spacing = {axis: step for axis, step in image.spacing.items() if axis in axes and axis != "t"}
    return {"kept": Image(samples, axes, spacing, image.channels, image.optics, record, image.source, f"{image.name}, kept")}


def _record(result: Result) -> dict[str, Any]:
    """What is told of one run."""
    record = {key: value for key, value in result.record.items() if key != "deconvolution"}
    if result.photons is not None:
        record["photons"] = result.photons._asdict()
    if result.residual is not None:
        seen = result.residual
        power = {"frequency": seen.frequency.tolist(), "power": seen.power.tolist()}
        record["residual"] = {"reduced chi square": seen.chi_square, **power}
    if result.reproducibility is not None:
        half = result.reproducibility
        record["reproducibility"] = {
            "frequency": half.frequency.tolist(),
            "correlation": half.correlation.tolist(),
            "period": half.period if np.isfinite(half.period) else None,
        }
    return {**record, "history": result.history}


def _plain(value: Any) -> Any:
    """Lists for tuples, as JSON gives them back."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
