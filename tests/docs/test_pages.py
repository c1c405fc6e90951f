"""Every Python block of README and documentation runs, page by page, in the order of the page."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import psf
from napari_deconvolution.simulation.acquisition import acquire

RUN = Path(__file__).with_name("pages.py")
ROOT = Path(__file__).resolve().parents[2]
EVERY = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in EVERY if "```python" in page.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def images():
    """The files that the pages speak of, small, by their names."""
    from napari_deconvolution import write

    voxel, microscope = (0.25, 0.09, 0.09), Microscope(na=1.3, wavelength=0.525)
    spacing, grid = dict(zip("zyx", voxel, strict=True)), Grid(shape=(6, 24, 24), spacing=voxel)
    _, seen, _ = acquire("filaments", "gibson-lanni", microscope, grid, photons=500)
    bead = 1000 * psf("gaussian", microscope, Grid(shape=(11, 25, 25), spacing=voxel)) + np.float32(100)
    cells = Image(seen, "zyx", spacing)
    channels = (Channel("DAPI", emission=0.461), Channel("GFP", emission=0.525))
    series = Image(np.stack([[seen, seen], [seen, seen]]), "tczyx", spacing, channels)
    named = {
        "cells": cells,
        "series": series,
        "bead": Image(bead, "zyx", spacing),
        "stacks/a": cells,
        "stacks/b": cells,
    }

    def lay(folder):
        (folder / "stacks").mkdir()
        for name, image in named.items():
            write(image, folder / f"{name}.ome.tif")

    return lay


def test_the_pages_have_examples():
    assert len(PAGES) >= 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_its_python_runs(page, images, tmp_path):
    images(tmp_path)
    command = [sys.executable, "-W", "error::UserWarning", str(RUN), str(page)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
