"""The plan of a run in tiles: how large they are, and what the run will take, known before it."""

import math
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..algorithms.deconvolve import Deconvolution
from ..algorithms.forward.formation import ImageFormation
from ..algorithms.memory import memory
from ..algorithms.stopping.base import STOPS
from ..algorithms.system_memory import available, size_in_words
from .tiles import Tiling

BASE = 235 << 20
"""Bytes of a process beside its arrays: Python, numpy, scipy, zarr and what they load (160 MiB, measured), and what the
allocator keeps of arrays that are gone.
"""

SMALL, LARGE = (32, 64, 128, 256, 384, 512), (256, 384, 512)
"""Edges of a tile are one of the small ones, or a multiple of a large one, which is then the edge of a shard."""

MORE = 4
"""Voxels that the margin is wider than half a PSF."""

SHARE = 0.9
"""Of the free memory that a run takes where no limit is given."""

SETUP = 6.0
"""What a tile takes beside its iterations, in iterations: reading, looking for defects, OTF, weight, writing."""


@dataclass(frozen=True)
class Plan:
    """How an image is deconvolved in tiles.

    >>> plan = Plan(Tiling({}, (50, 2048, 2048), 512, (47, 47)), 2, 3.0e9, 1200.0, 900e6)
    >>> plan.words
    '16 tiles of 50 x 512 x 512 voxels with a margin of 47, 2 at a time, about 20 min; 3.0 GB of memory, 0.9 GB of disk'
    """

    tiling: Tiling
    workers: int
    """Tiles that are worked on at once."""
    memory: float
    """Bytes of all processes together at most."""
    seconds: float
    """That the run is expected to take."""
    disk: float
    """Bytes of the result at most: before compression, with its pyramid."""

    @property
    def words(self) -> str:
        """The plan in one line."""
        size = " x ".join(
            map(str, (*self.tiling.shape[:-2], *(min(self.tiling.edge, n) for n in self.tiling.shape[-2:])))
        )
        margin = " x ".join(map(str, dict.fromkeys(self.tiling.margin)))
        tiles = (
            f"{len(self.tiling)} tile{'s' if len(self.tiling) > 1 else ''} of {size} voxels with a margin of {margin}"
        )
        each = f", {self.workers} at a time" if self.workers > 1 else ""
        return (
            f"{tiles}{each}, about {duration(self.seconds)}; {size_in_words(int(self.memory))} of memory, "
            f"{size_in_words(int(self.disk))} of disk"
        )

    @property
    def table(self) -> str:
        """The same line by line."""
        rows, columns = self.tiling.windows()
        read = sum(rows) * sum(columns) / math.prod(self.tiling.shape[-2:])
        lines = {
            "volumes": str(math.prod(self.tiling.outer.values())),
            "tiles of each": f"{len(rows)} x {len(columns)} along y and x, whole along z",
            "core and margin": f"{self.tiling.edge} and {self.tiling.margin[0]} x {self.tiling.margin[1]} voxels",
            "read and computed": f"{read:.3g} times the voxels of the image",
            "at a time": str(self.workers),
            "memory of each": size_in_words(int(self.memory / self.workers)),
            "expected time": duration(self.seconds),
            "disk at most": size_in_words(int(self.disk)),
        }
        return "\n".join(f"  {name:18} {value}" for name, value in lines.items())


def planned(
    outer: Mapping[str, int],
    shape: tuple[int, ...],
    job: Deconvolution,
    formation: ImageFormation,
    itemsize: int,
    rate: float,
    *,
    limit: float | None = None,
    workers: int = 1,
    edge: int | None = None,
) -> Plan:
    """Choose the tiles that cost least among those that fit into memory.

    Parameters
    ----------
    outer, shape
        As in `Tiling`.
    job, formation
        What is done to each volume.
    itemsize
        Bytes of a sample as it is read.
    rate
        Seconds that a voxel of the padded volume takes in an iteration, of one worker.
    limit
        Bytes of all processes together; None for most of what is free.
    workers
        Tiles to work on at once.
    edge
        Of the tiles, instead of what is chosen.

    Raises
    ------
    MemoryError
        If not even the smallest tile fits; the message says what it needs.
    """
    margin = margins(formation)
    free = limit if limit is not None else SHARE * (available() or math.inf)
    each = free if workers == 1 else (free - BASE) / workers
    best, smallest = None, math.inf
    for size in [edge] if edge is not None else _edges(max(shape[-2:])):
        tiling = Tiling(outer, shape, size, margin)
        rows, columns = tiling.windows()
        taken = process_memory(job, (*shape[:-2], max(rows), max(columns)), formation, itemsize)
        smallest = min(smallest, taken)
        cost = _padded(job, tiling, formation)
        if taken <= each and (best is None or cost < best[0]):
            best = cost, tiling, taken
    if best is None:
        need = smallest if workers == 1 else workers * smallest + BASE
        raise MemoryError(
            f"Not even a small tile fits into {size_in_words(int(free))} of memory: it needs {size_in_words(int(need))}"
            f"{f' with {workers} workers' if workers > 1 else ''}, for its margin is half a PSF, {margin[0]} x "
            f"{margin[1]} voxels, and z is whole: allow more memory, or take a smaller PSF or fewer workers."
        )
    cost, tiling, taken = best
    busy = min(workers, len(tiling))
    iterations = _expected(job) + SETUP
    voxels = math.prod(outer.values()) * math.prod(shape)
    total = taken if workers == 1 else busy * taken + BASE
    return Plan(tiling, busy, total, rate * iterations * cost / busy, 4 * 4 / 3 * voxels)


def margins(formation: ImageFormation) -> tuple[int, int]:
    """Along y and x: half a PSF, and a few voxels more.

    From there on a tile differs from the whole by less than 0.5 % of the peak, also where a bead lies on the seam
    (docs/guides/larger-than-memory.md); for a PSF of a few voxels half of it alone would leave 4 %.
    """
    rows, columns = formation.reach[-2:]
    return max(rows) + MORE, max(columns) + MORE


def process_memory(job: Deconvolution, window: tuple[int, ...], formation: ImageFormation, itemsize: int) -> float:
    """Bytes of a process that deconvolves a window and writes its core, at its peak: all that it holds."""
    voxels = math.prod(window)
    return BASE + memory(job, window, formation) + (itemsize + 4) * voxels


def check_disk(plan: Plan, folder: Path) -> None:
    """Refuse a result that the disk has no room for.

    Raises
    ------
    OSError
        If there is less room than the result may take.
    """
    free = shutil.disk_usage(folder).free
    if plan.disk > free:
        raise OSError(
            f"The result may take {size_in_words(int(plan.disk))} on the disk of {folder}, and {size_in_words(free)} "
            "are free: make room, or write to another disk."
        )


def duration(seconds: float) -> str:
    """A time for a person.

    >>> duration(3.2), duration(90), duration(7200), duration(400_000)
    ('3 s', '1.5 min', '2 h', '4.6 days')
    """
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{max(seconds, 1):.0f} s"


def _expected(job: Deconvolution) -> int:
    """Iterations of a tile: where a criterion decides, those within which the estimate settles, if it ever does."""
    if job.algorithm.needs_diagonal:
        return 1
    settles = 0 if job.criterion == STOPS["none"] else job.algorithm.settles
    return min(job.iterations, settles or job.iterations)


def _edges(longest: int) -> Iterator[int]:
    most = max(2 * longest, 64)
    yield from sorted({*(e for e in SMALL if e < most), *(k * e for e in LARGE for k in range(1, most // e + 1))})


def _padded(job: Deconvolution, tiling: Tiling, formation: ImageFormation) -> float:
    """Voxels of all padded windows: what an iteration of all tiles costs."""
    total = 0.0
    rows, columns = ({n: lengths.count(n) for n in lengths} for lengths in tiling.windows())
    for height, many in rows.items():
        for width, times in columns.items():
            window = (*tiling.shape[:-2], height, width)
            work = formation.work(window, job.boundary, diagonal=job.algorithm.needs_diagonal, threads=1)
            total += many * times * work.estimate / 4
    return total * math.prod(tiling.outer.values())
