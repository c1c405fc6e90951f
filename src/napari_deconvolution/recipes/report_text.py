"""The record of a result as a person reads it: what was done, where the light is, and a table of the iterations."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ..algorithms.camera.camera import Camera
from .iteration_table import iteration_table
from .record import PsfOrigin, Record, VolumeRecord
from .record_form import COMPUTED, SETTINGS, checked
from .searches import setting_in_words

WIDTH = 50
"""Characters of a line: what a narrow dock shows."""

INDENT = 10


def report(record: Record, number: int = 0) -> str:
    """What the record says of one volume of a result, in lines of at most 50 characters.

    Parameters
    ----------
    record
        Of the result.
    number
        Which volume, in the order of the record.

    Examples
    --------
    >>> run = VolumeRecord(iterations=1, reason="1 iteration done", sum_before=90.0, sum_after=91.0)
    >>> recipe = {"algorithm": {"name": "wiener", "weight": 0.1}, "camera": {}}
    >>> print(report(Record(name="cell", recipe=recipe, psf=(PsfOrigin(given="p"),), voxel=(0.1, 0.1), runs=(run,))))
    cell
    <BLANKLINE>
    method    wiener, weight 0.1
    stop      1 iteration done
    PSF       the layer or file p
    voxel     0.1 0.1 µm
    <BLANKLINE>
    Light, above offset and background (counts):
      image              90
      result             91
    """
    run = record.runs[number]
    checked(record.settings, SETTINGS, "record.recipe")
    title = " ".join([record.name or "result", *(f"{axis}={run.index[axis]}" for axis in "tc" if axis in run.index)])
    near = "" if run.against_truth is None else _against(run.against_truth)
    parts = ["\n".join(_lines(record, run)), near, _light(run), _quality(record, run), iteration_table(run)]
    return "\n\n".join(part for part in (title, *parts) if part)


def _against(comparison: Mapping[str, float]) -> str:
    numbers = "  NRMSE {nrmse:.4g}, SNR {snr:.4g} dB\n  PSNR {psnr:.4g} dB, SSIM {ssim:.4g}".format(**comparison)
    return f"Against the truth, after one fitted scale:\n{numbers}"


def pedestal(record: Record, number: int = 0) -> float:
    """Counts in every voxel of a volume that are not signal: offset and background.

    >>> run = VolumeRecord(estimated_from_image={"background": 4.0})
    >>> pedestal(Record(recipe={"camera": {"offset": 100.0, "background": None}}, runs=(run,)))
    104.0
    """
    camera = _camera(record, record.runs[number])
    return float(camera["offset"]) + float(camera["background"] or 0)


def _camera(record: Record, run: VolumeRecord) -> dict[str, Any]:
    """Of one volume: what was given for all, or for its channel, or estimated from the image."""
    recipe = record.settings
    names = ("offset", "background", "gain", "read_noise")
    given = {name: recipe.get("channels", {}).get(f"{name}s") or () for name in names}
    channel = run.index.get("c", recipe.get("channel")) or 0
    each = {name: values[min(channel, len(values) - 1)] for name, values in given.items() if values}
    return {**recipe["camera"], **each, **run.estimated_from_image}


def _lines(record: Record, run: VolumeRecord) -> list[str]:
    """One or more lines for each setting that decided the result."""
    algorithm = run.algorithm or record.settings["algorithm"]
    given = {name: value for name, value in algorithm.items() if name != "name" and value is not None}
    settings = [setting_in_words(name, value) for name, value in given.items()]
    estimated = run.estimated_from_image
    usual = Camera().to_dict()
    camera = {
        name: value for name, value in _camera(record, run).items() if name in estimated or value != usual.get(name)
    }
    seen = f"; estimated from the image: {', '.join(estimated)}" if estimated else ""
    lost = [f"{count} {kind}" for kind, count in run.left_out.items() if count]
    seconds = run.history[-1][0] if run.history else None
    said = {
        "failed": run.failed,
        "method": ", ".join([algorithm["name"], *settings]),
        "stop": run.reason,
        "time": "" if seconds is None else f"{seconds:.3g} s, {run.iterations} iterations",
        "PSF": _psf(record.psf, run.index.get("c", 0)),
        "voxel": "unknown" if record.voxel is None else f"{' '.join(f'{step:g}' for step in record.voxel)} µm",
        "camera": ", ".join(setting_in_words(name, value) for name, value in camera.items()) + seen,
        "haze": run.haze,
        "left out": f"{', '.join(lost)} voxels" if lost else "",
        "flicker": f"planes of {min(run.exposure):.3g} to {max(run.exposure):.3g} times the mean brightness"
        if run.exposure
        else "",
        "image": run.processed,
        "gain": run.gain_doubt,
    }
    shown = [f"{name:<{INDENT}}{words}" for name, words in said.items() if words]
    return [line for words in shown for line in textwrap.wrap(words, WIDTH, subsequent_indent=" " * INDENT)]


def _psf(psfs: Sequence[PsfOrigin], number: int) -> str:
    origin = psfs[min(number, len(psfs) - 1)] if psfs else PsfOrigin()
    if origin.computed is None:
        return f"the layer or file {origin.given}" if origin.given else ""
    optics = checked(origin.computed, COMPUTED, "record.psf")["microscope"]
    words = f"{origin.computed['model']['name']}, NA {optics['na']:g}, {1e3 * optics['wavelength']:g} nm"
    return f"{words} ({origin.given})" if origin.given else words


def _light(run: VolumeRecord) -> str:
    light = run.photons
    if light is None:
        sums = {"image": run.sum_before, "result": run.sum_after}
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


def _quality(record: Record, run: VolumeRecord) -> str:
    """How well it explains the image, and what of it is reproducible."""
    lines = []
    chi_square = (run.residual or {}).get("chi_square", run.reduced_chi_square)
    if chi_square is not None:
        lines.append(f"reduced χ² {chi_square:.4g}; 1 where model, PSF and gain are right")
    if half := run.reproducibility:
        unit = "voxels" if record.voxel is None else "µm"
        period = "no period" if half["period"] is None else f"periods down to {half['period']:.3g} {unit}"
        lines.append(f"reproducible in halves of the photons: {period}")
    return "\n".join(line for each in lines for line in textwrap.wrap(each, WIDTH, subsequent_indent="  "))
