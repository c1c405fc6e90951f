"""Deconvolve an image that is larger than memory: plan it, find its settings, work on its tiles, finish its store."""

import os
import shutil
import uuid
import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..algorithms.forward.formation import StationaryPsf
from ..algorithms.stopping.step import Step
from ..algorithms.system_memory import size_in_words
from ..images.files import check_version, check_writable, read, writer_of
from ..images.image import Image
from ..images.lazy import LazySamples
from ..images.output_path import put_in_place
from ..recipes.channel_run import ChannelRun, channel_runs
from ..recipes.given_psfs import Psfs
from ..recipes.lock import Lock
from ..recipes.recipe import Recipe
from ..runs import relayed
from .folder import NOTES, RunFolder, checksum
from .pace import pace
from .plan import Plan, check_disk, margins, planned
from .progress import PYRAMID, SETTINGS, WORKING, TileProgress
from .settle import LARGEST_SEAM, Settled, refuse_what_is_global, settle
from .survey import window
from .tiles import Tiling
from .tiles_record import tiles_record
from .workers import Done, Working, alone, cluster, processes


@dataclass(frozen=True, eq=False)
class TiledRun:
    """A run that is planned, and may have been begun before."""

    source: tuple[Path, ...]
    output: Path
    recipe: Recipe
    image: Image
    channels: Mapping[int, ChannelRun]
    plan: Plan
    threads: int
    """Of each worker."""
    client: Any = None
    version: str = "0.5"
    """Of NGFF."""
    overwrite: bool = False
    command: str = ""
    """For the record."""

    @classmethod
    def planned(
        cls,
        path: str | Path | Sequence[Path],
        output: str | Path,
        recipe: Recipe,
        psf: Psfs = None,
        *,
        workers: int = 1,
        client: Any = None,
        edge: int | None = None,
        version: str = "0.5",
        overwrite: bool = False,
        command: str = "",
    ) -> "TiledRun":
        """Look at image, PSF, memory and disk, and choose the tiles; nothing is written. As `deconvolve_tiles`."""
        output = check_writable(output, overwrite)
        if not (writer := writer_of(output)).folders:
            raise ValueError(f"{output}: tiles are written into an OME-Zarr; end the name in .ome.zarr.")
        check_version(writer, version)
        refuse_what_is_global(recipe)
        image = recipe.read_image(path)
        taken = recipe.taken(image)
        channels = channel_runs(image, recipe, recipe.read_psfs(taken) or None if psf is None else psf)
        formations = [_made(run) for run in channels.values()]
        widest = max(formations, key=margins)
        first = next(iter(channels.values())).recipe
        limit, threads = recipe.most, recipe.threads or os.cpu_count() or 1
        if client is not None:
            workers, limit, threads = _of_cluster(client, limit)
        threads = max(threads // workers, 1) if client is None else threads
        outer = {axis: n for axis, n in zip(taken.axes, taken.samples.shape, strict=True) if axis in "tc"}
        size, rate = taken.samples.dtype.itemsize, pace(first, widest, taken.volume, taken.voxel, threads)
        plan = planned(outer, taken.volume, first, widest, size, rate, limit=limit, workers=workers, edge=edge)
        check_disk(plan, output.parent)
        source = tuple(Path(each).absolute() for each in ([path] if isinstance(path, (str, Path)) else path))
        return cls(source, output, recipe, taken, channels, plan, threads, client, version, overwrite, command)

    @property
    def folder(self) -> RunFolder:
        """Where the unfinished store lies."""
        return RunFolder.beside(self.output)

    def steps(self) -> Generator[TileProgress, None, Image]:
        """Do it all, or what is left of it; closing the generator cancels and keeps the tiles that are done.

        Raises
        ------
        ValueError
            If tiles failed: the others are kept, and the same run again does only those.
        FileExistsError
            If a run with other settings or on another image was begun for this output.
        BlockingIOError
            If another run is at this output now.
        """
        path = self.output.with_name(f".{self.output.name}.lock")
        lock = Lock(path, f"{self.output} is being written by another run: wait until it has ended.")
        try:
            return (yield from self._all())
        finally:
            lock.release()
            path.unlink(missing_ok=True)

    def _all(self) -> Generator[TileProgress, None, Image]:
        folder = self.folder
        if folder.path.exists() and not (folder.begun and self._same(folder)):
            shutil.rmtree(folder.path)
            folder = self.folder
        if not folder.begun:
            yield from self._begin(folder)
        tiling = folder.tiling
        done = folder.done()
        left, failed = [number for number in range(len(tiling)) if number not in done], dict[int, str]()
        count, total = len(done), len(tiling)
        yield TileProgress(WORKING, count, total)
        for each in self._working(folder, left):
            if isinstance(each, Done):
                count += not each.why
                failed |= {each.number: each.why} if each.why else {}
                yield TileProgress(WORKING, count, total)
            else:
                yield TileProgress(WORKING, count, total, each)
        if failed:
            number, why = next(iter(failed.items()))
            raise ValueError(
                f"{len(failed)} of {total} tiles failed, {tiling[number].words} for instance: {why.rstrip('.')}. The "
                f"others are kept in {folder.path}: the same run again does those that are left."
            )
        yield TileProgress(PYRAMID, count, total)
        return self._finish(folder)

    def _same(self, folder: RunFolder) -> bool:
        """Whether an unfinished run is this one; False if it may be thrown away."""
        job = folder.job
        image = checksum(window(self.image, folder.tiling[job["looked_at"]]))
        psfs = all(
            (kernel := folder.formation(number).psf).shape == _made(run).psf.shape
            and np.allclose(kernel, _made(run).psf, rtol=1e-3, atol=1e-7)
            for number, run in self.channels.items()
        )
        what = (
            "with other settings" if job["recipe"] != _settings(self.recipe)
            else "on another image" if image != job["checksum"] or list(map(str, self.source)) != job["source"]
            else "" if psfs
            else "with another PSF"
        )  # fmt: skip
        if what and not self.overwrite:
            raise FileExistsError(
                f"A run {what} was begun for {self.output} and lies in {folder.path}: go on with that one, choose "
                "another name, or ask to overwrite it (--overwrite, overwrite=True)."
            )
        return not what

    def _begin(self, folder: RunFolder) -> Generator[TileProgress, None, None]:
        """Find the settings of every channel, make the empty store, and write down what workers need."""
        from ..images.formats.ome_zarr_write import create

        tiling, found = self.plan.tiling, dict[int, Settled]()
        for count, (number, run) in enumerate(self.channels.items()):
            channel, runs = number if "c" in tiling.outer else None, 2 * len(self.channels)
            recipe = run.recipe.replace(threads=self.threads)
            progress = partial(_settling, len(tiling), 2 * count, runs)
            found[number] = yield from relayed(settle(self.image, tiling, recipe, _made(run), channel), progress)
            if found[number].seam > LARGEST_SEAM:
                warnings.warn(
                    f"At a seam through the brightest place the result differs by {found[number].seam:.1%} of the peak "
                    f"from an untiled one: {recipe.algorithm.name} looks further than half a PSF.",
                    stacklevel=2,
                )
        looked_at = next(iter(found.values())).tile
        job = {
            "id": uuid.uuid4().hex,
            "source": list(map(str, self.source)),
            "recipe": _settings(self.recipe),
            "tiling": {
                "outer": dict(tiling.outer), "shape": tiling.shape, "edge": tiling.edge, "margin": tiling.margin,
            },
            "looked_at": looked_at,
            "checksum": checksum(window(self.image, tiling[looked_at])),
            "version": self.version,
            "command": self.command,
            "channels": {
                number: {
                    "recipe": each.recipe.to_dict(), "level": each.level, "told": each.told, "seam": each.seam,
                    "tile": each.tile, "rate": each.rate, "origin": self.channels[number].origin.to_dict(),
                }
                for number, each in found.items()
            },
        }  # fmt: skip
        create(folder.path, self._empty(), self.version, _shard(tiling.edge))
        folder.begin(job, {number: _made(run).psf for number, run in self.channels.items()})

    def _working(self, folder: RunFolder, left: list[int]) -> Working:
        if self.client is not None:
            return cluster(folder, left, self.threads, self.client)
        if self.plan.workers > 1 and len(left) > 1:
            return processes(folder, left, self.threads, self.plan.workers)
        return alone(folder, left, self.threads)

    def _finish(self, folder: RunFolder) -> Image:
        from ..images.formats.ome_zarr_write import finish

        record = tiles_record(folder, self.image)
        image = self._empty().replace(record=record.to_dict(), name=f"{self.image.name} {self.recipe.algorithm.name}")
        finish(folder.root, image, folder.job["version"])
        put_in_place(folder.path, self.output)
        shutil.rmtree(self.output / NOTES)
        return read(self.output)

    def _empty(self) -> Image:
        """The result without its samples."""
        samples: Any = LazySamples(self.image.samples.shape, np.float32, _nothing)
        return self.image.replace(samples=samples)


def remaining(plan: Plan, folder: RunFolder) -> Plan:
    """The plan of a run that was begun: its tiles, and the time for those that are left."""
    if not folder.begun:
        return plan
    tiling: Tiling = folder.tiling
    share = 1 - len(folder.done()) / len(tiling)
    return replace(plan, tiling=tiling, seconds=plan.seconds * share)


def _settling(tiles: int, before: int, runs: int, at: tuple[int, Step]) -> TileProgress:
    stage, step = at
    return TileProgress(SETTINGS, 0, tiles, step, (before + stage, runs))


def _nothing(_: Any) -> Any:
    raise AssertionError("the samples of an empty store are never asked for")


def _made(run: ChannelRun) -> StationaryPsf:
    formation = run.formation or run.make_psf()
    assert isinstance(formation, StationaryPsf)  # `refuse_what_is_global` has seen to it
    return formation


def _settings(recipe: Recipe) -> dict[str, Any]:
    """A recipe without what does not change the result."""
    return recipe.replace(memory=None, threads=0).to_dict()


def _shard(edge: int) -> int:
    """Edge of the shards of a tile: a part of its own edge, and not too long."""
    return next((size for size in (512, 384, 256) if edge % size == 0), edge)


def _of_cluster(client: Any, limit: float | None) -> tuple[int, float, int]:
    """Tiles that a cluster works on at once, the memory for all of them, and the threads of each: one for every thread
    of a worker, which is how dask shares out tasks.

    Raises
    ------
    ValueError
        If the cluster has no worker.
    """
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    if not workers:
        raise ValueError("the cluster has no worker: start some, and wait for them (client.wait_for_workers).")
    tasks = sum(each["nthreads"] for each in workers)
    least = min(each["memory_limit"] / each["nthreads"] for each in workers)
    if least <= 0:
        raise ValueError(
            f"the workers of the cluster have no memory limit: start them with one ({size_in_words(8 << 30)})."
        )
    return tasks, tasks * least if limit is None else min(limit, tasks * least), 1
