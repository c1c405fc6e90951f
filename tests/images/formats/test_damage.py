"""Files with bytes changed, cut off or blown up: they are read, or one sentence names them; nothing else, and soon."""

import re
import time
import tracemalloc
import warnings

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import LARGEST_RATIO, contents, read, write
from napari_deconvolution.images.image import Image

from .test_czi import made

STACK = np.random.default_rng(0).integers(0, 4000, (2, 3, 8, 9)).astype(np.uint16)
LONGEST = 5.0
"""Seconds; on a machine with much else to do, too."""
MOST = 4 * LARGEST_RATIO
"""Bytes of memory per byte of a file: what passes as plausible may be held a few times before its shape is refused."""
NUMBERS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x01\0\0\0", b"\xff\xff\xff\x7f")
WORDS = (b"0", b"-1", b"999999999", b"1e308", b"x", b"", b"3.7")
"""In place of numbers in texts, as in OME-XML."""


def ome(path):
    return write(Image(STACK, "czyx", {"z": 0.3, "y": 0.1, "x": 0.1}), path)


def compressed(path):
    tifffile.imwrite(path, STACK, compression="zlib", metadata={"axes": "CZYX"})
    return path


def tiled(path):
    tifffile.imwrite(path, STACK, tile=(16, 16), bigtiff=True, metadata={"axes": "CZYX"})
    return path


def imagej(path):
    about = {"axes": "ZCYX", "spacing": 0.3, "unit": "um"}
    tifffile.imwrite(path, STACK, imagej=True, photometric="minisblack", metadata=about)
    return path


def czi(path):
    return made(path, np.stack([STACK, STACK]))


def two(path):
    with tifffile.TiffWriter(path, ome=True, byteorder=">") as file:
        for each in STACK:
            file.write(each, photometric="minisblack", predictor=2, compression="zlib", metadata={"axes": "ZYX"})
    return path


FILES = {
    "ome.tif": ome,
    "zlib.tif": compressed,
    "tiles.tif": tiled,
    "imagej.tif": imagej,
    "two.ome.tif": two,
    "blocks.czi": czi,
}


def changed(whole, rng):
    """A copy with a few bytes or bits changed, an end cut off, or a number blown up."""
    content, way = bytearray(whole), rng.integers(6)
    if way == 0:
        for at in rng.integers(len(content), size=5):
            content[at] = rng.integers(256)
    elif way == 1:
        content = content[: rng.integers(len(content))]
    elif way == 2:
        at = rng.integers(len(content))
        content[at : at + rng.integers(8)] = rng.bytes(int(rng.integers(8)))
    elif way == 3:
        content[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
    elif way == 4 and (found := list(re.finditer(rb"\d+", whole))):
        at = found[rng.integers(len(found))]
        content[at.start() : at.end()] = WORDS[rng.integers(len(WORDS))].ljust(len(at.group()) * rng.integers(2))
    else:
        at = 2 * rng.integers(min(len(content), 3000) // 2)
        content[at : at + 4] = NUMBERS[rng.integers(len(NUMBERS))]
    return bytes(content)


def tried(path):
    """Read every image of a file, to the last sample."""
    for number in range(min(len(contents(path)), 3)):
        try:
            image = read(path, series=number)
        except ValueError as error:
            if "does not say what its axes are" not in str(error):
                raise
            continue
        np.asarray(image.samples)


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("count", [15, pytest.param(2000, marks=pytest.mark.slow)])
def test_a_damaged_file_is_read_or_named(tmp_path, traced, name, count):
    rng, path = np.random.default_rng(count), tmp_path / name
    whole = FILES[name](path).read_bytes()
    for number in range(count):
        path.write_bytes(changed(whole, rng))
        began, before = time.monotonic(), tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        said = name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                tried(path)
            except (ValueError, OSError) as error:
                said = str(error)
        assert name in said, number
        assert time.monotonic() - began < LONGEST, number
        assert tracemalloc.get_traced_memory()[1] - before < MOST * len(whole), number


def test_more_samples_than_a_file_can_hold_are_refused_before_there_is_room_for_them(tmp_path):
    path = czi(tmp_path / "a.czi")
    wide = (9).to_bytes(4, "little") + bytes(4) + (9).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(wide, wide.replace(b"\x09\0\0\0", b"\xff\xff\xff\x0f")))
    with pytest.raises(ValueError, match=r"a.czi is damaged: \d+ bytes cannot hold the \d+ bytes of samples"):
        read(path)
