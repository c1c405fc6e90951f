"""The settings that a search for the stop tried, and the one that it chose."""

from collections.abc import Mapping, Sequence
from typing import Any

from .record import VolumeRecord


def searches(run: VolumeRecord) -> dict[str, list[tuple[int, float]]]:
    """Iterations and held-out criterion for every setting that was tried, by what sets it apart.

    >>> tried = [{"algorithm": {"name": "ml", "roughness": w}, "curve": [[1, 5.0]]} for w in (0.0, 0.1)]
    >>> searches(VolumeRecord(search=tried))
    {'roughness 0': [(1, 5.0)], 'roughness 0.1': [(1, 5.0)]}
    """
    tried = run.search
    return {
        _apart(trial["algorithm"], tried): [(int(at), float(value)) for at, value in trial["curve"]] for trial in tried
    }


def chosen_setting(run: VolumeRecord) -> str:
    """The name, in `searches`, of the setting that was taken; empty if nothing sets it apart."""
    return _apart(run.algorithm, run.search) if run.search and run.algorithm is not None else ""


def _apart(algorithm: Mapping[str, Any], tried: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name, value in algorithm.items() if any(trial["algorithm"].get(name) != value for trial in tried)]
    return ", ".join(setting_in_words(name, algorithm[name]) for name in names)


def setting_in_words(name: str, value: Any) -> str:
    """A setting in words."""
    if isinstance(value, Mapping):
        value = value.get("name", "")
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{name.replace('_', ' ')} {shown}"
