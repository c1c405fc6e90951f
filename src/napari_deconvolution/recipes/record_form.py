"""The form of a record, against which one from a file is held: hands and damage may have changed it."""

from collections.abc import Mapping
from typing import Any

ROW = 6
"""Numbers for each iteration, as in `HistoryRow`."""

NAMED = {"!name": str}

VOLUME = {
    "index": {str: int}, "iterations": int, "reason": str, "stop": str, "sum_before": float, "sum_after": float,
    "reduced_chi_square": (float, None), "algorithm": (NAMED, None), "estimated_from_image": {str: float}, "haze": str,
    "left_out": {str: int}, "exposure": [float], "processed": str, "gain_doubt": str, "failed": str,
    "photons": ({"!image": float, "!estimate": float, "!out": float, "!into": float, "!model": float}, None),
    "residual": ({"chi_square": (float, None), "frequency": [float], "power": [float]}, None),
    "reproducibility": ({"!frequency": [float], "!correlation": [float], "!period": (float, None)}, None),
    "against_truth": ({str: float}, None),
    "search": [{"!algorithm": {str: object}, "!curve": [[int, float]]}],
    "history": [[float, *[(float, None)] * (ROW - 1)]],
}  # fmt: skip

RECORD = {
    "software": {str: str},
    "recipe": ({str: object}, None),
    "psf": [
        {
            "given": (str, None),
            "file": (str, None),
            "computed": ({str: {str: object}}, None),
            "best_focus": (float, None),
        }
    ],
    "voxel": ([float], None),
    "runs": [VOLUME],
    "name": str,
    "source": (str, None),
    "content": {str: {str: object}},
    "image": {str: object},
    "command": str,
}
"""A list of one form, or of these; any keys of one kind, or these, of which those with a "!" are needed; in a tuple
what may be None.
"""

SETTINGS = {"!algorithm": NAMED, "!camera": {"offset": float}, "channels": {str: [float]}, "channel": (int, None)}
"""What a report needs of a recipe."""

COMPUTED = {"!model": NAMED, "!microscope": {"!na": float, "!wavelength": float}}
"""What it needs of a PSF."""


def checked(value: Any, form: Any = RECORD, where: str = "record") -> Any:
    """The value, if it has this form; what no form names may be anything.

    Raises
    ------
    ValueError
        If it has not; the message says where.

    >>> checked({"runs": [{"iterations": "many"}]})
    Traceback (most recent call last):
    ValueError: the record is damaged: record.runs.0.iterations is no whole number.
    """
    if isinstance(form, tuple):
        return value if value is None else checked(value, form[0], where)
    if isinstance(form, dict):
        _check_mapping(value, form, where)
    elif isinstance(form, list):
        if not isinstance(value, (list, tuple)):
            raise _damaged(where, "a list")
        if len(form) > 1 and len(value) != len(form):
            raise _damaged(where, f"list of {len(form)}")
        for number, each in enumerate(value):
            checked(each, form[number % len(form)], f"{where}.{number}")
    elif form in (int, float):
        kinds = int if form is int else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or (isinstance(value, int) and abs(value) > 1e300):
            raise _damaged(where, "whole number" if form is int else "number")
    elif not isinstance(value, form):
        raise _damaged(where, "text")
    return value


def _check_mapping(value: Any, form: Mapping[Any, Any], where: str) -> None:
    if not isinstance(value, Mapping):
        raise _damaged(where, "set of entries")
    if str in form:
        for key, each in value.items():
            checked(each, form[str], f"{where}.{key}")
        return
    for key, inner in form.items():
        name = key.removeprefix("!")
        if name in value:
            checked(value[name], inner, f"{where}.{name}")
        elif name != key:
            raise ValueError(f"the record is damaged: {where} has no {name}.")


def _damaged(where: str, what: str) -> ValueError:
    return ValueError(f"the record is damaged: {where} is no {what.removeprefix('a ')}.")
