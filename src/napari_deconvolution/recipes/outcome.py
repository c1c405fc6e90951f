"""What came of the files of a batch, and its account: a log, and a table with a row for each file."""

import csv
import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from .record import Record, VolumeRecord

LOG = logging.getLogger("napari_deconvolution.batch")

ENDINGS = ("_batch.csv", "_batch.log")
"""Of the names of the table and the log."""

State = Literal["done", "incomplete", "skipped", "failed", "left out"]
STATES: tuple[State, ...] = get_args(State)

COLUMNS = (
    "started", "file", "state", "why", "output", "seconds", "volumes", "failed", "voxel", "model", "algorithm",
    "iterations", "stopped", "estimated", "warnings",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of one file."""

    source: Path
    output: Path
    state: State
    why: str = ""
    """Why it failed or was left out, which volumes failed, or why it was done again."""
    warnings: tuple[str, ...] = ()
    """What may be wrong with it."""
    record: Record = Record()
    """Of the result."""
    started: float = 0.0
    """Time of day, in seconds as `time.time` counts them."""
    seconds: float = 0.0
    """How long it took."""

    def __str__(self) -> str:
        if self.state == "skipped":
            return f"{self.source}: skipped, {self.output} is finished{f' ({self.why})' if self.why else ''}"
        if self.state in ("failed", "left out"):
            return f"{self.source}: {self.state}, {self.why}"
        return f"{self.source}: {self.state}, {self.output}{f' ({self.why})' if self.why else ''}"

    @property
    def row(self) -> dict[str, str]:
        """The same for the table."""
        runs, recipe = self.record.runs, self.record.recipe or {}
        models = [(psf.computed or {}).get("model", {}).get("name", psf.given or "") for psf in self.record.psf]
        values = (
            time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(self.started)) if self.started else "",
            str(self.source),
            self.state,
            self.why,
            "" if self.state in ("failed", "left out") else str(self.output),
            f"{self.seconds:.3g}" if self.seconds else "",
            str(len(runs) or ""),
            str(sum(bool(run.failed) for run in runs) or ""),
            " ".join(f"{step:g}" for step in self.record.voxel or ()),
            _each(models),
            recipe.get("algorithm", {}).get("name", ""),
            _each([str(run.iterations) for run in runs if not run.failed]),
            _each([run.reason for run in runs if not run.failed]),
            _each([_estimated(run) for run in runs if not run.failed]),
            " ".join(self.warnings),
        )
        return dict(zip(COLUMNS, values, strict=True))


def failures(record: Record) -> str:
    """The volumes of a result that could not be deconvolved, and why; empty for none.

    >>> failures(Record(runs=(VolumeRecord(), VolumeRecord(index={"t": 2, "c": 0}, failed="it is dark."))))
    't=2 c=0: it is dark.'
    """
    return " ".join(f"{_place(run)}: {run.failed}" for run in record.runs if run.failed)


def _place(run: VolumeRecord) -> str:
    return " ".join(f"{axis}={at}" for axis, at in run.index.items())


def _each(values: list[str]) -> str:
    """What holds for every volume once; else one after the other."""
    return values[0] if values and len(set(values)) == 1 else "; ".join(values)


def _estimated(run: VolumeRecord) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in run.estimated_from_image.items())


class Account:
    """Log and table of a batch; both are only added to, line by line."""

    def __init__(self, table: Path) -> None:
        self.table = table
        self.outcomes: list[Outcome] = []

    def add(self, outcome: Outcome) -> Outcome:
        """Take the outcome of a file."""
        self.outcomes.append(outcome)
        LOG.log(logging.ERROR if outcome.state == "failed" else logging.INFO, "%s", outcome)
        for warning in outcome.warnings:
            LOG.warning("%s: %s", outcome.source, warning)
        line = io.StringIO(newline="")
        writer = csv.DictWriter(line, COLUMNS)
        if not self.table.exists():
            writer.writeheader()
        writer.writerow(outcome.row)
        with self.table.open("a", encoding="utf-8", newline="") as file:
            file.write(line.getvalue())
        return outcome


def account_files(folder: Path | None, images: Path = Path()) -> tuple[Path, Path]:
    """Where table and log of a batch are: next to the folder of its results, so that this holds nothing but results;
    without one, in that of the images.

    >>> [path.name for path in account_files(Path("sharp"))]
    ['sharp_batch.csv', 'sharp_batch.log']
    """
    place = (images / "deconvolution" if folder is None else folder).absolute()
    table, log = (place.with_name(place.name + ending) for ending in ENDINGS)
    return table, log


@contextmanager
def account(table: Path, log: Path) -> Iterator[Account]:
    """Keep the account of a batch in these files."""
    handler = logging.FileHandler(log, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        yield Account(table)
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)
        handler.close()
