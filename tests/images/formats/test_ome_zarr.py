"""OME-Zarr of versions 0.4 and 0.5, plates, and what bioformats2raw writes."""

import numpy as np
import pytest

from napari_deconvolution.images.files import contents, read
from napari_deconvolution.images.formats.ome_zarr import OmeZarr
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.images.ome_xml import compose

zarr = pytest.importorskip("zarr")

WHOLE = np.random.default_rng(0).integers(0, 999, (2, 3, 4, 5)).astype(np.uint16)
AXES = [
    {"name": "c", "type": "channel"},
    {"name": "z", "type": "space", "unit": "nanometer"},
    {"name": "y", "type": "space", "unit": "micrometer"},
    {"name": "x", "type": "space", "unit": "micrometer"},
]
CHANNELS = {"channels": [{"label": "DAPI", "color": "0000FF"}, {"label": "GFP", "color": "00FF00"}]}


def said(axes=AXES, scale=(1, 300, 0.1, 0.1)):
    levels = [
        {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": list(scale)}]},
        {"path": "1", "coordinateTransformations": [{"type": "scale", "scale": [2 * step for step in scale]}]},
    ]
    return {"multiscales": [{"axes": axes, "datasets": levels, "name": "cell"}], "omero": CHANNELS}


def fill(group, attributes, version):
    group.attrs.update({"ome": {**attributes, "version": "0.5"}} if version == 3 else attributes)
    group.create_array("0", data=WHOLE, chunks=(1, 2, 4, 5))
    group.create_array("1", data=WHOLE[:, :, ::2, ::2], chunks=(1, 2, 2, 3))


@pytest.mark.parametrize("version", [2, 3])
def test_an_image(tmp_path, version):
    fill(zarr.open_group(tmp_path / "cell.ome.zarr", mode="w", zarr_format=version), said(), version)
    image = read(tmp_path / "cell.ome.zarr")
    assert (image.describe(), image.name) == ("c=2 z=3 y=4 x=5", "cell")
    assert image.voxel == pytest.approx((0.3, 0.1, 0.1))
    assert image.channels == (Channel("DAPI", colour="#0000ff"), Channel("GFP", colour="#00ff00"))
    np.testing.assert_array_equal(image.samples, WHOLE)
    np.testing.assert_array_equal(image.select(c=1).samples[::-1, 1:], WHOLE[1, ::-1, 1:])


def test_a_scale_without_a_unit_is_taken_as_micrometres_and_a_scale_of_one_is_none(tmp_path):
    axes = [{"name": axis} for axis in "czyx"]
    fill(zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2), said(axes, (1, 0.5, 0.2, 1)), 2)
    (found,) = contents(tmp_path / "a.zarr")
    assert found.spacing == {"z": 0.5, "y": 0.2}
    assert found.origins["z"] == "scale without a unit, taken as µm"


def test_wells_of_a_plate(tmp_path):
    root = zarr.open_group(tmp_path / "plate.zarr", mode="w", zarr_format=2)
    root.attrs["plate"] = {"wells": [{"path": "A/1"}, {"path": "B/2"}]}
    for well in ("A/1", "B/2"):
        group = root.create_group(well)
        group.attrs["well"] = {"images": [{"path": "0"}]}
        fill(group.create_group("0"), said(), 2)
    assert [each.name for each in contents(tmp_path / "plate.zarr")] == ["A/1/0", "B/2/0"]


def test_the_layout_of_bioformats2raw_tells_optics_in_ome_xml(tmp_path):
    root = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    root.attrs["bioformats2raw.layout"] = 3
    fill(root.create_group("0"), said(), 2)
    channels = (Channel("DAPI", 0.461, modality="confocal"), Channel("GFP", 0.509, modality="confocal"))
    image = Image(WHOLE, "czyx", {"z": 0.9}, channels, {"na": 1.2, "n_immersion": 1.33}, name="nucleus")
    (tmp_path / "a.zarr" / "OME").mkdir()
    (tmp_path / "a.zarr" / "OME" / "METADATA.ome.xml").write_bytes(compose(image, WHOLE.dtype))
    found = read(tmp_path / "a.zarr")
    assert (found.channels, found.optics, found.name) == (channels, image.optics, "nucleus")
    assert found.spacing["z"] == 0.3, "the samples' own scale counts"


def test_what_is_no_image_says_so(tmp_path):
    zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    with pytest.raises(ValueError, match="hierarchy without an image"):
        read(tmp_path / "a.zarr")
    fill(zarr.open_group(tmp_path / "b.zarr", mode="w", zarr_format=2), said(), 2)
    with pytest.raises(ValueError, match=r"one array of a Zarr hierarchy: name the folder above it"):
        read(tmp_path / "b.zarr" / "0")
    assert not OmeZarr().recognises(tmp_path, b"")
