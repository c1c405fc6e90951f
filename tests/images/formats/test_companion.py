"""Sets of TIFFs whose metadata are in a companion file."""

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import contents, read
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.sources import images_of

SAMPLES = np.random.default_rng(0).integers(0, 999, (2, 3, 4, 8, 9), np.uint16)
ONLY = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><BinaryOnly MetadataFile="{}" UUID="{}"/></OME>'


@pytest.fixture
def folder(tmp_path):
    """t=2 c=3 z=4: one file for each time and channel, four pages in each."""
    data = ""
    for t in range(2):
        for c in range(3):
            name, own = f"set_{t}{c}.ome.tif", f"urn:uuid:{t}{c}"
            text = ONLY.format("set.companion.ome", own)
            with tifffile.TiffWriter(tmp_path / name) as tiff:
                for z in range(4):
                    tiff.write(SAMPLES[t, c, z], description=text, metadata=None, compression="zlib")
            where = f'<UUID FileName="{name}">{own}</UUID>'
            data += f'<TiffData FirstT="{t}" FirstC="{c}" IFD="0" PlaneCount="4">{where}</TiffData>'
    (tmp_path / "set.companion.ome").write_text(
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="9" SizeY="8" SizeZ="4" SizeC="3" SizeT="2" '
        'PhysicalSizeX="0.1" PhysicalSizeY="0.1" PhysicalSizeZ="0.3">'
        + "".join(f'<Channel ID="Channel:0:{c}" EmissionWavelength="{500 + c}"/>' for c in range(3))
        + f"{data}</Pixels></Image></OME>"
    )
    return tmp_path


@pytest.mark.parametrize("name", ["set.companion.ome", "set_12.ome.tif"])
def test_a_set_is_one_image_whichever_of_its_files_is_named(folder, name):
    image = read(folder / name)
    assert image.describe() == "t=2 c=3 z=4 y=8 x=9"
    assert (image.voxel, image.channels[1].emission) == ((0.3, 0.1, 0.1), 0.501)
    assert (np.asarray(image.select(t=1, c=2).samples) == SAMPLES[1, 2]).all()


def test_it_comes_once_in_a_batch(folder):
    assert len(images_of([folder], Recipe())[0]) == 1


def test_what_is_missing_is_said(folder):
    (folder / "set_11.ome.tif").unlink()
    with pytest.warns(UserWarning, match="time points 0 to 0 are read"):
        assert read(folder / "set.companion.ome").describe() == "c=3 z=4 y=8 x=9"
    (folder / "set.companion.ome").rename(folder / "moved.companion.ome")
    with pytest.warns(UserWarning, match=r"has its metadata in set\.companion\.ome, which is not next to it"):
        contents(folder / "set_00.ome.tif")


def test_a_damaged_one_is_said(folder):
    companion = folder / "set.companion.ome"
    companion.write_text(companion.read_text().replace('SizeT="2"', 'SizeT="2000000000"'))
    with pytest.raises(ValueError, match="is damaged: it tells of 24000000000 planes"):
        contents(companion)
