"""What is written: OME-TIFF that other readers understand, in types that it knows."""

from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image

from .test_tiff import SIZES, made


def test_another_reader_understands_the_file(tmp_path):
    image = made("tczyx")
    with tifffile.TiffFile(write(image, tmp_path / "a.ome.tif")) as tiff:
        assert tiff.is_ome
        assert tiff.series[0].axes == "TCZYX"
        np.testing.assert_array_equal(tiff.asarray(), image.samples)
        root = ElementTree.fromstring(tiff.ome_metadata)
        assert tiff.pages[0].tags["XResolution"].value[0] / tiff.pages[0].tags["XResolution"].value[1] == pytest.approx(
            1e4 / 0.11
        )
    (pixels,) = root.iter("{http://www.openmicroscopy.org/Schemas/OME/2016-06}Pixels")
    assert {axis: int(pixels.get(f"Size{axis.upper()}")) for axis in "tczyx"} == SIZES
    assert (pixels.get("PhysicalSizeX"), pixels.get("PhysicalSizeXUnit"), pixels.get("TimeIncrement")) == (
        "0.11",
        "µm",
        "2.5",
    )
    first = pixels.find("{*}Channel")
    assert (first.get("Name"), first.get("EmissionWavelength"), first.get("EmissionWavelengthUnit")) == (
        "DAPI",
        "461",
        "nm",
    )


def test_whole_numbers_keep_their_unit_where_they_fit(tmp_path):
    samples = np.array([[-3.0, 0.4, 5000.6]], np.float32)
    again = read(write(Image(samples, "yx", record={"by": "me"}), tmp_path / "a.tif", dtype="uint16"))
    np.testing.assert_array_equal(again.samples, [[0, 0, 5001]])
    assert again.record == {"by": "me", "stored": {"dtype": "uint16", "factor": 1.0, "clipped": 1}}
    assert samples[0, 0] == -3


@pytest.mark.parametrize("top", [0.02, 131070.0])
def test_whole_numbers_are_scaled_where_they_do_not_fit(tmp_path, top):
    samples = np.linspace(-top / 10, top, 40, dtype=np.float32).reshape(5, 8)
    again = read(write(Image(samples, "yx"), tmp_path / "a.tif", dtype="uint16"))
    stored = again.record["stored"]
    assert stored["factor"] == pytest.approx(65535 / top)
    assert stored["clipped"] == np.count_nonzero(samples < 0)
    np.testing.assert_allclose(again.samples / stored["factor"], samples.clip(0), atol=0.51 / stored["factor"])


def test_dim_whole_numbers_are_not_scaled(tmp_path):
    again = read(write(Image(np.array([[1, 200]], np.uint8), "yx"), tmp_path / "a.tif", dtype="uint16"))
    np.testing.assert_array_equal(again.samples, [[1, 200]])


def test_values_that_are_not_finite_do_not_become_whole_numbers(tmp_path):
    with pytest.raises(ValueError, match="not finite"):
        write(Image(np.array([[1.0, np.nan]]), "yx"), tmp_path / "a.tif", dtype="uint16")
    assert not list(tmp_path.iterdir())


def test_types_that_have_no_place_are_refused_or_widened(tmp_path):
    with pytest.raises(ValueError, match="int64"):
        write(Image(np.zeros((3, 4), np.int64), "yx"), tmp_path / "a.tif")
    with pytest.raises(ValueError, match="dtype = 'float16'"):
        write(made("yx"), tmp_path / "a.tif", dtype="float16")
    assert read(write(Image(np.ones((3, 4), np.float16), "yx"), tmp_path / "half.tif")).samples.dtype == np.float32
    assert read(write(Image(np.ones((3, 4), bool), "yx"), tmp_path / "mask.tif")).samples.dtype == np.uint8
    assert (
        read(write(Image(np.ones((3, 4), np.int64), "yx"), tmp_path / "long.tif", dtype="float32")).samples.dtype
        == np.float32
    )
