"""Which files an image was read from, so that one that was replaced under its name is noticed."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

START = 1 << 20
"""Bytes of a file that are looked at."""

CHUNK = 4096
"""Of one in a folder."""

MOST = 10_000
"""Files of a folder of which more than the size and the time is looked at."""


def fingerprint(paths: Sequence[Path]) -> dict[str, Any]:
    """Size, time and first bytes of files, in values that JSON knows; folders count with all that is in them.

    Parameters
    ----------
    paths
        Of the files of one image.

    Returns
    -------
    dict
        `bytes` in all, time of the last change (`modified`, s), and `start`: the SHA-256 of the first MB of each.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.tif"
    ...     _ = path.write_bytes(b"II*")
    ...     found = fingerprint([path])
    >>> found["bytes"], found["start"][:8]
    (3, '669a62e8')
    """
    size, modified, digest = 0, 0.0, hashlib.sha256()
    for file, start in _files(paths):
        stat = file.stat()
        size, modified = size + stat.st_size, max(modified, stat.st_mtime)
        with file.open("rb") as stream:
            digest.update(stream.read(start))
    return {"bytes": size, "modified": modified, "start": digest.hexdigest()}


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """The files, and how many of their bytes are looked at."""
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file())
            yield from ((each, CHUNK if number < MOST else 0) for number, each in enumerate(inside))
        elif path.is_file():
            yield path, START
