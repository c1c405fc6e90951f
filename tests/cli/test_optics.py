"""Optics come from options, a microscope file and the file of the image, in this order."""

from dataclasses import replace

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope, deconvolve, psf
from napari_deconvolution.images.files import read, write
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

from .conftest import SPACING


def test_optics_come_from_the_options_then_from_the_file_and_it_says_so(command):
    code, said, errors = command("deconvolve image.tif -o out.ome.tif --iterations 2 --n-sample 1.36 --depth 500nm")
    assert code == 0
    assert errors.startswith("napari-deconvolution: warning: The pixels of 0.15 µm are coarser than 0.119 µm")
    assert errors.count("\n") == 1
    optics = next(line for line in said.splitlines() if line.startswith("optics:"))
    for part in (
        "gibson-lanni (default)",
        "na 1.1 (file)",
        "wavelength 525nm (file)",
        "n_sample 1.36 (option)",
        "depth 0.5 (option)",
    ):
        assert part in optics
    microscope = Microscope(na=1.1, wavelength=0.525, n_immersion=1.333, n_sample=1.36, depth=0.5)
    made = psf("gibson-lanni", microscope, Grid.for_image((6, 20, 22), read("image.tif").voxel, microscope))
    expected = deconvolve(read("image.tif").samples, made, iterations=2, spacing=SPACING)
    result = read("out.ome.tif")
    assert np.array_equal(result.samples, expected.image)
    assert PsfRecipe.of(result.record["psf"][0]["computed"]).microscope == microscope


def test_a_bare_file_with_everything_in_options_is_the_same_as_a_file_that_tells(command):
    told = "--axes zyx --spacing 0.4 150nm 0.12 --na 1.1 --wavelength 525nm --n-immersion 1.333 --n-sample 1.4"
    assert command(f"deconvolve bare.tif -o bare.ome.tif --iterations 3 {told}")[0] == 0
    assert command("deconvolve image.tif -o told.ome.tif --iterations 3")[0] == 0
    assert np.array_equal(read("bare.ome.tif").samples, read("told.ome.tif").samples)
    assert read("bare.ome.tif").voxel == pytest.approx(SPACING)


def test_a_confocal_file_makes_the_model_confocal(command, folder):
    image = read("image.tif")
    (known,) = image.channels
    channel = replace(known, excitation=0.488, pinhole=0.8, modality="confocal")
    write(image.replace(channels=(channel,)), "image.tif", overwrite=True)
    code, said, errors = command("deconvolve image.tif -o out.ome.tif --iterations 2")
    assert code == 0
    assert "model confocal (file)" in said
    assert "According to its file" not in errors
    model = PsfRecipe.of(read("out.ome.tif").record["psf"][0]["computed"]).model
    assert (model.name, model.excitation, model.pinhole) == ("confocal", 0.488, 0.8)
    asked = "--iterations 2 --model gibson-lanni --save-recipe widefield.json"
    code, said, errors = command(f"deconvolve image.tif -o other.ome.tif {asked}")
    assert code == 0
    assert "model gibson-lanni (option)" in said
    assert (
        "taken with a confocal microscope, but gibson-lanni is a PSF of a widefield microscope. Use the model" in errors
    )
    assert "--model confocal" in errors
    code, _, errors = command("run widefield.json image.tif -o batch")
    assert code == 0
    assert "but gibson-lanni is a PSF of a widefield microscope" in errors
    (written,) = folder.glob("batch/*.tif")
    assert PsfRecipe.of(read(written).record["psf"][0]["computed"]).model.name == "gibson-lanni"
