"""The table of the iterations, as text and as a file."""

import csv

import pytest

from napari_deconvolution.recipes.iteration_table import MOST, iteration_table, write_iterations


def test_table_has_all_iterations_or_some_from_the_first_to_the_last(record):
    run = record.runs[0]
    few, lines = iteration_table(run.replace(history=run.history[:4])), iteration_table(run).splitlines()
    assert [line.split()[0] for line in few.splitlines()[2:]] == ["1", "2", "3", "4"]
    numbers = [int(line.split()[0]) for line in lines[2:]]
    assert lines[0].startswith(f"Iterations ({MOST} of 12)")
    assert (len(numbers), numbers[0], numbers[-1]) == (MOST, 1, 12)
    assert numbers == sorted(set(numbers))
    assert len({len(line) for line in lines[1:]}) == 1
    change = run.history[-1][4]
    assert lines[-1].split()[3] == f"{change:.3g}"


def test_saved_table_has_every_number_of_every_volume(record, tmp_path):
    path = write_iterations(tmp_path / "table.csv", record)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["t"]), int(row["iteration"])) for row in rows] == [(t, k) for t in range(2) for k in range(1, 13)]
    for row, values in zip(rows, [values for run in record.runs for values in run.history], strict=True):
        names = ("seconds", "misfit", "I-divergence", "squares", "change", "gradient")
        assert [float(row[name]) if row[name] else None for name in names] == values
    with pytest.raises(FileExistsError, match="exists already"):
        write_iterations(path, record)
    write_iterations(path, record, overwrite=True)
    with pytest.raises(ValueError, match=r"end the name in \.csv"):
        write_iterations(tmp_path / "table.txt", record)
