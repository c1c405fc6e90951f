"""Who works on the tiles: this process, several of this machine, or those of a cluster.

Each gives the numbers of tiles as they are done; a tile that fails is told and stops no other.
"""

import multiprocessing
import os
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from ..algorithms.stopping.step import Step
from ..runs import relayed
from .folder import RunFolder
from .work import deconvolve_tile, tile_steps

LOST = 3
"""How often workers may be lost on the same tiles before they are given up."""

FAILURES = (ValueError, OSError, MemoryError, RuntimeError, LookupError)
"""What a tile may fail with."""


@dataclass(frozen=True)
class Done:
    """A tile was dealt with."""

    number: int
    why: str = ""
    """It failed."""


Working = Generator["Done | Step", None, None]


def alone(folder: RunFolder, numbers: Iterable[int], threads: int) -> Working:
    """One tile after the other, in this process."""
    for number in numbers:
        try:
            yield from relayed(tile_steps(folder, number, threads), _same)
        except FAILURES as error:
            yield Done(number, _sentence(error))
        else:
            yield Done(number)


def processes(folder: RunFolder, numbers: Iterable[int], threads: int, workers: int) -> Working:
    """Several processes; tiles of one that was killed are done again."""
    left, lost = list(numbers), 0
    while left:
        done = set[int]()
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(workers, len(left)), mp_context=context, initializer=_end_with_parent)
        try:
            jobs = {
                pool.submit(deconvolve_tile, str(folder.path), folder.job["id"], number, threads): number
                for number in left
            }
            for job in as_completed(jobs):
                try:
                    job.result()
                except BrokenProcessPool:
                    continue
                except FAILURES as error:
                    done.add(jobs[job])
                    yield Done(jobs[job], _sentence(error))
                else:
                    done.add(jobs[job])
                    yield Done(jobs[job])
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        lost = 0 if done else lost + 1
        left = [number for number in left if number not in done]
        if lost == LOST:
            why = f"its worker was killed {LOST} times, perhaps for want of memory: allow less (--memory)"
            yield from (Done(number, why) for number in left)
            return


def cluster(folder: RunFolder, numbers: Iterable[int], threads: int, client: Any) -> Working:
    """The workers of a `dask.distributed.Client`; those that are lost are made up for by others."""
    from distributed import as_completed as arriving

    left = list(numbers)
    jobs = client.map(
        deconvolve_tile,
        [str(folder.path)] * len(left),
        [folder.job["id"]] * len(left),
        left,
        [threads] * len(left),
        key=[f"tile-{folder.job['id']}-{number}" for number in left],
        pure=False,
        retries=LOST,
    )
    which = {job.key: number for job, number in zip(jobs, left, strict=True)}
    try:
        for job in arriving(jobs):
            error = job.exception()
            yield Done(which[job.key], "" if error is None else _sentence(error))
            job.release()
    finally:
        client.cancel(jobs)


def _end_with_parent() -> None:
    """A worker whose job was killed ends too, instead of waiting for more."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def _sentence(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _same(step: Step) -> Step:
    return step
