"""The blocks of samples in a Zeiss CZI file: where they lie, and how they are packed.

Source: ZISRAW (CZI) File Format, Carl Zeiss Microscopy, 2016, https://zeiss.github.io/libczi/.
"""

import struct
from dataclasses import dataclass
from importlib import import_module
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct("<16sqq")
ENTRY = struct.Struct("<2siqiiBB4si")
DIMENSION = struct.Struct("<4siifi")

TYPES = {0: "u1", 1: "<u2", 2: "<f4", 12: "<i4", 13: "<f8"}
"""numpy's names of pixel types; all others are colours or complex numbers."""

CODECS = {1: "jpeg_decode", 2: "lzw_decode", 4: "jpegxr_decode", 5: "zstd_decode", 6: "zstd_decode"}
"""Functions of imagecodecs by kinds of compression."""

ZSTD_WITH_HEADER = 6


@dataclass(frozen=True)
class Block:
    """A piece of one plane."""

    position: int
    """Of its segment in the file."""
    pixel: int
    """Type of its samples."""
    compression: int
    start: dict[str, int]
    """Where it begins, by the letters of its dimensions."""
    size: dict[str, int]
    stored: tuple[int, int]
    """Rows and columns that are stored."""

    @property
    def full(self) -> bool:
        """It is no level of a pyramid."""
        return self.stored == (self.size["Y"], self.size["X"])


def read_directory(path: Path) -> tuple[list[Block], str]:
    """Every block that is stored at full resolution, and the metadata as XML.

    Raises
    ------
    ValueError
        If a segment is not where it should be.
    """
    with path.open("rb") as file:
        file.seek(HEADER.size + 52)
        directory, metadata = struct.unpack("<qq", file.read(16))
        _enter(file, directory, b"ZISRAWDIRECTORY", path)
        (count,) = struct.unpack("<i", file.read(4))
        file.seek(124, 1)
        if not 0 <= count * ENTRY.size <= path.stat().st_size:
            raise ValueError(f"{path} is damaged: it tells of {count} blocks, more than it can hold.")
        blocks = [_block(file, path) for _ in range(count)]
        _enter(file, metadata, b"ZISRAWMETADATA", path)
        (length,) = struct.unpack("<i4x", file.read(8))
        file.seek(248, 1)
        xml = file.read(max(length, 0)).decode("utf-8", "replace").rstrip("\0")
    return [block for block in blocks if block.full], xml


def read_block(file: BinaryIO, block: Block, path: Path) -> NDArray[np.generic]:
    """The samples of a block, y x.

    Raises
    ------
    ValueError
        If they are packed in a way that is not known, or are not all there.
    """
    _enter(file, block.position, b"ZISRAWSUBBLOCK", path)
    metadata, _, length = struct.unpack("<iiq", file.read(16))
    here = file.tell()
    file.seek(28, 1)
    (dimensions,) = struct.unpack("<i", file.read(4))
    file.seek(here + max(240, ENTRY.size + dimensions * DIMENSION.size) + metadata)
    size = path.stat().st_size
    if not 0 <= length <= size - file.tell():
        raise ValueError(f"{path} is truncated: it ends before its samples do. Copy it again from where it came.")
    packed, dtype = file.read(length), np.dtype(TYPES[block.pixel])
    shape = block.stored
    if block.compression == 0:
        return np.frombuffer(packed, dtype, prod(shape)).reshape(shape)
    if block.compression not in CODECS:
        raise ValueError(
            f"{path} is compressed in a way that only the camera's software knows ({block.compression}): save it in "
            "ZEN with another compression."
        )
    decode = getattr(import_module("imagecodecs"), CODECS[block.compression])
    unpacked = decode(_without_header(packed) if block.compression == ZSTD_WITH_HEADER else packed)
    if block.compression == ZSTD_WITH_HEADER and _bytes_apart(packed):
        unpacked = np.frombuffer(unpacked, "u1").reshape(dtype.itemsize, -1).T.tobytes()
    found = unpacked.ravel() if isinstance(unpacked, np.ndarray) else np.frombuffer(unpacked, dtype)
    return found[: prod(shape)].reshape(shape)


def _without_header(packed: bytes) -> bytes:
    return packed[packed[0] :]


def _bytes_apart(packed: bytes) -> bool:
    """Whether low and high bytes were stored one after the other."""
    return packed[0] >= 3 and packed[1] == 1 and bool(packed[2] & 1)


def _enter(file: BinaryIO, position: int, name: bytes, path: Path) -> None:
    """Go to the data of a segment."""
    if position <= 0:
        raise ValueError(f"{path} was not closed when it was written: open it in ZEN and save it again.")
    file.seek(position)
    start = file.read(HEADER.size)
    if not start.startswith(name):
        raise ValueError(f"{path} is damaged or truncated: there is no {name.decode()} where it should be.")


def _block(file: BinaryIO, path: Path) -> Block:
    schema, pixel, position, _, compression, _, _, _, count = ENTRY.unpack(file.read(ENTRY.size))
    if schema != b"DV" or not 0 < count < 64:
        raise ValueError(f"{path} is damaged: its list of blocks cannot be read.")
    start, size, stored = {}, {}, {}
    for _ in range(count):
        name, first, length, _, kept = DIMENSION.unpack(file.read(DIMENSION.size))
        letter = name.rstrip(b"\0").decode("ascii")
        start[letter], size[letter], stored[letter] = first, length, kept or length
    return Block(position, pixel, compression, start, size, (stored["Y"], stored["X"]))
