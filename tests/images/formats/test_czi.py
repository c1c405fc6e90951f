"""Zeiss CZI, held against the package czifile, and made here block by block."""

import struct

import numpy as np
import pytest

from napari_deconvolution.images.files import contents, read
from napari_deconvolution.images.image import Channel


@pytest.fixture
def mosaic(data):
    return data / "vendor-formats" / "mosaic.czi"


@pytest.fixture
def airyscan(data):
    return data / "airyscan-celegans" / "celegans_airyscan.czi"


def test_the_tiles_of_a_mosaic_are_one_image(mosaic):
    czifile = pytest.importorskip("czifile")
    image = read(mosaic)
    assert image.describe() == "y=624 x=1756"
    np.testing.assert_array_equal(image.samples, np.squeeze(czifile.imread(mosaic)))
    assert image.voxel == pytest.approx((13 / 12, 13 / 12))
    assert image.channels == (Channel("EGFP", 0.509, 0.488, "#00ff5b", modality="spinning-disk"),)
    assert image.optics == {"na": 0.45, "n_immersion": 1.000293}


def test_elements_of_a_detector_array_are_images(airyscan):
    czifile = pytest.importorskip("czifile")
    whole = np.squeeze(czifile.imread(airyscan))
    found = contents(airyscan)
    assert [each.name for each in found] == [f"H={element}" for element in range(32)]
    with pytest.warns(UserWarning, match=r"holds 32 images: 0 H=0 \(c=2 y=316 x=316\), 1 H=1"):
        image = read(airyscan)
    np.testing.assert_array_equal(image.samples, whole[0])
    np.testing.assert_array_equal(read(airyscan, series=7).samples, whole[7, 0])
    assert image.voxel == pytest.approx((0.0426136629, 0.0426136629))
    assert image.optics == {"na": 1.4, "n_immersion": 1.518}
    (channel,) = read(airyscan, series=7).channels
    assert (channel.emission, channel.excitation, channel.modality) == (0.5225, 0.488, "image-scanning")
    assert channel.pinhole == pytest.approx(2.50252)


def made(path, planes, pack=lambda block: (0, block.tobytes()), skip=()):
    """A CZI of planes t c z y x, a block for each."""
    times, channels, depths, rows, columns = planes.shape
    file = bytearray(b"ZISRAWFILE".ljust(16, b"\0") + struct.pack("<qq", 512, 512) + bytes(512))
    entries = []
    for t, c, z in np.ndindex(times, channels, depths):
        if (t, c, z) in skip:
            continue
        compression, packed = pack(planes[t, c, z])
        dims = {"X": (0, columns), "Y": (0, rows), "C": (c, 1), "Z": (z, 1), "T": (t, 1)}
        entry = struct.pack("<2siqiiBB4si", b"DV", 1, len(file), 0, compression, 0, 0, b"", len(dims))
        entry += b"".join(struct.pack("<4siifi", k.encode(), at, size, 0.0, size) for k, (at, size) in dims.items())
        entries.append(entry)
        file += b"ZISRAWSUBBLOCK".ljust(16, b"\0") + struct.pack("<qq", 0, 0)
        file += struct.pack("<iiq", 0, 0, len(packed)) + entry.ljust(240, b"\0") + packed
    directory = len(file)
    file += b"ZISRAWDIRECTORY".ljust(16, b"\0") + struct.pack("<qq", 0, 0)
    file += struct.pack("<i", len(entries)) + bytes(124) + b"".join(entries)
    metadata, xml = len(file), b"<ImageDocument/>"
    file += b"ZISRAWMETADATA".ljust(16, b"\0") + struct.pack("<qqii", 0, 0, len(xml), 0) + bytes(248) + xml
    struct.pack_into("<qq", file, 84, directory, metadata)
    path.write_bytes(bytes(file))
    return path


@pytest.fixture
def planes():
    return np.random.default_rng(0).integers(0, 60000, (3, 2, 4, 9, 7)).astype(np.uint16)


def test_every_block_comes_to_its_place(tmp_path, planes):
    image = read(made(tmp_path / "a.czi", planes))
    assert image.describe() == "t=3 c=2 z=4 y=9 x=7"
    np.testing.assert_array_equal(image.samples, planes)


def test_an_acquisition_that_was_stopped(tmp_path, planes):
    path = made(tmp_path / "a.czi", planes, skip={(2, 1, 3), (2, 1, 2)})
    with pytest.warns(
        UserWarning, match=r"stopped early, .* \(2 of its 24 planes are missing\): .* 0 to 1 are read; time point 2"
    ):
        image = read(path)
    np.testing.assert_array_equal(image.samples, planes[:2])
    with pytest.raises(ValueError, match=r"a.czi is incomplete: 1 of its 24 planes"):
        read(made(tmp_path / "a.czi", planes, skip={(0, 1, 3)}))


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_what_is_cut_off_is_said(tmp_path, planes, kept):
    path = made(tmp_path / "a.czi", planes)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(ValueError, match=r"a.czi .*damaged"):
        read(path)
    path.write_bytes(whole[:540] + b"x" * 400 + whole[940:])
    with pytest.raises(ValueError, match=r"a.czi"):
        np.asarray(read(path).samples)


def test_colours_and_unknown_packing_are_refused(tmp_path, planes):
    path = made(tmp_path / "a.czi", planes, lambda block: (1001, block.tobytes()))
    with pytest.raises(ValueError, match=r"a.czi is compressed in a way .* \(1001\)"):
        np.asarray(read(path).samples)
    path = made(tmp_path / "a.czi", planes)
    path.write_bytes(path.read_bytes().replace(struct.pack("<2si", b"DV", 1), struct.pack("<2si", b"DV", 3)))
    with pytest.raises(ValueError, match=r"colours or complex numbers \(pixel type 3\)"):
        read(path)
