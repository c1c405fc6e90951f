"""The images of a batch: each once, sets as one, and a reason for whatever is left out."""

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.sources import images_of

PLANE = np.ones((8, 9), np.uint16)


@pytest.fixture
def folder(tmp_path):
    for name in ("b_z0.tif", "b_z1.tif", "field_1.tif", "field_2.tif", "a_deconvolved.ome.tif", ".hidden.tif"):
        tifffile.imwrite(tmp_path / name, PLANE)
    write(Image(PLANE, "yx"), tmp_path / "a.ome.tif")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "more").mkdir()
    return tmp_path


def names(sources):
    return [[file.name for file in files] for files in sources]


def test_a_folder(folder):
    sources, left_out = images_of([folder], Recipe())
    assert names(sources) == [["a.ome.tif"], ["b_z0.tif", "b_z1.tif"], ["field_1.tif"], ["field_2.tif"]]
    assert sorted(path.name for path in left_out) == ["a_deconvolved.ome.tif", "more", "notes.txt", "picture.png"]
    assert "is a picture, whose intensities were changed for viewing" in left_out[folder / "picture.png"]


def test_files_and_patterns(folder):
    sources, left_out = images_of([folder / "a.ome.tif", f"{folder}/field*.tif", folder / "gone.tif"], Recipe())
    assert names(sources) == [["a.ome.tif"], ["field_1.tif"], ["field_2.tif"], ["gone.tif"]], (
        "what fails is said in turn"
    )
    assert left_out == {}


def test_zarr_folders_are_images(folder):
    zarr = pytest.importorskip("zarr")
    group = zarr.open_group(folder / "cell.zarr", mode="w", zarr_format=2)
    group.attrs["multiscales"] = [{"axes": ["y", "x"], "datasets": [{"path": "0"}]}]
    group.create_array("0", data=PLANE)
    assert ["cell.zarr"] in names(images_of([folder], Recipe())[0])
    assert names(images_of([folder / "cell.zarr"], Recipe())[0]) == [["cell.zarr"]]


def test_a_set_that_tells_of_itself_comes_once(folder):
    ids = ("urn:uuid:00000000-0000-0000-0000-00000000000a", "urn:uuid:00000000-0000-0000-0000-00000000000b")
    data = "".join(
        f'<TiffData FirstT="{t}" IFD="0" PlaneCount="1"><UUID FileName="m{t}.ome.tif">{ids[t]}</UUID></TiffData>'
        for t in range(2)
    )
    for t in range(2):
        xml = (
            f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{ids[t]}"><Image ID="Image:0">'
            '<Pixels ID="Pixels:0" DimensionOrder="XYZTC" Type="uint16" SizeX="9" SizeY="8" SizeZ="1" '
            'SizeC="1" SizeT="2">'
            f'<Channel ID="Channel:0:0"/>{data}</Pixels></Image></OME>'
        )
        tifffile.imwrite(folder / "more" / f"m{t}.ome.tif", PLANE, description=xml, metadata=None)
    assert names(images_of([folder / "more"], Recipe())[0]) == [["m0.ome.tif"]]
