"""OME-Zarr that is written: what comes back, what a validator of NGFF says, and what is refused."""

import numpy as np
import pytest

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.formats import ome_zarr_write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.images.output_path import put_in_place

zarr = pytest.importorskip("zarr")
yaozarrs = pytest.importorskip("yaozarrs")

CHANNELS = (Channel("DAPI", 0.461, 0.405, "#0000ff", modality="confocal"), Channel("GFP", 0.509, pinhole=1.2))
SPACING = {"t": 2.5, "z": 0.3, "y": 0.1, "x": 0.11}


def image(*shape, axes="tczyx", dtype=np.float32, **about):
    samples = np.random.default_rng(0).normal(100, 30, shape).astype(dtype)
    return Image(samples, axes, {axis: SPACING[axis] for axis in axes if axis != "c"}, name="cell", **about)


@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_what_is_written_comes_back_and_a_validator_finds_nothing_wrong(tmp_path, version):
    whole = image(2, 2, 5, 70, 301, channels=CHANNELS, optics={"na": 1.2}, record={"version": 2, "name": "cell"})
    path = write(whole, tmp_path / "cell.ome.zarr", version=version)
    yaozarrs.validate_zarr_store(str(path))
    back = read(path)
    np.testing.assert_array_equal(back.samples, whole.samples)
    assert back.samples.dtype == np.float32
    assert (back.axes, back.spacing, back.channels) == (whole.axes, whole.spacing, whole.channels)
    assert (back.optics, back.record, back.name) == (whole.optics, whole.record, "cell")
    assert not list(tmp_path.glob(".*")), "nothing half written is left"


def test_the_pyramid_is_the_mean_of_two_by_two_voxels(tmp_path):
    whole = image(3, 515, 300, axes="zyx")
    root = zarr.open_group(write(whole, tmp_path / "a.zarr"), mode="r")
    assert [root[key].shape for key in sorted(root.array_keys())] == [(3, 515, 300), (3, 258, 150), (3, 129, 75)]
    expected = np.pad(whole.samples, [(0, 0), (0, 1), (0, 0)], mode="edge").reshape(3, 258, 2, 150, 2).mean((2, 4))
    np.testing.assert_allclose(root["1"], expected, rtol=1e-5)
    scale, shift = root.attrs["ome"]["multiscales"][0]["datasets"][1]["coordinateTransformations"]
    assert scale["scale"] == pytest.approx([0.3, 0.2, 0.22])
    assert shift["translation"] == pytest.approx([0, 0.05, 0.055]), "the middle of two voxels"


def test_whole_numbers_are_rounded_and_planes_have_a_pyramid_too(tmp_path):
    plane = Image(np.arange(600 * 4, dtype=np.uint16).reshape(4, 600), "yx")
    root = zarr.open_group(write(plane, tmp_path / "a.zarr"), mode="r")
    assert root["1"][0, 0] == np.rint((0 + 1 + 600 + 601) / 4)
    assert root["2"].shape == (1, 150)
    assert read(tmp_path / "a.zarr").voxel is None, "a voxel size that is not known stays so"


def test_axes_in_another_order_and_axes_of_one_are_kept(tmp_path):
    whole = image(4, 1, 9, 8, axes="zcyx")
    back = read(write(whole, tmp_path / "a.zarr"))
    assert back.axes == "czyx"
    np.testing.assert_array_equal(back.samples, whole.samples.transpose(1, 0, 2, 3))


def test_chunks_lie_in_shards(tmp_path):
    path = tmp_path / "a.zarr"
    stored = image(40, 600, 700, axes="zyx", dtype=np.uint8)
    array = ome_zarr_write.create(path, stored, edge=256)["0"]
    assert (array.chunks, ome_zarr_write.shards(array)) == ((16, 128, 128), (48, 256, 256))


def test_what_stands_in_the_way_is_said_and_kept(tmp_path):
    small = image(3, 8, 9, axes="zyx")
    path = write(small, tmp_path / "a.ome.zarr")
    with pytest.raises(FileExistsError, match=r"exists already: choose another name or ask to overwrite"):
        write(small, path)
    write(small.replace(name="new"), path, overwrite=True)
    assert read(path).name == "new"
    foreign = tmp_path / "plate.zarr"
    zarr.open_group(foreign, mode="w").attrs["plate"] = {"wells": []}
    with pytest.raises(FileExistsError, match=r"this program did not write it as an image: it is not replaced"):
        write(small, foreign, overwrite=True)
    with pytest.raises(NotADirectoryError, match=r"inside .*plate\.zarr, which is a Zarr store \(a plate or"):
        write(small, foreign / "well.zarr")
    with pytest.raises(OSError, match=r"s3:/bucket/a\.zarr is not on a disk of this computer: write to a folder here"):
        write(small, "s3://bucket/a.zarr")
    with pytest.raises(OSError, match=r"https:/host/a\.zarr is not on a disk of this computer: mount it"):
        read("https://host/a.zarr")
    with pytest.raises(ValueError, match=r"version = '0.3': OME-Zarr is written as 0.5 or 0.4"):
        write(small, tmp_path / "b.zarr", version="0.3")
    with pytest.raises(ValueError, match=r"version = '0.4': TIFF is written as it is, without versions"):
        write(small, tmp_path / "b.tif", version="0.4")


def test_a_store_that_cannot_be_replaced_is_still_there(tmp_path):
    path = write(image(3, 8, 9, axes="zyx"), tmp_path / "a.ome.zarr")
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "was never made", path)
    assert read(path).name == "cell"
