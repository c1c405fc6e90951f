"""The iterations of a run as a table: for a person to read, and as a file with every number in full."""

import csv
from pathlib import Path

from ..algorithms.driver import HistoryRow
from ..images.output_path import check_free
from .record import Record, VolumeRecord
from .searches import chosen_setting, searches

MOST = 10
"""Iterations that are all listed; of more, so many are."""

TABLE = ".csv"

COLUMNS = (
    ("iteration", "{:d}"),
    ("seconds", "{:.3g}"),
    ("I-divergence", "{:.6g}"),
    ("squares", "{:.6g}"),
    ("change", "{:.3g}"),
    ("held-out", "{:.6g}"),
)
"""Of the table in the text; those without numbers are left out."""


def iteration_rows(run: VolumeRecord) -> list[dict[str, float | None]]:
    """The table of the iterations: every number that was measured, by name; None where it was not.

    The held-out criterion is that of the search for the stop, at the same number of iterations with the setting that
    was taken.
    """
    held = dict(searches(run).get(chosen_setting(run), ()))
    rows = [{"iteration": at, **HistoryRow(*values)._asdict()} for at, values in enumerate(run.history, 1)]
    named = {"divergence": "I-divergence"}
    return [
        {named.get(name, name): value for name, value in row.items()} | {"held-out": held.get(row["iteration"])}
        for row in rows
    ]


def iteration_table(run: VolumeRecord, most: int = MOST) -> str:
    """The same as text: all iterations, or `most` of them, evenly from the first to the last."""
    rows = iteration_rows(run)
    if not rows:
        return ""
    known = [(name, shown) for name, shown in COLUMNS if any(row[name] is not None for row in rows)]
    if ("I-divergence", "{:.6g}") in known:  # what was minimised: the other says the same
        known = [column for column in known if column[0] != "squares"]
    picked = [rows[at] for at in _spread(len(rows), most)]
    lines = [["no." if name == "iteration" else name for name, _ in known]]  # what narrow docks have space for
    lines += [["–" if row[name] is None else shown.format(row[name]) for name, shown in known] for row in picked]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    some = f" ({len(picked)} of {len(rows)})" if len(picked) < len(rows) else ""
    return "\n".join([f"Iterations{some}, misfit per voxel:", *table])


def write_iterations(path: str | Path, record: Record, overwrite: bool = False) -> Path:
    """Save the table of the iterations of every volume, each number in full, as comma-separated values.

    Parameters
    ----------
    path
        Of the file; its name ends in .csv.
    record
        Of the result.
    overwrite
        Whether a file of that name may be replaced.

    Raises
    ------
    ValueError
        If the name does not end in .csv, or there are no iterations: a direct filter is done in one step.
    OSError
        If the file cannot be written, or exists and is not to be overwritten.
    """
    rows = [dict(run.index) | row for run in record.runs for row in iteration_rows(run)]
    if not rows:
        raise ValueError("There is no table to save: nothing was measured during the run.")
    path = check_free(path, TABLE, overwrite)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def _spread(count: int, most: int) -> list[int]:
    """So many of the first numbers at most, evenly, with the first and the last."""
    return list(range(count)) if count <= most else [round(at * (count - 1) / (most - 1)) for at in range(most)]
