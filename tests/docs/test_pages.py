"""Every Python block of README and documentation runs, page by page, in the order of the page."""

import sys
from pathlib import Path

import numpy as np
import pytest
from npe2 import PluginManager

from napari_deconvolution import ALGORITHMS, MODELS, PENALTIES
from napari_deconvolution.images.formats.registry import FORMATS
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.optics.microscope import Grid, Microscope
from napari_deconvolution.optics.psf import psf
from napari_deconvolution.simulation.acquisition import acquire

from .pages import run

ROOT = Path(__file__).resolve().parents[2]
EVERY = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in EVERY if "```python" in page.read_text(encoding="utf-8")]


def field_of_beads():
    """Six beads far enough from each other."""
    z, y, x = np.ogrid[:31, :120, :170]
    places = [(14 + 0.3 * k, 35 + 50 * (k // 3), 35 + 50 * (k % 3)) for k in range(6)]
    signal = sum(800 * np.exp(-((z - a) ** 2) / 3.2 - ((y - b) ** 2 + (x - c) ** 2) / 2.2) for a, b, c in places)
    return np.random.default_rng(0).poisson(signal + 30).astype(np.uint16)


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
        "field": Image(field_of_beads(), "zyx", spacing),
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


@pytest.fixture
def as_before(monkeypatch):
    """What a page adds to registries and modules, and the plugins it discovers, are not there for the next test."""
    for registry in (ALGORITHMS, MODELS, PENALTIES):
        for name, held in vars(registry).items():
            if isinstance(held, dict | set):
                monkeypatch.setattr(registry, name, held.copy())
    manager = PluginManager()
    monkeypatch.setattr(PluginManager, "instance", lambda: manager)
    modules, formats = set(sys.modules), list(FORMATS)
    yield
    FORMATS[:] = formats
    for name in set(sys.modules) - modules:
        if not hasattr(sys.modules[name], "__file__"):
            del sys.modules[name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_its_python_runs(page, images, as_before, tmp_path, monkeypatch):
    images(tmp_path)
    monkeypatch.chdir(tmp_path)
    run(page)
