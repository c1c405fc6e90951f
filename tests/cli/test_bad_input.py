"""What cannot be done is said in one sentence, with exit code 2, and leaves no file behind."""

import os
import sys
import warnings

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Image

from .conftest import SPACING, kernel, stack

OPTICS = "--na 1.1 --wavelength 525nm --n-immersion 1.333"
PSF = "--psf psf.tif --iterations 2"

CASES = {
    "missing file": (f"deconvolve nowhere.tif -o out.tif {PSF}", "there is no file nowhere.tif"),
    "missing PSF file": ("deconvolve image.tif -o out.tif --psf nowhere.tif", "there is no file nowhere.tif"),
    "a file that is no TIFF": (f"deconvolve text.tif -o out.tif {PSF}", "text.tif is not a TIFF file"),
    "output exists": (f"deconvolve nowhere.tif -o bare.tif {PSF}", "bare.tif exists already.*--overwrite"),
    "output is input": (
        f"deconvolve image.tif -o image.tif --overwrite {PSF}",
        "image.tif is read and written: choose another name",
    ),
    "output is the PSF": (
        f"deconvolve image.tif -o psf.tif --overwrite {PSF}",
        "psf.tif is read and written: choose another name",
    ),
    "no folder": (f"deconvolve nowhere.tif -o none/out.tif {PSF}", "there is no folder none: make it first"),
    "a file as folder": (f"deconvolve nowhere.tif -o bare.tif/out.tif {PSF}", "bare.tif is a file, not a folder"),
    "no TIFF suffix": (f"deconvolve nowhere.tif -o out.png {PSF}", "out.png: results are written as TIFF or OME-Zarr"),
    "no output": (f"deconvolve image.tif {PSF}", "required: -o/--output.*deconvolve --help"),
    "unknown command": ("deconvolv image.tif", "no command 'deconvolv'; did you mean deconvolve"),
    "unknown option": (
        f"deconvolve image.tif -o out.tif {PSF} --iteration 3",
        "no option --iteration, did you mean --iterations",
    ),
    "one dash": ("psf -o out.tif -wavelength 3", "no option -wavelength, did you mean --wavelength"),
    "underscore": ("psf -o out.tif --n_immersion 1.4", "no option --n_immersion, did you mean --n-immersion"),
    "two inputs": (f"deconvolve image.tif bare.tif -o out.tif {PSF}", "'bare.tif' is one argument too many"),
    "value missing": (f"deconvolve image.tif -o out.tif {PSF} --algorithm", "--algorithm: expected one argument"),
    "unknown method": (
        f"deconvolve image.tif -o out.tif {PSF} --algorithm wener",
        "no algorithm 'wener'; did you mean wiener",
    ),
    "option of another method": (
        f"deconvolve image.tif -o out.tif {PSF} --noise 3",
        "--noise is an option of --algorithm .*wiener.*, not of --algorithm",
    ),
    "option of another penalty": (
        f"deconvolve image.tif -o out.tif {PSF} --algorithm richardson-lucy --penalty.weight 0.1",
        "--penalty.weight is an option of --penalty .*total-variation.*, not of --penalty none",
    ),
    "penalty of another method": (
        f"deconvolve image.tif -o out.tif {PSF} --algorithm wiener --penalty.weight 0.1",
        "--penalty.weight is an option of --algorithm .*richardson-lucy.*, not of --algorithm wiener",
    ),
    "option of another stop": (
        f"deconvolve image.tif -o out.tif {PSF} --stop.tolerance 0.1",
        "is an option of --stop .*relative-change",
    ),
    "option of another model": (
        "psf -o out.tif --model gaussian --t-coverslip 170",
        "--t-coverslip is an option of --model .*gibson-lanni.*, not of --model gaussian",
    ),
    "optics beside a PSF": (
        f"deconvolve image.tif -o out.tif {PSF} --na 1.1",
        "--na 1.1 is for a PSF that is computed, and --psf names a file: leave out one",
    ),
    "PSF settings without PSF": (
        "deconvolve image.tif -o out.tif --psf-origin centre",
        "--psf-origin centre is for a PSF from a file",
    ),
    "aperture": ("psf -o out.tif --na 1.4 --n-immersion 1.333", "na = 1.4 with n_immersion = 1.333.*correct na"),
    "nm typed as µm": ("psf -o out.tif --wavelength 461", "wavelength = 461.0.*Did you mean nm"),
    "no number": ("psf -o out.tif --na high", "na = 'high': must be a number"),
    "wrong unit": ("psf -o out.tif --wavelength 461s", "wavelength = '461s': its unit is µm, not s"),
    "out of range": (
        f"deconvolve image.tif -o out.tif {PSF} --gain 0",
        "gain = 0.0: must be at least 1e-06 electrons/count",
    ),
    "whole number": (
        f"deconvolve image.tif -o out.tif {PSF} --iterations 2.5",
        "iterations = '2.5': must be a whole number",
    ),
    "choice": (
        f"deconvolve image.tif -o out.tif {PSF} --boundary round",
        "boundary = 'round': choose one of open, mirror",
    ),
    "optics unknown": (
        "deconvolve bare.tif -o out.tif",
        "bare.tif does not contain na, wavelength, n_immersion.*--na 1.4 --wavelength 525nm",
    ),
    "wavelength unknown": (
        "deconvolve bare.tif -o out.tif --na 1.1 --n-immersion 1.33",
        "does not contain wavelength, .*--wavelength 525nm, or the file of a PSF with --psf",
    ),
    "voxel unknown": (f"deconvolve bare.tif -o out.tif {OPTICS}", "voxel size of the image is not known.*--spacing"),
    "voxel unknown beside a PSF": (
        f"deconvolve bare.tif -o out.tif {PSF}",
        "voxel size of the image is not known.*--spacing",
    ),
    "two spacings": (
        f"deconvolve image.tif -o out.tif {PSF} --spacing 0.1 0.1",
        "image.tif needs 3 numbers, for z, y, x",
    ),
    "negative spacing": (
        f"deconvolve image.tif -o out.tif {PSF} --spacing 0.1 0.1 -0.1",
        "spacing = -0.1: must be at least 1e-05 µm",
    ),
    "file after the spacing": (f"deconvolve -o out.tif {PSF} --spacing 0.1 0.1 0.1 image.tif", "required: IN.tif"),
    "axes unknown": (
        f"deconvolve plain.tif -o out.tif {PSF}",
        "plain.tif has the shape 6x20x22 and does not say.*--axes zyx",
    ),
    "wrong axes": (
        f"deconvolve image.tif -o out.tif {PSF} --axes yx",
        "axes = 'yx' for shape 6x20x22: one letter is needed per dimension",
    ),
    "several channels": (
        "blur series.tif -o out.tif --psf psf.tif",
        "series.tif has several channels .0 DAPI; 1 GFP.*choose one with --channel",
    ),
    "one PSF for two channels": (
        "deconvolve series.tif -o out.tif --psf psf.tif",
        "psf: there are 1 for an image of 2 channels; give one for",
    ),
    "one wavelength for two channels": (
        f"deconvolve series.tif -o out.tif {OPTICS}",
        "--wavelength is for one channel: give --emissions",
    ),
    "three wavelengths for two channels": (
        "deconvolve series.tif -o out.tif --emissions 461nm 525nm 605nm",
        r"emissions = .*: give one number for each of the 2 channels",
    ),
    "no such channel": (f"deconvolve series.tif -o out.tif {PSF} --channel 2", "c = 2: the image has c from 0 to 1"),
    "channel is no number": (
        f"deconvolve series.tif -o out.tif {PSF} --channel GFP",
        "channel = 'GFP': must be a number",
    ),
    "PSF of two dimensions": (
        "deconvolve image.tif -o out.tif --psf plane.tif",
        "psf: it has axes y=13 x=11, but the image has volumes in z y x",
    ),
    "empty PSF": ("deconvolve image.tif -o out.tif --psf zero.tif", "psf is zero everywhere"),
    "too much background off": (
        f"deconvolve image.tif -o out.tif {PSF} --psf-background 1",
        "psf sums to .*psf_background = 1: lower",
    ),
    "NaN": (f"deconvolve nan.tif -o out.tif {PSF}", "image: 1 of its 2640 values are NaN"),
    "negative counts": (
        f"deconvolve negative.tif -o out.tif {PSF}",
        "negative values .down to -1.*offset and read_noise",
    ),
    "offset too high": (
        f"deconvolve image.tif -o out.tif {PSF} --mask no --offset 5000",
        "offset = 5000.*nothing would be left",
    ),
    "blur without PSF": ("blur image.tif -o out.tif", "--psf PSF.tif is needed"),
    "blur of negative": (
        f"blur negative.tif -o out.tif {PSF.split(' --it')[0]}",
        "the image has values down to -1.*clip it",
    ),
    "blur of NaN": ("blur nan.tif -o out.tif --psf psf.tif", "image: 1 of its 2640 values are NaN"),
    "blur of darkness": ("blur dark.tif -o out.tif --psf psf.tif", "the image is zero everywhere"),
    "blur of a point": ("blur point.tif -o out.tif --psf psf.tif", "fills less than that: crop the image"),
    "photons": ("blur image.tif -o out.tif --psf psf.tif --photons 0", "photons = 0.0: must be 0.01"),
    "grid": ("psf -o out.tif --shape 5 5", "spacing = .*give one number for each of the 2 axes"),
    "demo without parent folder": ("demo -o none/demo", "none"),
    "list takes nothing": ("list algorithms", "'algorithms' is one argument too many"),
}


@pytest.fixture
def strange(folder):
    """Files with something wrong about them."""
    spacing = dict(zip("zyx", SPACING, strict=True))
    (folder / "text.tif").write_text("not a picture")
    tifffile.imwrite(folder / "plain.tif", stack(6, 20, 22))
    write(Image(kernel()[2], "yx", {"y": 0.15, "x": 0.12}), folder / "plane.tif")
    write(Image(np.zeros((5, 9, 7), np.float32), "zyx", spacing), folder / "zero.tif")
    for name, value in (("nan", np.nan), ("negative", -1)):
        samples = stack(6, 20, 22).astype(np.float32)
        samples[3, 4, 5] = value
        write(Image(samples, "zyx", spacing), folder / f"{name}.tif")
    dark = np.zeros((24, 120, 120), np.float32)
    write(Image(dark, "zyx", spacing), folder / "dark.tif")
    dark[12, 60, 60] = 1000
    write(Image(dark, "zyx", spacing), folder / "point.tif")
    return folder


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_sentence_and_no_file(case, strange, command):
    text, sentence = CASES[case]
    before = {path: path.read_bytes() for path in strange.rglob("*") if path.is_file()}
    code, _, errors = command(text)
    assert code == 2
    assert errors.count("\n") == 1
    assert errors.startswith("napari-deconvolution: error: ")
    with pytest.raises(ValueError, match=sentence):
        raise ValueError(errors)
    assert {path: path.read_bytes() for path in strange.rglob("*") if path.is_file()} == before


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_found_first(command, folder):
    (folder / "shut").mkdir(mode=0o555)
    code, _, errors = command(f"deconvolve nowhere.tif -o shut/out.tif {PSF}")
    assert code == 2
    assert "the folder shut cannot be written to" in errors


def test_a_full_disk_leaves_no_half_file_and_keeps_what_is_finished(command, folder, monkeypatch):
    def full(path, *_, **__):
        path.write_bytes(b"the beginning")
        raise OSError(28, "No space left on device", str(path))

    before = sorted(folder.rglob("*"))
    with monkeypatch.context() as disk:
        disk.setattr(tifffile, "imwrite", full)
        code, _, errors = command(f"deconvolve image.tif -o out.tif {PSF}")
    assert code == 2
    kept = folder / ".out.tif.partial"
    assert "No space left on device. 1 finished volume is kept in" in errors
    assert sorted(path for path in folder.rglob("*") if kept not in (path, *path.parents)) == before
    code, said, _ = command(f"deconvolve image.tif -o out.tif {PSF}")
    assert code == 0
    assert "1 volumes are finished already" in said


def test_too_little_memory_is_said(command, monkeypatch):
    from napari_deconvolution.cli import deconvolve

    def large(*_):
        raise MemoryError("Unable to allocate 3 TiB")

    monkeypatch.setattr(deconvolve, "run_image", large)
    code, _, errors = command(f"deconvolve image.tif -o out.tif {PSF}")
    assert (code, "not enough memory (Unable to allocate 3 TiB)" in errors) == (2, True)


def test_warnings_are_one_line_without_source(command, folder):
    write(Image(np.roll(kernel(), 1, axis=2), "zyx", dict(zip("zyx", SPACING, strict=True))), folder / "shifted.tif")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code, _, errors = command("deconvolve image.tif -o out.tif --psf shifted.tif --iterations 2")
    assert code == 0
    assert errors.startswith("napari-deconvolution: warning: the PSF is off-centre by (+0.15, +0.00, +1.08) voxels")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(("package", "text"), [("napari", "demo --show"), ("matplotlib", "demo")])
def test_demo_says_what_is_not_installed_before_anything(command, folder, monkeypatch, package, text):
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == package else found(name, *rest)
    )
    code, _, errors = command(text)
    assert code == 2
    assert f"{package} is needed for" in errors
    assert "pip install 'napari-deconvolution[" in errors
    assert not (folder / "demo").exists()


def test_demo_keeps_what_is_there(command, folder):
    (folder / "demo").mkdir()
    (folder / "demo" / "before-after.png").write_bytes(b"mine")
    code, _, errors = command("demo")
    assert code == 2
    assert "before-after.png exists already" in errors
    assert [path.name for path in (folder / "demo").iterdir()] == ["before-after.png"]


def test_a_saved_recipe_is_not_written_over_what_was_read(command, folder):
    command("psf -o p.ome.tif --shape 3 9 9 --save-microscope m.json")
    before = (folder / "m.json").read_bytes()
    code, _, errors = command("deconvolve image.tif -o out.tif --microscope m.json --save-recipe m.json --overwrite")
    assert (code, "m.json is read and written" in errors) == (2, True)
    assert (folder / "m.json").read_bytes() == before
