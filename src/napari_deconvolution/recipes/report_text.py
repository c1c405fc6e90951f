"""The record of a result as a person reads it: what was done, where the light is, and a table of the updates."""

import csv
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..algorithms.camera.camera import Camera
from ..algorithms.driver import Update
from ..images.output_path import check_free

WIDTH = 50
"""Characters of a line: what a narrow dock shows."""

INDENT = 10

MOST = 10
"""Updates that are all listed; of more, so many are."""

TABLE = ".csv"

COLUMNS = (
    ("update", "{:d}"),
    ("seconds", "{:.3g}"),
    ("I-divergence", "{:.6g}"),
    ("squares", "{:.6g}"),
    ("change", "{:.3g}"),
    ("held-out", "{:.6g}"),
)
"""Of the table in the text; those of which nothing is known are left out."""


def report(record: Mapping[str, Any], number: int = 0) -> str:
    """Everything that is told of one volume of a result, in lines of at most 50 characters.

    Parameters
    ----------
    record
        Of the result.
    number
        Which volume, in the order of the record.

    Examples
    --------
    >>> run = {"updates": 1, "reason": "1 update done", "sum before": 90.0, "sum after": 91.0, "history": []}
    >>> record = {"name": "cell", "recipe": {"algorithm": {"name": "wiener", "weight": 0.1}, "camera": {}}, "psf": {"given": "p"}}
    >>> print(report({**record, "voxel": [0.1, 0.1], "runs": [run]}))
    cell
    <BLANKLINE>
    method    wiener, weight 0.1
    stop      1 update done
    PSF       the layer or file p
    voxel     0.1 0.1 µm
    <BLANKLINE>
    Light, above offset and background (counts):
      image              90
      result             91
    """
    run = record["runs"][number]
    title = " ".join([record.get("name") or "result", *(f"{axis}={run[axis]}" for axis in "tc" if axis in run)])
    near = _against(run["against the truth"]) if "against the truth" in run else ""
    parts = ["\n".join(_lines(record, run)), near, _light(run), _quality(record, run), update_table(run)]
    return "\n\n".join(part for part in (title, *parts) if part)


def _against(comparison: Mapping[str, float]) -> str:
    numbers = "  NRMSE {nrmse:.4g}, SNR {snr:.4g} dB\n  PSNR {psnr:.4g} dB, SSIM {ssim:.4g}".format(**comparison)
    return f"Against the truth, after one fitted scale:\n{numbers}"


def update_rows(run: Mapping[str, Any]) -> list[dict[str, float | None]]:
    """The table of the updates: every number that was measured, by name; None where it was not.

    The held-out criterion is that of the search for the stop, at the same number of updates with the setting that was taken.
    """
    held = dict(searches(run).get(chosen_setting(run), ()))
    rows = [{"update": at, **Update(*values)._asdict()} for at, values in enumerate(run["history"], 1)]
    return [
        {"I-divergence" if name == "divergence" else name: value for name, value in row.items()} | {"held-out": held.get(row["update"])}
        for row in rows
    ]


def update_table(run: Mapping[str, Any], most: int = MOST) -> str:
    """The same as text, numbers below each other: all updates up to `most`, else as many, from the first to the last."""
    rows = update_rows(run)
    if not rows:
        return ""
    known = [(name, shown) for name, shown in COLUMNS if any(row[name] is not None for row in rows)]
    if ("I-divergence", "{:.6g}") in known:  # what was minimised: the other says the same
        known = [column for column in known if column[0] != "squares"]
    picked = [rows[at] for at in _spread(len(rows), most)]
    lines = [[name for name, _ in known]]
    lines += [["–" if row[name] is None else shown.format(row[name]) for name, shown in known] for row in picked]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    some = f" ({len(picked)} of {len(rows)})" if len(picked) < len(rows) else ""
    return "\n".join([f"Updates{some}, misfit per voxel:", *table])


def write_updates(path: str | Path, record: Mapping[str, Any], overwrite: bool = False) -> Path:
    """Save the table of the updates of every volume, each number in full, as comma-separated values.

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
        If the name does not end in .csv, or there are no updates: a direct filter is done in one step.
    OSError
        If the file cannot be written, or exists and is not to be overwritten.
    """
    rows = [{axis: run[axis] for axis in "tc" if axis in run} | row for run in record["runs"] for row in update_rows(run)]
    if not rows:
        raise ValueError("There is no table to save: nothing was measured on the way.")
    path = check_free(path, TABLE, overwrite)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def searches(run: Mapping[str, Any]) -> dict[str, list[tuple[int, float]]]:
    """Updates and held-out criterion for every setting that was tried, by what sets it apart.

    >>> tried = [{"algorithm": {"name": "ml", "roughness": weight}, "curve": [[1, 5.0]]} for weight in (0.0, 0.1)]
    >>> searches({"search": tried})
    {'roughness 0': [(1, 5.0)], 'roughness 0.1': [(1, 5.0)]}
    """
    tried = run.get("search", [])
    return {_apart(trial["algorithm"], tried): [(int(at), float(value)) for at, value in trial["curve"]] for trial in tried}


def chosen_setting(run: Mapping[str, Any]) -> str:
    """The name, in `searches`, of the setting that was taken; empty if nothing sets it apart."""
    tried = run.get("search", [])
    return _apart(run["algorithm"], tried) if tried and "algorithm" in run else ""


def pedestal(record: Mapping[str, Any], number: int = 0) -> float:
    """Counts of every voxel of a volume that were taken for no light of the specimen: offset and background.

    >>> pedestal({"recipe": {"camera": {"offset": 100.0, "background": None}}, "runs": [{"told by the image": {"background": 4.0}}]})
    104.0
    """
    camera = _camera(record, record["runs"][number])
    return float(camera["offset"]) + float(camera["background"] or 0)


def _camera(record: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """Of one volume: what was said of all, or of its channel, or told by the image."""
    recipe = record["recipe"]
    said = {name: recipe.get("channels", {}).get(f"{name}s") or () for name in ("offset", "background", "gain", "read_noise")}
    channel = run.get("c", recipe.get("channel")) or 0
    each = {name: values[min(channel, len(values) - 1)] for name, values in said.items() if values}
    return {**recipe["camera"], **each, **run.get("told by the image", {})}


def _apart(algorithm: Mapping[str, Any], tried: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name, value in algorithm.items() if any(trial["algorithm"][name] != value for trial in tried)]
    return ", ".join(_said(name, algorithm[name]) for name in names)


def _lines(record: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    """A line, or some, for each thing that decided the result."""
    recipe = record["recipe"]
    algorithm = run.get("algorithm", recipe["algorithm"])
    settings = [_said(name, value) for name, value in algorithm.items() if name != "name" and value is not None]
    told = run.get("told by the image", {})
    usual = Camera().to_dict()
    camera = {name: value for name, value in _camera(record, run).items() if name in told or value != usual.get(name)}
    seen = f"; from the image: {', '.join(told)}" if told else ""
    lost = [f"{count} {kind}" for kind, count in run.get("left out", {}).items() if count]
    seconds = run["history"][-1][0] if run["history"] else None
    said = {
        "method": ", ".join([algorithm["name"], *settings]),
        "stop": run["reason"],
        "time": "" if seconds is None else f"{seconds:.3g} s, {run['updates']} updates",
        "PSF": _psf(record["psf"], run.get("c", 0)),
        "voxel": "unknown" if record["voxel"] is None else f"{' '.join(f'{step:g}' for step in record['voxel'])} µm",
        "camera": ", ".join(_said(name, value) for name, value in camera.items()) + seen,
        "haze": run.get("haze", ""),
        "left out": f"{', '.join(lost)} voxels" if lost else "",
    }
    shown = [f"{name:<{INDENT}}{words}" for name, words in said.items() if words]
    return [line for words in shown for line in textwrap.wrap(words, WIDTH, subsequent_indent=" " * INDENT)]


def _psf(psf: Any, number: int) -> str:
    origin = psf[min(number, len(psf) - 1)] if isinstance(psf, list) else psf
    if "psf" in origin:
        made = origin["psf"]
        optics = made["microscope"]
        words = f"{made['model']['name']}, NA {optics['na']:g}, {1e3 * optics['wavelength']:g} nm"
        return f"{words} ({origin['given']})" if origin.get("given") else words
    return f"the layer or file {origin['given']}" if origin.get("given") else ""


def _light(run: Mapping[str, Any]) -> str:
    light = run.get("photons")
    if light is None:
        sums = {"image": run["sum before"], "result": run["sum after"]}
    else:
        sums = {
            "image": light["image"],
            "result": light["estimate"],
            "  falls beyond the field": light["out"],
            "  comes from beyond": light["into"],
            "model of the image": light["model"],
        }
    wide = max(map(len, sums))
    explained = [] if light is None else ["  model = result − falls beyond + from beyond"]
    table = [f"  {name:<{wide}} {value:>14,.0f}" for name, value in sums.items()]
    return "\n".join(["Light, above offset and background (counts):", *table, *explained])


def _quality(record: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """How well it explains the image, and what of it comes again."""
    lines = []
    chi_square = run.get("residual", {}).get("reduced chi square", run.get("reduced chi square"))
    if chi_square is not None:
        lines.append(f"reduced χ² {chi_square:.4g}; 1 where model, PSF and gain are right")
    if half := run.get("reproducibility"):
        unit = "voxels" if record["voxel"] is None else "µm"
        period = "no period" if half["period"] is None else f"periods down to {half['period']:.3g} {unit}"
        lines.append(f"reproducible in halves of the photons: {period}")
    return "\n".join(line for each in lines for line in textwrap.wrap(each, WIDTH, subsequent_indent="  "))


def _said(name: str, value: Any) -> str:
    """A setting in words."""
    if isinstance(value, Mapping):
        value = value.get("name", "")
    shown = f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    return f"{name.replace('_', ' ')} {shown}"


def _spread(count: int, most: int) -> list[int]:
    """So many of the first numbers at most, evenly, with the first and the last."""
    return list(range(count)) if count <= most else [round(at * (count - 1) / (most - 1)) for at in range(most)]
