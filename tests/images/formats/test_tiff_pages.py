"""A TIFF is whole if its chain of pages ends within it."""

import struct

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.formats.tiff_pages import check_chain
from napari_deconvolution.images.image import Image

STARTS = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}


def chain(path, start, *pages, last=0):
    """A TIFF of empty pages at these places, each with a link to the next and the last to another place."""
    order, big = STARTS[start]
    link, count = (f"{order}Q", f"{order}Q") if big else (f"{order}I", f"{order}H")
    head = start + (struct.pack(f"{order}HH", 8, 0) if big else b"") + struct.pack(link, pages[0])
    content = bytearray(head.ljust(200, b"\0"))
    for place, after in zip(pages, [*pages[1:], last], strict=True):
        page = struct.pack(count, 0) + struct.pack(link, after)
        content[place : place + len(page)] = page
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("start", STARTS, ids=["little", "big", "BigTIFF", "big BigTIFF"])
def test_a_chain_in_any_order_is_followed_to_its_end(tmp_path, start):
    path = tmp_path / "a.tif"
    check_chain(chain(path, start, 120, 40, 80))
    with pytest.raises(ValueError, match=r"a.tif is truncated"):
        check_chain(chain(path, start, 120, 40, last=500))
    with pytest.raises(ValueError, match=r"a.tif is damaged: its pages lead back to each other"):
        check_chain(chain(path, start, 120, 40, 80, last=40))


def test_a_file_without_a_page_or_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0" + bytes(4))
    with pytest.raises(ValueError, match=r"a.tif is truncated"):
        check_chain(path)
    path.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ValueError, match=r"a.tif is not a TIFF file, whatever its name: it begins with b'.x89PNG'"):
        check_chain(path)


@pytest.mark.parametrize("kept", [0.5, 0.95, 0.999])
def test_truncated_stacks_are_refused(tmp_path, kept):
    path = tmp_path / "a.tif"
    samples = np.random.default_rng(0).integers(0, 4000, (20, 30, 31)).astype(np.uint16)
    writers = {
        "pages": lambda: [
            tifffile.imwrite(path, plane, append=at > 0, metadata=None) for at, plane in enumerate(samples)
        ],
        "imagej": lambda: tifffile.imwrite(path, samples, imagej=True, metadata={"axes": "ZYX"}),
        "ome": lambda: write(Image(samples, "zyx"), path, overwrite=True),
        "compressed": lambda: tifffile.imwrite(path, samples, compression="zlib", metadata={"axes": "ZYX"}),
        "big": lambda: tifffile.imwrite(path, samples, bigtiff=True, byteorder=">", metadata={"axes": "ZYX"}),
    }
    for name, written in writers.items():
        path.unlink(missing_ok=True)
        written()
        whole = path.read_bytes()
        assert read(path, axes="zyx").samples.shape == samples.shape, name
        path.write_bytes(whole[: int(kept * len(whole))])
        with pytest.raises(ValueError, match="truncated"):
            read(path, axes="zyx")
