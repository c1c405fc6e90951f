"""What an image knows of its optics fills what is not given."""

from napari_deconvolution import MODELS
from napari_deconvolution.images.image import Channel
from napari_deconvolution.recipes.known_optics import known_optics, with_optics
from napari_deconvolution.recipes.recipe import Recipe

DAPI = Channel("DAPI", emission=0.461, excitation=0.405, pinhole=0.7)


def test_the_wavelength_is_that_of_the_only_channel():
    assert known_optics({"na": 1.2}, DAPI) == {"na": 1.2, "wavelength": 0.461}
    assert known_optics({"na": 1.2}, Channel()) == known_optics({"na": 1.2}, None) == {"na": 1.2}


def test_what_is_given_overrides_the_image():
    known = known_optics({"na": 1.2, "n_immersion": 1.333}, DAPI)
    recipe = with_optics(Recipe(), known, DAPI, {"model": "confocal", "wavelength": 0.5, "iterations": 7})
    assert (recipe.microscope.na, recipe.microscope.wavelength, recipe.iterations) == (1.2, 0.5, 7)
    assert (recipe.model.excitation, recipe.model.pinhole) == (0.405, 0.7)
    assert with_optics(Recipe(), known, DAPI, {"model": "confocal", "excitation": 0.42}).model.excitation == 0.42


def test_a_model_or_a_microscope_that_is_given_whole_is_not_changed():
    confocal = MODELS["confocal"].replace(excitation=0.64)
    microscope = Recipe().microscope.replace(na=0.5)
    recipe = with_optics(Recipe(), {"na": 1.2}, DAPI, {"model": confocal, "microscope": microscope})
    assert (recipe.model, recipe.microscope) == (confocal, microscope)
