"""A folder with a file of every format, sets, a damaged file and foreign ones, as a batch: every row of its table."""

import csv
import shutil

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import write
from napari_deconvolution.images.formats.registry import FORMATS
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.recipes.batch import run_files
from napari_deconvolution.recipes.outcome import COLUMNS, account_files
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.runs import finished

from ..images.formats.test_czi import made

STACK = np.random.default_rng(0).poisson(30, (4, 12, 13)).astype(np.uint16)
SPACING = {"z": 0.3, "y": 0.1, "x": 0.1}
RECIPE = Recipe().assign(algorithm="richardson-lucy", iterations=1, na=0.8, n_immersion=1.0)
ONLY = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{}</OME>'


def fill(folder):
    """Write them; what each becomes, by name: state, volumes, a word of the reason, a word of the warnings."""
    image = Image(STACK, "zyx", SPACING)
    write(image, folder / "ome.ome.tif")
    tifffile.imwrite(
        folder / "imagej.tif",
        STACK,
        imagej=True,
        resolution=(10, 10),
        metadata={"axes": "ZYX", "spacing": 0.3, "unit": "um"},
    )
    confocal = (Channel("GFP", 0.52, pinhole=1.0, modality="confocal"),)
    write(image.replace(channels=confocal), folder / "confocal.ome.tif")
    write(image.replace(samples=np.stack([STACK, 0 * STACK]), axes="tzyx"), folder / "series.tif")
    made(folder / "blocks.czi", STACK[None, None])
    for z in range(4):
        tifffile.imwrite(folder / f"planes_z{z}.tif", STACK[z], metadata=None)
    for z in range(4):
        only = ONLY.format(f'<BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:{z}"/>')
        tifffile.imwrite(folder / f"part{z}.ome.tif", STACK[z], description=only, metadata=None)
    parts = "".join(
        f'<TiffData FirstZ="{z}" IFD="0" PlaneCount="1"><UUID FileName="part{z}.ome.tif">urn:uuid:{z}</UUID></TiffData>'
        for z in range(4)
    )
    (folder / "set.companion.ome").write_text(ONLY.format(
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="13" SizeY="12" '
        'SizeZ="4" SizeC="1" SizeT="1" PhysicalSizeX="0.1" PhysicalSizeY="0.1" PhysicalSizeZ="0.3">'
        f"{parts}</Pixels></Image>"
    ))  # fmt: skip
    (folder / "cut.tif").write_bytes((folder / "imagej.tif").read_bytes()[:900])
    (folder / "empty.nd2").write_bytes(b"")
    (folder / "notes.txt").write_text("no image")
    (folder / "slide.vsi").write_bytes(b"")
    write(PsfRecipe().assign(shape=(3, 9, 9)).make(), folder / "psf.ome.tif")
    shutil.copy(folder / "ome.ome.tif", folder / "a_deconvolved.ome.tif")
    return {
        "ome.ome.tif": ("done", "1", "", ""),
        "imagej.tif": ("done", "1", "", ""),
        "confocal.ome.tif": ("done", "1", "", "the model confocal is used"),
        "series.tif": ("incomplete", "2", "t=1: all of its voxels have the value 0", ""),
        "blocks.czi": ("failed", "", "voxel size of the image is not known", ""),
        "planes_z0.tif": ("failed", "", "voxel size of the image is not known", ""),
        "part0.ome.tif": ("done", "1", "", ""),
        "cut.tif": ("failed", "", "cut.tif is truncated", ""),
        "empty.nd2": ("failed", "", "it is empty", ""),
        "notes.txt": ("left out", "", "of no format that is read here", ""),
        "slide.vsi": ("left out", "", "an Olympus slide", ""),
        "psf.ome.tif": ("left out", "", "it is a PSF", ""),
        "a_deconvolved.ome.tif": ("left out", "", "it is a result", ""),
    }


def check(folder, expected, recipe=RECIPE):
    finished(run_files(recipe, [folder], folder / "sharp"))
    with account_files(folder / "sharp")[0].open(encoding="utf-8", newline="") as file:
        rows = {row["file"].removeprefix(f"{folder}/"): row for row in csv.DictReader(file)}
    assert {name: row["state"] for name, row in rows.items()} == {name: each[0] for name, each in expected.items()}
    for name, (state, volumes, why, warning) in expected.items():
        row = rows[name]
        assert list(row) == list(COLUMNS)
        assert row["volumes"] == volumes
        assert why in row["why"]
        assert warning in row["warnings"]
        if state in ("done", "incomplete"):
            assert (row["algorithm"], row["iterations"], row["voxel"][-7:]) == ("richardson-lucy", "1", "0.1 0.1")
            assert row["model"] == ("confocal" if "confocal" in name else "gibson-lanni")
            assert (folder / "sharp" / row["output"].rpartition("/")[2]).exists()


def test_every_row_of_the_table_is_right(tmp_path):
    check(tmp_path, fill(tmp_path))


@pytest.mark.slow
def test_with_files_of_microscopes_and_zarr(tmp_path, data):
    zarr = pytest.importorskip("zarr")
    expected = fill(tmp_path)
    group = zarr.open_group(tmp_path / "cell.zarr", mode="w", zarr_format=2)
    steps = [{"type": "scale", "scale": [0.3, 0.1, 0.1]}]
    axes = [{"name": axis, "type": "space", "unit": "micrometer"} for axis in "zyx"]
    sets = [{"path": "0", "coordinateTransformations": steps}]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": sets}]
    group.create_array("0", data=STACK)
    check(tmp_path, {**expected, "cell.zarr": ("done", "1", "", "")})
    assert {"TIFF", "OME-Zarr", "OME companion"} <= {each.name for each in FORMATS}
    shutil.copy(data / "vendor-formats" / "two_channels_xz.lif", tmp_path / "real.lif")
    (outcome,) = finished(run_files(RECIPE, [tmp_path / "real.lif"], tmp_path / "sharp"))
    assert any("holds 3 images" in warning for warning in outcome.warnings)
