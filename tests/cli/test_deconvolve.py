"""The deconvolve command gives the voxels of Python, and every setting reaches the algorithm."""

import numpy as np
import pytest

from napari_deconvolution import ALGORITHMS, Camera, deconvolve
from napari_deconvolution.algorithms.penalties.total_variation import TotalVariation
from napari_deconvolution.images.files import read
from napari_deconvolution.recipes.recipe import Recipe

from .conftest import SPACING, kernel


@pytest.mark.parametrize("name", ALGORITHMS)
def test_deconvolve_gives_the_voxels_of_the_python_door(command, name):
    code, said, errors = command(
        f"deconvolve image.tif -o out.ome.tif --psf psf.tif --algorithm {name} --iterations 4 --offset 2"
    )
    assert (code, errors) == (0, "")
    image, result = read("image.tif"), read("out.ome.tif")
    expected = deconvolve(image.samples, read("psf.tif").samples, name, iterations=4, offset=2, spacing=SPACING)
    assert result.samples.dtype == np.float32
    assert np.array_equal(result.samples, expected.image)
    assert (result.axes, result.channels, result.optics) == (image.axes, image.channels, image.optics)
    assert result.voxel == pytest.approx(SPACING)
    assert f"{ALGORITHMS[name].name}, {expected.reason}" in said
    assert Recipe.of(result.record["recipe"]).algorithm == ALGORITHMS[name]


def test_all_settings_reach_the_algorithm(command):
    code, _, errors = command(
        "deconvolve image.tif -o out.ome.tif --psf psf.tif --algorithm richardson-lucy --iterations 30 "
        "--boundary mirror --start image "
        "--penalty total-variation --penalty.weight 0.01 --stop relative-change --stop.tolerance 0.02 --mask no "
        "--background 1 --gain 2 --read-noise 3"
    )
    assert (code, errors) == (0, "")
    expected = deconvolve(
        read("image.tif").samples,
        read("psf.tif").samples,
        "richardson-lucy",
        iterations=30,
        boundary="mirror",
        start="image",
        penalty=TotalVariation(weight=0.01),
        stop="relative-change",
        tolerance=0.02,
        camera=Camera(background=1, gain=2, read_noise=3, mask=False),
        spacing=SPACING,
    )
    result = read("out.ome.tif")
    assert 1 < expected.iterations < 30
    assert np.array_equal(result.samples, expected.image)
    assert result.record["runs"][0]["iterations"] == expected.iterations


def test_every_time_point_of_a_channel(command):
    code, said, _ = command("deconvolve series.tif -o out.ome.tif --channel 1 --psf psf.tif --iterations 3")
    assert code == 0
    assert "t=2 z=6 y=20 x=22" in said
    series, result = read("series.tif"), read("out.ome.tif")
    assert (result.axes, result.channels[0].name, result.spacing["t"]) == ("tzyx", "GFP", 3.0)
    for at in range(2):
        expected = deconvolve(series.samples[at, 1], kernel(), iterations=3, spacing=SPACING)
        assert np.array_equal(result.samples[at], expected.image)


def test_a_psf_file_that_tells_nothing_has_the_axes_of_the_image(command, folder):
    import tifffile

    tifffile.imwrite(folder / "bead.tif", kernel() + np.float32(0.001))
    voxel = "--psf-spacing 0.4 0.15 0.12"
    assert (
        command(f"deconvolve image.tif -o bead.ome.tif --psf bead.tif {voxel} --psf-background 0.001 --iterations 2")[0]
        == 0
    )
    assert command("deconvolve image.tif -o psf.ome.tif --psf psf.tif --iterations 2")[0] == 0
    assert read("bead.ome.tif").samples == pytest.approx(read("psf.ome.tif").samples, rel=1e-3)
