"""What is in a file, at the command line, and how one of its images is chosen."""

import numpy as np
import pytest
import tifffile

from napari_deconvolution.cli import main
from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Channel, Image

STACK = np.random.default_rng(0).poisson(50, (4, 12, 13)).astype(np.uint16)
FAST = [
    "--na",
    "1.2",
    "--wavelength",
    "525nm",
    "--n-immersion",
    "1.333",
    "--algorithm",
    "richardson-lucy",
    "--iterations",
    "2",
]


@pytest.fixture
def two(tmp_path):
    """A file of two images without a word about them."""
    with tifffile.TiffWriter(tmp_path / "two.tif") as tiff:
        tiff.write(STACK, metadata={"axes": "ZYX"})
        tiff.write(STACK[:3, ::-1] + 7, metadata={"axes": "ZYX"})
    return tmp_path / "two.tif"


def test_every_value_is_told_with_its_origin(tmp_path, capsys):
    channel = Channel("GFP", 0.509, 0.488, pinhole=1.2, modality="confocal")
    image = Image(STACK, "zyx", {"z": 0.3, "y": 0.1, "x": 0.1}, (channel,), {"na": 1.2}, name="cell")
    assert main(["info", str(write(image, tmp_path / "a.ome.tif"))]) == 0
    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert said[0][1:] == ["TIFF,", "1", "image"]
    assert said[1] == ["0", "cell"]
    assert ["axes", "z=4", "y=12", "x=13,", "uint16,", "0.00125", "MB"] in said
    assert ["step", "z", "0.3", "µm", "(OME-XML)"] in said
    assert ["optics", "na", "1.2", "(OME-XML)"] in said
    (line,) = (words for words in said if words[0] == "channel")
    assert " ".join(line[2:]) == "GFP, emission 509 nm, excitation 488 nm, pinhole 1.2 Airy units, confocal (OME-XML)"


def test_what_is_not_told_is_unknown(two, capsys):
    assert main(["info", str(two)]) == 0
    said = capsys.readouterr().out
    assert "two.tif: TIFF, 2 images" in said
    assert said.count("step z    unknown") == 2


def test_an_image_is_chosen_by_its_number(two, tmp_path):
    rest = ["-o", str(tmp_path / "o.ome.tif"), "--spacing", "0.3", "0.1", "0.1", *FAST, "--overwrite"]
    assert main(["deconvolve", str(two), "--series", "1", *rest]) == 0
    assert read(tmp_path / "o.ome.tif").describe() == "z=3 y=12 x=13"
    assert main(["deconvolve", str(two), *rest]) == 0
    assert read(tmp_path / "o.ome.tif").describe() == "z=4 y=12 x=13"


def test_a_set_is_deconvolved_as_one_image(tmp_path):
    (tmp_path / "planes").mkdir()
    for z, plane in enumerate(STACK):
        tifffile.imwrite(tmp_path / "planes" / f"cell_z{z}.tif", plane, metadata=None)
    rest = ["-o", str(tmp_path / "o.ome.tif"), "--spacing", "0.3", "0.1", "0.1", *FAST, "--overwrite"]
    for path in (f"{tmp_path}/planes", f"{tmp_path}/planes/cell_z*.tif"):
        assert main(["deconvolve", path, *rest]) == 0
        assert read(tmp_path / "o.ome.tif").describe() == "z=4 y=12 x=13"


def test_planes_in_turn_are_laid_out(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for plane in STACK:
            tiff.write(plane, metadata=None, contiguous=False)
            tiff.write(plane, metadata=None, contiguous=False)
    rest = ["-o", str(tmp_path / "o.ome.tif"), "--spacing", "0.3", "0.1", "0.1", "--emissions", "461nm", "525nm"]
    optics = ["--na", "1.2", "--n-immersion", "1.333", "--algorithm", "richardson-lucy", "--iterations", "2"]
    laid_out = ["--axes", "zcyx", "--sizes", "4", "2", "12", "13"]
    assert main(["deconvolve", str(tmp_path / "a.tif"), *laid_out, *rest, *optics]) == 0
    assert read(tmp_path / "o.ome.tif").describe() == "c=2 z=4 y=12 x=13"
