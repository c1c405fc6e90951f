"""The psf command writes what Python computes, with its record."""

import numpy as np
import pytest

from napari_deconvolution import Grid, psf
from napari_deconvolution.images.files import read
from napari_deconvolution.optics.psf_measures import fwhm
from napari_deconvolution.recipes.psf_recipe import PsfRecipe

from .conftest import OPTICS, SPACING


def test_psf_writes_what_python_computes(command):
    code, said, errors = command(
        "psf -o out.ome.tif --model born-wolf --na 1.1 --wavelength 525nm --n-immersion 1.333 --n-sample 1.4 "
        "--shape 7 15 17 --spacing 0.4 150nm 120nm --report"
    )
    assert (code, errors) == (0, "")
    assert "na 1.1 (option)" in said
    assert "wavelength 525nm (option)" in said
    assert "depth 0 (default)" in said
    made, expected = read("out.ome.tif"), psf("born-wolf", OPTICS, Grid(shape=(7, 15, 17), spacing=SPACING))
    assert np.array_equal(made.samples, expected)
    assert made.voxel == pytest.approx(SPACING)
    assert PsfRecipe.of(made.record["psf"][0]["computed"]).microscope == OPTICS
    assert made.record["software"]["napari-deconvolution"]
    assert made.record["command"].startswith("napari-deconvolution psf -o out.ome.tif --model born-wolf")
    widths = next(line for line in said.splitlines() if line.startswith("FWHM, profile (nm)"))
    assert widths.split()[3:] == [f"{1000 * width:.0f}" for width in fwhm(expected, SPACING)]
