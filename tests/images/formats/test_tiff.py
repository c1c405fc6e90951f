"""What goes into a file comes out of it, and what cannot be read or written says why."""

import struct

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import check_writable, looks_readable, read, write
from napari_deconvolution.images.image import Channel, Image

SIZES = {"t": 3, "c": 2, "z": 4, "y": 5, "x": 6}


def made(axes, dtype=np.float32, **more):
    """A random image of these axes with everything known."""
    shape = tuple(SIZES[axis] for axis in axes)
    samples = (np.random.default_rng(1).normal(size=shape) * 100).astype(dtype)
    spacing = {axis: step for axis, step in {"t": 2.5, "z": 0.3, "y": 0.13, "x": 0.11}.items() if axis in axes}
    channels = (Channel("DAPI", 0.461, 0.405, "#0000ff"), Channel("GFP <&> é", 0.509, None, "#00ff00"))[
        : 2 if "c" in axes else 1
    ]
    optics = {"na": 1.45, "n_immersion": 1.512, "depth": 3.0}
    record = {"algorithm": {"name": "rl", "iterations": 10}, "list": [1, 2.5, None, True], "text": 'µ<&>"\n\t\x00'}
    known = {"spacing": spacing, "channels": channels, "optics": optics, "record": record, "name": "cell"}
    return Image(samples, axes, **known | more)


@pytest.mark.parametrize("axes", ["yx", "zyx", "tyx", "cyx", "czyx", "tzyx", "tcyx", "tczyx"])
@pytest.mark.parametrize("dtype", [np.float32, np.uint16, np.int8, np.float64])
def test_round_trip(tmp_path, axes, dtype):
    image = made(axes, dtype)
    again = read(write(image, tmp_path / "a.ome.tif"))
    assert again.axes == axes
    assert again.samples.dtype == dtype
    np.testing.assert_array_equal(again.samples, image.samples)
    for field in ("spacing", "channels", "optics", "record", "name"):
        assert getattr(again, field) == getattr(image, field), field
    assert again.source == tmp_path / "a.ome.tif"


def test_axes_of_size_one_come_back(tmp_path):
    image = Image(np.ones((1, 1, 1, 4, 5), np.float32), "tczyx")
    assert read(write(image, tmp_path / "a.tif")).describe() == "t=1 c=1 z=1 y=4 x=5"
    image = Image(np.ones((1, 4, 5), np.float32), "cyx")
    assert read(write(image, tmp_path / "b.tif")).describe() == "c=1 y=4 x=5"


def test_any_order_of_axes_is_written_in_the_common_order(tmp_path):
    samples = np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(5, 3, 2, 4)
    again = read(write(Image(samples, "xzcy"), tmp_path / "a.tif"))
    assert again.axes == "czyx"
    np.testing.assert_array_equal(again.samples, samples.transpose(2, 1, 3, 0))


@pytest.mark.parametrize(
    ("unit", "micrometres"),
    [("\\u00B5m", 1.0), ("micron", 1.0), ("nm", 1e-3)],
)
def test_units_of_imagej(tmp_path, unit, micrometres):
    path = tmp_path / "a.tif"
    metadata = {"axes": "ZYX", "spacing": 3.0, "unit": unit}
    tifffile.imwrite(path, np.zeros((2, 4, 5), np.uint8), imagej=True, resolution=(2.0, 4.0), metadata=metadata)
    assert read(path).voxel == pytest.approx((3.0 * micrometres, 0.25 * micrometres, 0.5 * micrometres))


@pytest.mark.parametrize("unit", ["pixel", "inch", ""])
def test_what_is_no_length_is_unknown(tmp_path, unit):
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, np.zeros((4, 5), np.uint8), imagej=True, resolution=(2.0, 4.0), metadata={"unit": unit} if unit else {}
    )
    assert read(path).voxel is None


def test_a_resolution_in_inches_is_for_a_printer_and_one_in_centimetres_is_not(tmp_path):
    for unit, voxel in (("INCH", None), ("CENTIMETER", (0.1, 0.1))):
        tifffile.imwrite(
            tmp_path / "a.tif", np.zeros((4, 5)), resolution=(1e5, 1e5), resolutionunit=unit, metadata=None
        )
        assert read(tmp_path / "a.tif").voxel == voxel


def test_imagej_hyperstack(tmp_path):
    samples = np.arange(2 * 3 * 4 * 5 * 6, dtype=np.uint16).reshape(2, 3, 4, 5, 6)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, samples, imagej=True, metadata={"axes": "TZCYX", "finterval": 0.5, "mode": "composite"})
    image = read(path)
    assert image.describe() == "t=2 c=4 z=3 y=5 x=6"
    assert image.spacing == {"t": 0.5}
    np.testing.assert_array_equal(image.samples, samples.transpose(0, 2, 1, 3, 4))


def test_real_hyperstacks(data):
    droplets = read(data / "droplet-4d" / "dropletVideoSmall.tif")
    assert droplets.describe() == "t=5 z=12 y=53 x=51"
    assert droplets.voxel is None
    cells = read(data / "hela-and-membrane-2d" / "hela-cells.tif")
    assert cells.describe() == "c=3 y=512 x=672"
    assert cells.voxel == pytest.approx((1 / 19.420064,) * 2)
    psf = read(data / "psfgenerator-gl-golden" / "psfgen1.tif")
    assert psf.voxel == pytest.approx((0.25, 0.1, 0.1))
    beads = read(data / "psf-extractor-beads" / "sample_zstack.tif")
    assert beads.voxel == pytest.approx((0.3, 0.108, 0.108))


def test_a_stack_that_does_not_tell_its_axes_asks(data):
    path = data / "deconwolf-dapi" / "dapi_001.tif"
    with pytest.raises(ValueError, match=r'shape 40x201x101 .* axes="zyx" \(--axes zyx\)'):
        read(path)
    image = read(path, axes="zyx", spacing=(0.3, 0.13, 0.13))
    assert (image.describe(), image.voxel, image.name) == ("z=40 y=201 x=101", (0.3, 0.13, 0.13), "dapi_001")
    assert read(path, axes="yzx").describe() == "z=201 y=40 x=101"
    with pytest.raises(ValueError, match="one letter is needed per dimension"):
        read(path, axes="tzyx")
    with pytest.raises(ValueError, match="needs 3 numbers, for z, y, x"):
        read(path, axes="zyx", spacing=(0.1, 0.1))


def test_given_axes_win_over_the_file(tmp_path):
    path = write(made("tyx"), tmp_path / "a.tif")
    assert read(path, axes="zyx").axes == "zyx"
    assert read(path, axes="tcyx").describe() == "t=3 c=1 y=5 x=6"


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        ("text.tif", b"a text, no image", ValueError, "not a TIFF"),
        ("empty.tif", b"", ValueError, "not a TIFF"),
        ("header.tif", b"II*\0", ValueError, "truncated"),
        ("nowhere.tif", b"II*\0" + struct.pack("<I", 10**6), ValueError, "truncated"),
        ("cell.czi", b"ZISRAWFILE", ValueError, "cell.czi cannot be read; it is damaged"),
        ("cell.nd2", b"", ValueError, "not a Nikon ND2 file, whatever its name: it is empty"),
        ("cell.lif", b"text", ValueError, "not a Leica LIF file, whatever its name: it begins with b'text'"),
        ("cell.ims", b"", ValueError, "is an Imaris file: open it with napari-imaris-loader, .* OME-TIFF"),
        (
            "cell.xyz",
            b"",
            ValueError,
            "of no format that is read here .TIFF, OME-Zarr, OME companion, Nikon ND2, Leica LIF, Zeiss CZI",
        ),
        ("missing.tif", None, FileNotFoundError, "there is no file"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, name, content, error, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=words):
        read(tmp_path / name)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read(tmp_path)


def test_suffixes_tell_what_to_try():
    assert looks_readable("a.ome.tif")
    assert looks_readable("a.TIFF")
    assert not looks_readable("a.png")


def test_what_cannot_be_written_says_so_before_anything_is_computed(tmp_path):
    (tmp_path / "there.tif").write_bytes(b"mine")
    (tmp_path / "folder.tif").mkdir()
    cases = [
        ("there.tif", FileExistsError, "--overwrite"),
        ("no/folder.tif", FileNotFoundError, "no folder"),
        ("there.tif/a.tif", NotADirectoryError, "is a file, not a folder"),
        ("folder.tif", IsADirectoryError, "is a folder"),
        ("a.png", ValueError, "end the name in"),
    ]
    for name, error, words in cases:
        with pytest.raises(error, match=words):
            check_writable(tmp_path / name)
        with pytest.raises(error, match=words):
            write(made("yx"), tmp_path / name)
    assert (tmp_path / "there.tif").read_bytes() == b"mine"
    assert check_writable(tmp_path / "there.tif", overwrite=True) == tmp_path / "there.tif"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interrupted_run_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, error):
    path = write(made("yx"), tmp_path / "a.tif")
    before = path.read_bytes()

    def interrupted(file, *args, **kwargs):
        file.write_bytes(b"half")
        raise error

    monkeypatch.setattr(tifffile, "imwrite", interrupted)
    with pytest.raises(error):
        write(made("zyx"), path, overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["a.tif"]
    assert path.read_bytes() == before


def test_names_with_control_characters_do_not_spoil_the_file(tmp_path):
    assert read(write(made("yx", name="a\x00b\nc"), tmp_path / "a.tif")).name == "abc"


def test_the_ome_tiff_of_another_program(tmp_path):
    path = tmp_path / "cell.ome.tif"
    metadata = {
        "axes": "CZYX",
        "PhysicalSizeX": 65,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.065,
        "PhysicalSizeZ": 0.2,
    }
    metadata |= {"Channel": {"Name": ["DAPI", "GFP"], "EmissionWavelength": [461, 509]}}
    tifffile.imwrite(path, np.zeros((2, 3, 4, 5), np.uint16), ome=True, photometric="minisblack", metadata=metadata)
    image = read(path)
    assert (image.describe(), image.voxel, image.name) == ("c=2 z=3 y=4 x=5", (0.2, 0.065, 0.065), "cell")
    assert image.channels == (Channel("DAPI", 0.461), Channel("GFP", 0.509))
    assert image.record == {}


def test_a_file_of_several_images_warns(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(np.ones((4, 5), np.uint8))
        tiff.write(np.ones((7, 8), np.uint8))
    with pytest.warns(UserWarning, match=r"2 images: 0 \(y=4 x=5\), 1 \(y=7 x=8\); the first is read"):
        assert read(tmp_path / "a.tif").describe() == "y=4 x=5"
    assert read(tmp_path / "a.tif", series=1).describe() == "y=7 x=8"
    with pytest.raises(ValueError, match=r"series = 2: .*a.tif holds 2 images: .* choose one from 0 to 1"):
        read(tmp_path / "a.tif", series=2)


def test_a_record_that_json_does_not_know_is_refused(tmp_path):
    with pytest.raises(ValueError, match="record"):
        write(made("yx", record={"array": np.zeros(2)}), tmp_path / "a.tif")
    assert not list(tmp_path.iterdir())
