"""The blocks of a CZI file, one by one: where they lie and how they are packed."""

import struct

import numpy as np
import pytest

from napari_deconvolution.images.files import read
from napari_deconvolution.images.formats.czi_blocks import Block, read_block, read_directory

from .test_czi import made

PLANES = np.random.default_rng(0).integers(0, 60000, (2, 2, 3, 9, 7)).astype(np.uint16)


def test_the_directory_lists_every_block_with_its_place(tmp_path):
    path = made(tmp_path / "a.czi", PLANES)
    blocks, xml = read_directory(path)
    assert xml == "<ImageDocument/>"
    assert [tuple(block.start[axis] for axis in "TCZ") for block in blocks] == [*np.ndindex(2, 2, 3)]
    assert {block.stored for block in blocks} == {(9, 7)}
    with path.open("rb") as file:
        for block in reversed(blocks):
            found = read_block(file, block, path)
            np.testing.assert_array_equal(found, PLANES[*(block.start[axis] for axis in "TCZ")])


def test_levels_of_a_pyramid_are_left_out(tmp_path):
    whole = Block(0, 0, 0, {"Y": 0, "X": 0}, {"Y": 64, "X": 32}, (64, 32))
    assert whole.full
    assert not Block(0, 0, 0, {"Y": 0, "X": 0}, {"Y": 64, "X": 32}, (32, 16)).full
    path = made(tmp_path / "a.czi", PLANES)
    full, half = struct.pack("<4siifi", b"X", 0, 7, 0.0, 7), struct.pack("<4siifi", b"X", 0, 7, 0.0, 3)
    content = path.read_bytes()
    path.write_bytes(content[::-1].replace(full[::-1], half[::-1], 1)[::-1])
    assert len(read_directory(path)[0]) == 11, "the last entry is one of fewer samples"


def test_a_file_that_was_not_closed_says_what_to_do(tmp_path):
    path = made(tmp_path / "a.czi", PLANES)
    content = bytearray(path.read_bytes())
    struct.pack_into("<q", content, 84, 0)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a.czi was not closed when it was written: open it in ZEN and save it again"):
        read_directory(path)


def zstd_with_header(block):
    codecs = pytest.importorskip("imagecodecs")
    apart = np.frombuffer(block.tobytes(), "u1").reshape(-1, 2).T.tobytes()
    return 6, b"\x03\x01\x01" + codecs.zstd_encode(apart)


def zstd(block):
    return 5, pytest.importorskip("imagecodecs").zstd_encode(block.tobytes())


def jpeg_xr(block):
    return 4, pytest.importorskip("imagecodecs").jpegxr_encode(block, level=1.0)


@pytest.mark.parametrize("pack", [zstd, zstd_with_header, jpeg_xr])
def test_packed_blocks(tmp_path, pack):
    planes = PLANES.repeat(4, axis=3).repeat(4, axis=4)  # JPEG XR wants more than a few pixels
    np.testing.assert_array_equal(read(made(tmp_path / "a.czi", planes, pack)).samples, planes)
