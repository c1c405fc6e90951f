"""Volume by volume: every channel with its own PSF, every time point of it."""

from collections.abc import Generator, Mapping
from contextlib import suppress
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from ..algorithms.driver import History
from ..algorithms.forward.formation import ImageFormation
from ..algorithms.metrics.errors import compare
from ..algorithms.result import Result
from ..images.image import Image
from ..runs import relayed
from .channel_run import channel_runs
from .given_psfs import Psfs
from .progress import Progress
from .recipe import Recipe
from .record import PsfOrigin, Record, VolumeRecord, software
from .store import ESTIMATE, InMemory, Store


class Deconvolved(NamedTuple):
    """What came out, on the axes of what went in."""

    image: Image
    others: dict[str, Image]
    """What the recipe asks for in addition: "residual", "uncertainty", "left out" (1 where a voxel was), "kept"."""


def run_image(
    image: Image,
    recipe: Recipe,
    psf: Psfs | ImageFormation = None,
    truth: Image | None = None,
    store: Store | None = None,
) -> Generator[Progress, None, Deconvolved]:
    """Deconvolve every volume of an image: each channel with its own PSF, made once, and every time point of it.

    Parameters
    ----------
    image
        Axes out of t, c, z, y, x in any order. Its samples may be lazy: a volume is computed when its turn comes.
    recipe
        The method, which channel, and the optics for a PSF where none is given. A PSF is computed for the emission of
        each channel: that of `channels.emissions`, else that of the image.
    psf
        One for each channel, as images of one volume or along an axis c; resampled to the image's voxel size where both
        are known. Or how all volumes were formed.
    truth
        What the result should be, where that is known: on the axes of the image, or one volume for all of them.
    store
        Where finished volumes are kept; those that are there already are not done again. None: in memory.

    Yields
    ------
    Progress
        Before each PSF and after each iteration; closing the generator cancels.

    Raises
    ------
    ValueError
        If image or PSF cannot be used; raised before anything is deconvolved. What only a volume itself shows, as NaN
        in it, does not end a run of several: its record says so (`failed`), and the result is as the recipe has it
        (`unusable`). If no volume can be used, what is wrong with the first is raised.
    MemoryError
        If a volume needs more memory than is free; the message says what to do.
    """
    taken, channels = recipe.taken(image), channel_runs(image, recipe, psf)
    volumes, truths = list(taken.volumes()), _truths(truth, recipe, taken)
    if recipe.report.keep and len(volumes) > 1:
        raise ValueError(
            f"keep = {recipe.report.keep}: estimates are kept of one volume, and there are {len(volumes)}; choose one."
        )
    results, failures = _Results(taken, store or InMemory()), list[Exception]()
    for number, (index, volume) in enumerate(volumes):
        channel = channels[index.get("c", next(iter(channels)))]
        progress = Progress(number, len(volumes), index, None)
        if channel.formation is None:
            yield progress
            channel.make_psf()
        if not recipe.report.keep and (run := results.store.finished(index)) is not None:
            channel.resume(run, results.store.read(index))
            results.runs.append(run)
            continue
        try:
            samples = np.asarray(volume)
            if len(volumes) > 1 and (least := samples.min()) == samples.max():
                raise ValueError(f"all of its voxels have the value {least:g}: there is nothing to deconvolve.")
            result = yield from relayed(channel.steps(samples), progress.at)
        except (ValueError, OSError) as error:
            failures.append(error)
            results.add_failed(index, _left(volume, recipe), " ".join(str(error).split()))
        else:
            near = compare(result.image, truths[number % len(truths)])._asdict() if truths else None
            results.add(index, result, _volume_record(result, index, channel.reason(result), near))
        if len(failures) == len(volumes):
            raise failures[0]
    return results.finish(recipe, [channel.origin for channel in channels.values()])


def _left(volume: Any, recipe: Recipe) -> np.ndarray:
    """What becomes of a volume that cannot be deconvolved."""
    if recipe.unusable == "image":
        with suppress(ValueError, OSError):  # one that cannot be read has nothing to be left
            return np.asarray(volume, np.float32)
    return np.full(volume.shape, np.nan, np.float32)


class _Results:
    """Results volume by volume, on the axes of their image."""

    def __init__(self, image: Image, store: Store) -> None:
        outer = [axis for axis in image.axes if axis not in image.spatial]
        self.order = [image.axes.index(axis) for axis in (*outer, *image.spatial)]
        self.image, self.store = image, store
        shape = [image.samples.shape[k] for k in self.order]
        store.begin(dict(zip(outer, shape, strict=False)), shape[len(outer) :])
        self.runs: list[VolumeRecord] = []
        self.kept: tuple[tuple[int, np.ndarray], ...] = ()

    def add(self, index: Mapping[str, int], result: Result, run: VolumeRecord) -> None:
        """Take what came of one volume."""
        maps = {
            ESTIMATE: result.image,
            "residual": None if result.residual is None else result.residual.map,
            "uncertainty": result.uncertainty,
            "left out": result.masked,
        }
        self.store.write(index, {name: volume for name, volume in maps.items() if volume is not None}, run)
        self.runs.append(run)
        self.kept = result.kept

    def add_failed(self, index: Mapping[str, int], left: np.ndarray, why: str) -> None:
        """Take what is left of a volume that cannot be deconvolved."""
        run = VolumeRecord(index=index, reason="not deconvolved", failed=why)
        self.store.write(index, {ESTIMATE: left}, run)
        self.runs.append(run)

    def finish(self, recipe: Recipe, psf: list[PsfOrigin]) -> Deconvolved:
        """All of them as images, with the record of how they were made."""
        image = self.image
        record = Record(
            software=software(),
            recipe=recipe.to_dict(),
            psf=tuple(psf),
            voxel=image.voxel,
            runs=tuple(self.runs),
            name=image.name,
            source=None if image.source is None else str(image.source),
            image=image.record,
        )
        back = np.argsort(self.order)
        name = f"{image.name} {recipe.algorithm.name}".strip()
        found = self.store.arrays()
        whole = image.replace(samples=found.pop(ESTIMATE).transpose(back), record=record.to_dict(), name=name)
        others = {
            kind: whole.replace(samples=samples.transpose(back), name=f"{name}, {kind}")
            for kind, samples in found.items()
        }
        return Deconvolved(whole, others | ({"kept": self._kept(whole, record)} if self.kept else {}))

    def _kept(self, image: Image, record: Record) -> Image:
        """The estimates on the way, along the axis t."""
        numbers, estimates = zip(*self.kept, strict=True)
        samples = np.stack(estimates)
        axes = "t" + image.spatial[-(samples.ndim - 1) :]
        spacing = {axis: step for axis, step in image.spacing.items() if axis in axes and axis != "t"}
        known = record.replace(further={**record.further, "kept_iterations": numbers}).to_dict()
        return image.replace(samples=samples, axes=axes, spacing=spacing, record=known, name=f"{image.name}, kept")


def _truths(truth: Image | None, recipe: Recipe, image: Image) -> list[np.ndarray]:
    """The truth of every volume, or one for all."""
    if truth is None:
        return []
    found = [np.asarray(volume) for _, volume in recipe.taken(truth).volumes()]
    volumes = [volume for _, volume in image.volumes()]
    if len(found) not in (1, len(volumes)) or found[0].shape != volumes[0].shape:
        raise ValueError(f"truth: it has {truth.describe()}, which is not that of the image, {image.describe()}.")
    return found


def _volume_record(
    result: Result, index: Mapping[str, int], reason: str, against_truth: Mapping[str, float] | None
) -> VolumeRecord:
    """The record of one volume."""
    form: dict[str, Any] = {name: value for name, value in result.record.items() if name != "deconvolution"}
    residual, half = result.residual, result.reproducibility
    if residual is not None and np.isfinite(residual.chi_square):
        power = {"frequency": residual.frequency.tolist(), "power": residual.power.tolist()}
        form["residual"] = {"chi_square": residual.chi_square, **power}
    if half is not None:
        form["reproducibility"] = {
            "frequency": half.frequency.tolist(),
            "correlation": half.correlation.tolist(),
            "period": half.period if np.isfinite(half.period) else None,
        }
    if result.photons is not None:
        form["photons"] = result.photons._asdict()
    form |= {"index": index, "reason": reason, "history": _measured(result.history), "against_truth": against_truth}
    return VolumeRecord.of(form)


def _measured(history: History) -> list[list[float | None]]:
    """The numbers of every iteration; None where there is none, as for a misfit that no number can hold."""
    return [[value if value is not None and isfinite(value) else None for value in row] for row in history]
