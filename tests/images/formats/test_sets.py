"""One image in several files, whatever tells that they belong together."""

import uuid

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import contents, read

PLANES = np.random.default_rng(0).integers(0, 60000, (2, 3, 4, 8, 9)).astype(np.uint16)


@pytest.fixture
def planes(tmp_path):
    """A file for each plane, numbered along t, c and z."""
    for t, c, z in np.ndindex(2, 3, 4):
        tifffile.imwrite(
            tmp_path / f"cell_t{t}_c{c}_z{z + 8}.tif", PLANES[t, c, z], resolution=(1e5, 1e5), resolutionunit=3
        )
    return tmp_path


def test_a_folder_a_pattern_and_a_list_are_one_image(planes):
    files = list(planes.iterdir())
    for path in (planes, f"{planes}/*.tif", files, files[::-1]):
        image = read(path)
        assert image.describe() == "t=2 c=3 z=4 y=8 x=9"
        np.testing.assert_array_equal(image.samples, PLANES)
    assert (image.name, image.spacing) == ("cell", {"y": 0.1, "x": 0.1})
    assert read(planes, spacing=(0.3, 0.1, 0.1)).voxel == (0.3, 0.1, 0.1)


def test_only_the_planes_of_a_volume_are_read(planes):
    image = read(planes)
    (planes / "cell_t0_c0_z8.tif").unlink()
    np.testing.assert_array_equal(image.select(t=1, c=2).samples, PLANES[1, 2])
    with pytest.raises(FileNotFoundError, match=r"cell_t0_c0_z8.tif"):
        np.asarray(image.select(t=0, c=0).samples)


def test_what_does_not_fit_is_named(planes):
    (planes / "cell_t1_c2_z11.tif").unlink()
    with pytest.raises(ValueError, match=r"t=2 c=3 z=4, which 24 files make. Add those that are missing"):
        read(planes)
    tifffile.imwrite(planes / "cell_t1_c2_z11.tif", PLANES[0, 0, 0, :5])
    with pytest.raises(ValueError, match=r"cell_t1_c2_z11.tif has y=5 x=9 .* not parts of one image"):
        read(planes)
    with pytest.raises(FileNotFoundError, match=r"there is no file that fits .*none\*.tif"):
        read(f"{planes}/none*.tif")
    (planes / "empty").mkdir()
    with pytest.raises(IsADirectoryError, match="a folder without an image"):
        read(planes / "empty")


def test_files_whose_names_tell_no_axis_ask(tmp_path):
    for at in range(12):
        tifffile.imwrite(tmp_path / f"{at}.tif", np.full((8, 9), at, np.uint8))
    with pytest.raises(ValueError, match="does not say what its axes are"):
        read(tmp_path)
    assert read(tmp_path, "zyx").samples[:, 0, 0].tolist() == list(range(12)), "by number, not by letter"


def ome(folder, images, files, planes_of):
    """A set of OME-TIFFs: the XML in each tells of all."""
    ids = {name: f"urn:uuid:{uuid.uuid4()}" for name in files}
    described = "".join(
        f'<Image ID="Image:{k}" Name="P{k}"><Pixels ID="Pixels:{k}" DimensionOrder="XYZTC" Type="uint16" SizeX="9" '
        'SizeY="8" '
        f'SizeZ="4" SizeC="1" SizeT="{times}" PhysicalSizeX="0.1"><Channel ID="Channel:{k}:0" SamplesPerPixel="1"/>'
        + "".join(
            f'<TiffData FirstT="{t}" IFD="0" PlaneCount="4"><UUID FileName="{name}">{ids[name]}</UUID></TiffData>'
            for t, name in parts
        )
        + "</Pixels></Image>"
        for k, (times, parts) in enumerate(images)
    )
    space = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    for name in files:
        xml = f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{space}" UUID="{ids[name]}">{described}</OME>'
        tifffile.imwrite(folder / name, planes_of[name], description=xml, metadata=None, photometric="minisblack")


def test_a_path_means_the_image_in_that_file(tmp_path):
    files = [f"exp_Pos{k}.ome.tif" for k in range(3)]
    stacks = {name: PLANES[0, at] for at, name in enumerate(files)}
    ome(tmp_path, [(1, [(0, name)]) for name in files], files, stacks)
    for at, name in enumerate(files):
        np.testing.assert_array_equal(read(tmp_path / name).samples, stacks[name])
        assert [each.own for each in contents(tmp_path / name)] == [k == at for k in range(3)]
    np.testing.assert_array_equal(read(tmp_path / files[0], series=2).samples, stacks[files[2]])


def test_a_series_in_several_files_is_one_image(tmp_path):
    files = ["movie_T0.ome.tif", "movie_T1.ome.tif"]
    ome(tmp_path, [(2, list(enumerate(files)))], files, dict(zip(files, PLANES[:, 0], strict=True)))
    for name in files:
        image = read(tmp_path / name)
        assert image.describe() == "t=2 z=4 y=8 x=9"
        np.testing.assert_array_equal(image.samples, PLANES[:, 0])
    assert [file.name for file in contents(tmp_path / files[1])[0].files] == files
    (tmp_path / files[1]).unlink()
    with pytest.warns(UserWarning, match=r"a file of its set is not there \(4 of its 8 planes are missing\)"):
        assert read(tmp_path / files[0]).describe() == "z=4 y=8 x=9"
