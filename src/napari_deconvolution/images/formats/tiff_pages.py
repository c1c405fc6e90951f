"""Whether a TIFF is whole, judged by its chain of pages before anything is read from it.

A file that was cut short may otherwise be read as a shorter stack, or as one that ends in zeros.
"""

import struct
from pathlib import Path
from typing import BinaryIO

MAGIC = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}
"""Byte order, and whether it is a BigTIFF, by the first four bytes."""


def check_chain(path: Path) -> None:
    """Follow the pages of a TIFF to its last.

    Raises
    ------
    ValueError
        If the file is no TIFF, or a page lies beyond its end.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start not in MAGIC:
            raise ValueError(f"{path} is not a TIFF file, whatever its name: it begins with {start!r}.")
        order, big = MAGIC[start]
        count, link, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
        seen: set[int] = set()
        try:
            file.seek(8 if big else 4)
            offset = _number(file, order + link)
            while offset:
                if offset in seen:
                    raise ValueError(
                        f"{path} is damaged: its pages lead back to each other. Copy it again from where it came."
                    )
                seen.add(offset)
                file.seek(offset)
                file.seek(_number(file, order + count) * entry, 1)
                offset = _number(file, order + link)
        except (struct.error, OSError) as error:
            raise truncated(path) from error
        if not seen:
            raise truncated(path)


def truncated(path: Path) -> ValueError:
    """The error of a file that was cut short."""
    return ValueError(f"{path} is truncated: it ends before its samples do. Copy it again from where it came.")


def _number(file: BinaryIO, layout: str) -> int:
    return int(struct.unpack(layout, file.read(struct.calcsize(layout)))[0])
