"""Runs in tiles at the command line: the plan, the result, and when they are taken unasked."""

import numpy as np
import pytest

from napari_deconvolution.cli import tiles
from napari_deconvolution.images.files import read, write
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.scale.folder import RunFolder

pytest.importorskip("zarr")

METHOD = "--psf psf.tif --algorithm richardson-lucy --iterations 4 --background 3 --mask no"
RUN = f"deconvolve image.tif -o sharp.ome.zarr {METHOD}"


def test_the_plan_is_shown_and_nothing_is_done(command, folder):
    code, said, errors = command(f"{RUN} --tile 32 --plan --memory 2GB")
    assert (code, errors) == (0, "")
    assert "plan: 1 tile of 6 x 20 x 22 voxels with a margin of 10 x 9, about 1 s; " in said
    assert "tiles of each      1 x 1 along y and x, whole along z" in said
    assert not (folder / "sharp.ome.zarr").exists()


def test_tiles_are_asked_for_and_the_record_tells_of_them(command, folder):
    code, said, errors = command(f"{RUN} --tile 32 --zarr-version 0.4 --save-recipe it.json")
    assert (code, errors) == (0, "")
    assert "largest difference from an untiled result, at a seam through the brightest place: " in said
    record = Record.of(read(folder / "sharp.ome.zarr").record)
    assert record.further["tiles"]["count"] == 1
    assert record.command.endswith("--tile 32 --zarr-version 0.4 --save-recipe it.json")
    assert (folder / "it.json").exists()
    code, whole, _ = command(RUN.replace("sharp.ome.zarr", "whole.ome.zarr"))
    assert (code, "plan:" in whole) == (0, False), "what fits into memory is not cut"
    difference = np.abs(read(folder / "sharp.ome.zarr").samples - read(folder / "whole.ome.zarr").samples)
    assert difference.max() < 1e-3 * read(folder / "whole.ome.zarr").samples.max()


def test_what_does_not_fit_into_memory_is_cut_unasked(command, folder, monkeypatch):
    monkeypatch.setattr(tiles, "fits_in_memory", lambda *given: False)
    assert "plan: 1 tile" in command(RUN)[1]
    code, said, _ = command(RUN.replace("sharp.ome.zarr", "sharp.ome.tif"))
    assert (code, "plan:" in said) == (0, False), "a TIFF is written whole; its run says itself if it is too large"


def test_an_interruption_keeps_the_tiles(command, folder, monkeypatch):
    def stop(steps):
        next(step for step in steps if step.phase == "deconvolving")
        raise KeyboardInterrupt

    monkeypatch.setattr(tiles, "follow", stop)
    code, _, errors = command(f"{RUN} --tile 32")
    assert code == 130
    assert "the same command goes on with the others" in errors
    assert RunFolder.beside(folder / "sharp.ome.zarr").begun
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert "0 tiles of a run that was begun are done" in command(f"{RUN} --tile 32")[1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("--workers 0", "--workers 0: one is the least"),
        ("--tile 100", "--tile 100: take 32, 64 or a multiple of 128"),
        ("--tile 32 --dtype uint16", "--dtype uint16 needs the maximum of the whole result"),
        ("--tile 32 --truth image.tif", "truth looks at a whole volume"),
        ("--plan --memory 0.1", "Not even a small tile fits into 0.1 GB of memory: it needs"),
        ("--plan --zarr-version 3", "version = '3': OME-Zarr is written as 0.5 or 0.4"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(command, more, said):
    code, _, errors = command(f"{RUN} {more}")
    assert code == 2
    assert said in errors
    assert errors.count("\n") == 1


def test_a_tile_run_needs_a_store(command, folder):
    write(read(folder / "image.tif"), folder / "there.ome.zarr")
    assert "end the name in .ome.zarr" in command(f"{RUN.replace('ome.zarr', 'ome.tif')} --tile 32")[2]
    assert "exists already" in command(f"{RUN.replace('sharp', 'there')} --tile 32")[2]
