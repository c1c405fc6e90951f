"""A small stack that is cut into six tiles, its PSF, and a recipe."""

import hashlib

import numpy as np
import pytest

from napari_deconvolution import Recipe, write
from napari_deconvolution.images.image import Channel, Image

pytest.importorskip("zarr")

SPACING = {"z": 0.4, "y": 0.15, "x": 0.12}


def counts(*shape, seed=0):
    """A few bright places on a dim ground, blurred a little."""
    rng = np.random.default_rng(seed)
    light = 4 + 300 * (rng.random(shape) > 0.99)
    for axis in range(len(shape) - 2, len(shape)):
        light = sum(np.roll(light, k, axis) for k in (-1, 0, 1)) / 3
    return (rng.poisson(light) + 10).astype(np.uint16)


def digest(store):
    """Of all files of a store, by their names."""
    files = sorted(path for path in store.rglob("*") if path.is_file())
    return {str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def stack(tmp_path):
    """Path of a stack of 4x70x90 uint16 in OME-Zarr."""
    return write(Image(counts(4, 70, 90), "zyx", SPACING, (Channel("GFP", 0.52),)), tmp_path / "stack.ome.zarr")


@pytest.fixture
def recipe(tmp_path):
    """Eight iterations with a small PSF from a file."""
    bell = [np.exp(-5 * (2 * (np.arange(n) - n // 2) / n) ** 2) for n in (3, 9, 7)]
    kernel = (bell[0][:, None, None] * bell[1][:, None] * bell[2]).astype(np.float32)
    path = write(Image(kernel / kernel.sum(), "zyx", SPACING), tmp_path / "psf.tif")
    return Recipe().assign(
        algorithm="richardson-lucy", iterations=8, psf=(str(path),), background=2.0, offset=10.0, threads=1
    )
