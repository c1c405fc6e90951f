"""Every command, on tiny files."""

import os
import re
import shlex
import signal
import subprocess
import sys
import sysconfig
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import convolve

from napari_deconvolution import ALGORITHMS, MODELS, PENALTIES, Camera, Grid, Microscope, cli, deconvolve, psf
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.algorithms.penalties.total_variation import TotalVariation
from napari_deconvolution.algorithms.stopping.rules import STOPS
from napari_deconvolution.cli import main
from napari_deconvolution.images.formats.tiff import read, write
from napari_deconvolution.images.image import Image
from napari_deconvolution.optics.psf_measures import fwhm
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.simulation import sample_data

from .conftest import OPTICS, SPACING, kernel, stack

SCRIPT = Path(sysconfig.get_path("scripts"), "napari-deconvolution")


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
    assert PsfRecipe.of(made.record["psf"]).microscope == OPTICS
    assert made.record["software"]["napari-deconvolution"]
    assert made.record["command"].startswith("napari-deconvolution psf -o out.ome.tif --model born-wolf")
    widths = next(line for line in said.splitlines() if line.startswith("FWHM, profile (nm)"))
    assert widths.split()[3:] == [f"{1000 * width:.0f}" for width in fwhm(expected, SPACING)]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_deconvolve_gives_the_voxels_of_the_python_door(command, name):
    code, said, errors = command(f"deconvolve image.tif -o out.ome.tif --psf psf.tif --algorithm {name} --iterations 4 --offset 2")
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
        "deconvolve image.tif -o out.ome.tif --psf psf.tif --algorithm richardson-lucy --iterations 30 --boundary mirror --start image "
        "--penalty total-variation --penalty.weight 0.01 --stop relative-change --stop.tolerance 0.05 "
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
        tolerance=0.05,
        camera=Camera(background=1, gain=2, read_noise=3),
        spacing=SPACING,
    )
    result = read("out.ome.tif")
    assert 1 < expected.updates < 30
    assert np.array_equal(result.samples, expected.image)
    assert result.record["runs"][0]["updates"] == expected.updates


def test_optics_come_from_the_options_then_from_the_file_and_it_says_so(command):
    code, said, errors = command("deconvolve image.tif -o out.ome.tif --iterations 2 --n-sample 1.36 --depth 500nm")
    assert (code, errors) == (0, "")
    optics = next(line for line in said.splitlines() if line.startswith("optics:"))
    for part in ("gibson-lanni (default)", "na 1.1 (file)", "wavelength 525nm (file)", "n_sample 1.36 (option)", "depth 0.5 (option)"):
        assert part in optics
    microscope = Microscope(na=1.1, wavelength=0.525, n_immersion=1.333, n_sample=1.36, depth=0.5)
    made = psf("gibson-lanni", microscope, Grid.for_image((6, 20, 22), read("image.tif").voxel, microscope))
    expected = deconvolve(read("image.tif").samples, made, iterations=2, spacing=SPACING)
    result = read("out.ome.tif")
    assert np.array_equal(result.samples, expected.image)
    assert PsfRecipe.of(result.record["psf"]["psf"]).microscope == microscope


def test_a_bare_file_with_everything_in_options_is_the_same_as_a_file_that_tells(command):
    told = "--axes zyx --spacing 0.4 150nm 0.12 --na 1.1 --wavelength 525nm --n-immersion 1.333 --n-sample 1.4"
    assert command(f"deconvolve bare.tif -o bare.ome.tif --iterations 3 {told}")[0] == 0
    assert command("deconvolve image.tif -o told.ome.tif --iterations 3")[0] == 0
    assert np.array_equal(read("bare.ome.tif").samples, read("told.ome.tif").samples)
    assert read("bare.ome.tif").voxel == pytest.approx(SPACING)


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
    assert command(f"deconvolve image.tif -o bead.ome.tif --psf bead.tif {voxel} --psf-background 0.001 --iterations 2")[0] == 0
    assert command("deconvolve image.tif -o psf.ome.tif --psf psf.tif --iterations 2")[0] == 0
    assert read("bead.ome.tif").samples == pytest.approx(read("psf.ome.tif").samples, rel=1e-3)


def test_whole_numbers_and_overwriting(command):
    assert command("deconvolve image.tif -o out.tif --psf psf.tif --iterations 2 --dtype uint16")[0] == 0
    assert read("out.tif").samples.dtype == np.uint16
    assert read("out.tif").record["stored"]["dtype"] == "uint16"
    assert command("deconvolve image.tif -o out.tif --psf psf.tif --iterations 2 --overwrite")[0] == 0
    assert read("out.tif").samples.dtype == np.float32


def test_blur_is_the_mirrored_convolution_seen_by_the_camera(command):
    camera = "--read-noise 0 --offset 50 --background 3 --gain 2"
    code, said, errors = command(f"blur image.tif -o out.ome.tif --psf psf.tif --photons 1e8 {camera}")
    assert (code, errors) == (0, "")
    made, truth = read("out.ome.tif"), read("image.tif").samples.astype(float)
    signal = convolve(truth, kernel().astype(float), mode="reflect")
    unit = made.record["counts per unit"]
    assert unit == pytest.approx(1e8 / 2 / np.percentile(signal, 99.8), rel=1e-4)
    assert (made.samples - 53) / unit == pytest.approx(signal, rel=2e-3)
    assert f"{unit:.6g} counts" in said
    assert (made.axes, made.voxel) == ("zyx", pytest.approx(SPACING))


def test_blur_has_the_noise_of_its_seed_and_one_scale_for_all_times(command, folder):
    flat = np.full((2, 4, 40, 40), 7.0, np.float32)
    flat[1] *= 0.25
    write(Image(flat, "tzyx", dict(zip("zyx", SPACING, strict=True))), folder / "flat.tif")
    for seed in (1, 1, 2):
        assert command(f"blur flat.tif -o out{seed}.ome.tif --psf psf.tif --photons 400 --gain 2 --seed {seed} --overwrite")[0] == 0
    first, second = read("out1.ome.tif").samples, read("out2.ome.tif").samples
    assert not np.array_equal(first, second)
    assert [volume.mean() - 120 for volume in first] == pytest.approx([200, 50], rel=0.02)
    assert first[0].var() == pytest.approx((400 + 40 + 1.5**2) / 4, rel=0.1)
    again = read("out1.ome.tif").samples
    assert command("blur flat.tif -o again.ome.tif --psf psf.tif --photons 400 --gain 2 --seed 1")[0] == 0
    assert np.array_equal(again, read("again.ome.tif").samples)


def test_list_names_all_there_is(command):
    code, said, _ = command("list")
    assert code == 0
    for registry in (ALGORITHMS, MODELS, PENALTIES, STOPS):
        for name, member in registry.items():
            assert re.search(rf"^  {name}: ", said, re.MULTILINE)
            for parameter in member.parameters():
                assert parameter.description.split(":")[0][:40] in " ".join(said.split())


def test_list_tells_what_an_alias_stands_for(command, monkeypatch):
    monkeypatch.setitem(ALGORITHMS._members, "gentle", ALGORITHMS["tikhonov"].replace(weight=0.5))
    monkeypatch.setattr(ALGORITHMS, "aliases", {"gentle"})
    assert "  gentle: alias of --algorithm tikhonov --weight 0.5\n" in command("list")[1]


def test_help_and_version(command):
    for text in ("", "--help"):
        code, said, _ = command(text)
        assert code == 0
        for name in ("psf", "deconvolve", "blur", "list", "demo"):
            assert f"\n  {name} " in said
    assert re.fullmatch(r"napari-deconvolution \d\S*\n", command("--version")[1])


@pytest.fixture
def shown(monkeypatch):
    """What a viewer is given that stands in for napari's: shapes and scales by name."""
    layers = {}

    class Viewer:
        def add_image(self, samples, name, scale, **_):
            layers[name] = (samples.shape, scale)

    napari = types.ModuleType("napari")
    napari.__spec__, napari.Viewer, napari.run = ModuleSpec("napari", None), Viewer, lambda: None
    monkeypatch.setitem(sys.modules, "napari", napari)
    return layers


@pytest.fixture
def small(monkeypatch):
    """The middle of the demo's images, to save time."""

    def middle(image, *sizes):
        cut = tuple(slice(n // 2 - size // 2, n // 2 - size // 2 + size) for n, size in zip(image.samples.shape, sizes, strict=True))
        return image.replace(samples=image.samples[cut])

    def simulated(name):
        image, truth, kernel = sample_data.simulated(name)
        return middle(image, 16, 48, 48), middle(truth, 16, 48, 48), middle(kernel, 31, 49, 49)

    monkeypatch.setattr(cli.demo, "simulated", simulated)


def test_demo_comes_nearer_to_the_truth_and_can_be_done_by_hand(command, small, shown):
    code, said, errors = command("demo --show")
    assert (code, errors) == (0, "")
    before, after = map(float, re.search(r"(0\.\d+) before, (0\.\d+) after", said).groups())
    assert after < 0.7 * before
    assert "1000 photons" in said
    assert re.search(r" in \d+\.\d s", said)
    truth, image, result = (read(f"demo/{name}.ome.tif") for name in ("truth", "image", "result"))
    assert fitted_error(image.samples - 120, truth.samples) == pytest.approx(before, abs=0.006)
    assert fitted_error(result.samples, truth.samples) == pytest.approx(after, abs=0.006)
    assert Path("demo/before-after.png").read_bytes().startswith(b"\x89PNG")
    assert set(shown) == {"truth", "image", "psf", "result"}
    assert shown["result"] == ((16, 48, 48), (0.25, 0.1, 0.1))
    by_hand = said[said.index("the same by hand:") :].splitlines()[1]
    assert main(shlex.split(by_hand)[1:]) == 0
    assert np.array_equal(read("again.ome.tif").samples, result.samples)
    code, _, errors = command("demo")
    assert code == 2
    assert "demo/truth.ome.tif exists already" in errors.replace("\\", "/")


def test_the_installed_script(folder):
    argv = [SCRIPT, *"psf -o out.ome.tif --shape 9 9 --spacing 0.1 0.1".split()]
    done = subprocess.run(argv, cwd=folder, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert read(folder / "out.ome.tif").samples.sum() == pytest.approx(1)


def test_whoever_reads_the_output_may_stop_reading():
    with subprocess.Popen([SCRIPT, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_control_c_ends_without_a_file(folder):
    write(Image(stack(30, 128, 128), "zyx"), folder / "long.tif")
    before = sorted(folder.rglob("*"))
    argv = [SCRIPT, *"deconvolve long.tif -o out.ome.tif --psf psf.tif --iterations 100000 --spacing 0.4 0.15 0.12".split()]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(argv, cwd=folder, env={**os.environ, "PYTHONUNBUFFERED": "1"}, **pipes) as process:
        assert process.stdout.readline().startswith("image: long.tif")
        assert process.stdout.readline().startswith("PSF: psf.tif")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "napari-deconvolution: interrupted; nothing was written.\n")
    assert sorted(folder.rglob("*")) == before
