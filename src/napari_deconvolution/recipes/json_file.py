"""Settings as JSON files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..images.output_path import check_free, write_text

SUFFIX = ".json"


def write_json(path: str | Path, content: Mapping[str, Any], overwrite: bool = False) -> Path:
    """Write a dictionary as indented JSON.

    Raises
    ------
    ValueError
        If the name does not end in .json.
    OSError
        If the file cannot be written, or exists and is not to be overwritten.
    """
    path = check_free(path, SUFFIX, overwrite)
    write_text(path, json.dumps(content, indent=2) + "\n")
    return path


def read_json(path: str | Path, what: str) -> dict[str, Any]:
    """Read a dictionary from a JSON file.

    Parameters
    ----------
    path
        Of the file.
    what
        What it is to hold, for the message, for instance "recipe".

    Raises
    ------
    ValueError
        If it is not JSON, or no dictionary.
    OSError
        If there is no such file.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError(f"{path} is no {what} file: it is nested too deeply.") from error
    except ValueError as error:  # of the JSON, of its letters, or of a number with thousands of digits
        raise ValueError(f"{path} is no {what} file: it is not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise ValueError(f'{path} is no {what} file: it has to hold {{"{what}": {{...}}}}.')
    return found
