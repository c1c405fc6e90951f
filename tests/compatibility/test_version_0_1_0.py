"""Files that version 0.1.0 wrote still load: a recipe, a microscope, a PSF, and results that know how they were made."""

from pathlib import Path

import pytest

from napari_deconvolution.images.formats.tiff import read
from napari_deconvolution.recipes.microscope_file import read_profile
from napari_deconvolution.recipes.recipe_file import read_recipe

FOLDER = Path(__file__).with_name("version_0_1_0")


def test_a_recipe_loads():
    recipe = read_recipe(FOLDER / "recipe.json")
    assert recipe.algorithm.name == "richardson-lucy"
    assert recipe.iterations == 5
    assert recipe.channels.emissions == (0.525, 0.61)
    assert recipe.microscope.na == 1.3


def test_a_microscope_loads():
    told = read_profile(FOLDER / "microscope.json")
    assert told["na"] == 1.3
    assert told["model"].name == "confocal"
    assert told["model"].excitation == 0.488


@pytest.mark.parametrize(("name", "algorithm", "psfs"), [("result", "maximum-likelihood", 1), ("two_channels", "richardson-lucy", 2)])
def test_a_result_is_a_recipe(name, algorithm, psfs):
    path = FOLDER / f"{name}.ome.tif"
    recipe = read_recipe(path)
    assert recipe.algorithm.name == algorithm
    assert recipe.iterations == 5
    psf = read(path).record["psf"]
    assert len(psf if isinstance(psf, list) else [psf]) == psfs


def test_a_psf_keeps_its_model():
    image = read(FOLDER / "psf.ome.tif")
    assert image.samples.shape == (7, 15, 15)
    assert image.spacing == pytest.approx({"z": 0.3, "y": 0.1, "x": 0.1})
