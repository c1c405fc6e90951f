"""Records of earlier versions in the form of this one."""

from collections.abc import Mapping
from typing import Any

VERSION = 2
"""Of the form of a record. 1, which had no number, is that of napari-deconvolution 0.1.0."""

RENAMED = {
    "best focus": "best_focus",
    "counts per unit": "counts_per_unit",
    "updates": "iterations",
    "sum before": "sum_before",
    "sum after": "sum_after",
    "reduced chi square": "reduced_chi_square",
    "told by the image": "estimated_from_image",
    "left out": "left_out",
    "against the truth": "against_truth",
}
"""Keys of version 1 by what they are called since."""


def upgraded(form: Mapping[str, Any]) -> dict[str, Any]:
    """A record, whatever version wrote it, in the form of this one.

    Raises
    ------
    ValueError
        If a later version wrote it.

    >>> upgraded({"psf": {"given": "bead"}, "runs": [{"c": 0, "updates": 5}]})["runs"]
    [{'index': {'c': 0}, 'iterations': 5}]
    """
    version = form.get("version", 1)
    if version == VERSION:
        return dict(form)
    if version != 1:
        raise ValueError(
            f"the record has the form {version}, and this version of napari-deconvolution reads forms up to {VERSION}: "
            "install a later one."
        )
    return _from_first(form)


def _from_first(form: Mapping[str, Any]) -> dict[str, Any]:
    found = {"version": VERSION, **_renamed(form)}
    if "recipe" in found:
        found["recipe"] = _with_method_of_then(found["recipe"])
    if "psf" in found:
        psf = found["psf"]
        if isinstance(psf, Mapping) and "model" in psf:  # the file of a PSF
            psf = {"psf": psf, "best focus": found.pop("best_focus", None)}
        found["psf"] = [_origin(each) for each in (psf if isinstance(psf, list) else [psf])]
    if "runs" in found:
        found["runs"] = [_run(run) for run in found["runs"]]
    if found.get("image"):
        found["image"] = _from_first(found["image"])
    return found


def _origin(form: Mapping[str, Any]) -> dict[str, Any]:
    found = _renamed({name: value for name, value in form.items() if name != "software"})
    if "model" in found.get("psf", ()):
        found["computed"] = found.pop("psf")
    return {name: value for name, value in found.items() if value is not None}


def _with_method_of_then(form: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that name the method of that version, whose default had Good's roughness; that has its own name now."""
    method = form.get("algorithm")
    if isinstance(method, Mapping) and method.get("name") == "maximum-likelihood":
        return {**form, "algorithm": {**method, "name": "maximum-likelihood-good-roughness"}}
    return dict(form)


def _run(form: Mapping[str, Any]) -> dict[str, Any]:
    found = _with_method_of_then(_renamed(form))
    if "search" in found:
        found["search"] = [_with_method_of_then(trial) for trial in found["search"]]
    index = {axis: found.pop(axis) for axis in "tc" if axis in found}
    if residual := found.get("residual"):
        found["residual"] = {
            name.replace("reduced chi square", "chi_square"): value for name, value in residual.items()
        }
    return {"index": index, **found} if index else found


def _renamed(form: Mapping[str, Any]) -> dict[str, Any]:
    return {RENAMED.get(name, name): value for name, value in form.items()}
