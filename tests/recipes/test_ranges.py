"""Parts of an image along its axes, and positions of a file by name."""

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.inputs import Reading
from napari_deconvolution.recipes.ranges import cut, part
from napari_deconvolution.recipes.recipe import Recipe


@pytest.fixture
def image():
    return Image(np.arange(3 * 4 * 5 * 6, dtype=np.uint16).reshape(3, 4, 5, 6), "tzyx", {"z": 0.3, "y": 0.1, "x": 0.1})


def test_ranges_are_those_of_numpy(image):
    found = cut(image, {"t": "1:", "z": ":-1", "y": "1:4", "x": "2:400"})
    assert (found.samples == image.samples[1:, :-1, 1:4, 2:]).all()
    assert found.spacing == image.spacing
    assert cut(image, {"t": "-1", "z": "2"}).axes == "yx"
    assert (cut(image, {"t": "-1", "z": "2"}).samples == image.samples[-1, 2]).all()


@pytest.mark.parametrize("text", ["", "a", "1:2:3", "1.5", "1-2"])
def test_texts_that_are_no_range(text):
    with pytest.raises(ValueError, match="give a range, for instance 0:10"):
        part("z", text)


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [({"t": "7"}, "t = 7: the image has t from 0 to 2"), ({"z": "3:3"}, "z = 3:3: nothing is left"),
     ({"c": "0"}, "the image has no axis c")],
)  # fmt: skip
def test_parts_that_are_not_there(image, parts, sentence):
    with pytest.raises(ValueError, match=sentence):
        cut(image, parts)
    assert part("x", " 1 : 2 ") == slice(1, 2)
    with pytest.raises(ValueError, match="y = 5: give a range"):
        cut(image, {"y": "5"})


def test_the_same_part_is_taken_at_every_door(image, tmp_path):
    write(image, tmp_path / "cells.ome.tif")
    recipe = Recipe.of(Recipe(t="1:3", x=":4").to_dict())
    assert recipe.read_image(tmp_path / "cells.ome.tif").describe() == "t=2 z=4 y=5 x=4"
    assert recipe.replace(truth=str(tmp_path / "cells.ome.tif")).read_truth(image).describe() == "t=2 z=4 y=5 x=4"


def test_a_position_is_chosen_by_its_name(tmp_path):
    path = tmp_path / "positions.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        for number, name in enumerate(("A1", "B2")):
            tiff.write(np.full((3, 8, 9), number, np.uint16), metadata={"axes": "ZYX", "Name": name})
    assert Reading(position="b2").read_image(path).samples.max() == 1
    assert read(path, series="A1").samples.max() == 0
    with pytest.raises(ValueError, match=r"position = 'C3': .* has no image of that name; it holds 2 images: 0 A1"):
        Reading(position="C3").read_image(path)
    with pytest.raises(ValueError, match="both choose an image"):
        Reading(position="A1", series=0).read_image(path)
