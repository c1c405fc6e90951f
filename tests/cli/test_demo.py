"""The demo comes closer to the truth, and can be repeated by hand."""

import re
import shlex
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from napari_deconvolution import cli
from napari_deconvolution.algorithms.metrics.errors import fitted_error
from napari_deconvolution.cli import main
from napari_deconvolution.images.files import read
from napari_deconvolution.simulation import sample_data


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
        cut = tuple(
            slice(n // 2 - size // 2, n // 2 - size // 2 + size)
            for n, size in zip(image.samples.shape, sizes, strict=True)
        )
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
