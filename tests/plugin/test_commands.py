"""Commands for scripts need neither napari nor Qt."""

import subprocess
import sys

import numpy as np
import pytest

HEADLESS = """
import sys
for module in ("napari", "qtpy"):
    sys.modules[module] = None  # an import of it fails
import numpy as np
from npe2 import PluginManager
plugins = PluginManager.instance()
plugins.discover()
about = {"shape": (5, 15, 15), "spacing": (0.3, 0.1, 0.1), "na": 1.2}
[psf] = plugins.commands.execute("napari-deconvolution.psf", (), about)
image = np.random.default_rng(0).poisson(20, (6, 20, 21))
settings = {"algorithm": "richardson-lucy", "iterations": 3, "background": 2}
[(samples, attributes, kind)] = plugins.commands.execute(
    "napari-deconvolution.deconvolve", (image, psf), {**settings, "spacing": (0.3, 0.1, 0.1)}
)
from napari_deconvolution import deconvolve
assert (samples == deconvolve(image, psf[0], **settings).image).all()
assert attributes["scale"] == (0.3, 0.1, 0.1) and attributes["axis_labels"] == ("z", "y", "x")
assert attributes["metadata"]["napari-deconvolution"]["recipe"]["camera"]["background"] == 2
print(kind, samples.shape, *(name for name in ("PyQt6", "PySide6", "tifffile", "dask") if name in sys.modules))
"""


def test_commands_run_without_napari_and_qt():
    done = subprocess.run([sys.executable, "-c", HEADLESS], capture_output=True, text=True, cwd="/", check=False)
    assert done.stdout.split("\n")[0] == "image (6, 20, 21)", done.stderr


def test_commands_route_what_the_layer_tells():
    from napari_deconvolution.plugin.commands import deconvolve

    acquisition = {"optics": {"na": 1.2, "n_immersion": 1.333}, "channels": [{"name": "DAPI", "emission": 0.461}]}
    attributes = {
        "name": "cell",
        "scale": (300, 100, 100),
        "units": ("nm",) * 3,
        "axis_labels": tuple("zyx"),
        "translate": (0, 500, 0),
        "colormap": "green",
        "metadata": {"napari-deconvolution.acquisition": acquisition},
    }
    layer = (np.random.default_rng(0).poisson(50, (4, 16, 16)), attributes, "image")
    [(_, result, _)] = deconvolve(layer, algorithm="richardson-lucy", iterations=1, n_sample=1.333, wavelength=0.47)
    kept = {key: result[key] for key in ("scale", "units", "axis_labels", "translate", "colormap")}
    assert kept == {key: attributes[key] for key in kept}
    microscope = result["metadata"]["napari-deconvolution"]["recipe"]["microscope"]
    assert (microscope["na"], microscope["n_immersion"], microscope["n_sample"], microscope["wavelength"]) == (
        1.2,
        1.333,
        1.333,
        0.47,
    )
    assert result["metadata"]["napari-deconvolution"]["voxel"] == [0.3, 0.1, 0.1]


def test_commands_take_the_excitation_that_the_layer_tells():
    from napari_deconvolution.plugin.commands import deconvolve

    acquisition = {"optics": {"na": 1.2, "n_immersion": 1.333}, "channels": [{"emission": 0.6, "excitation": 0.561}]}
    about = {"scale": (0.3, 0.1, 0.1), "units": ("um",) * 3, "axis_labels": tuple("zyx"), "metadata": {}}
    about["metadata"]["napari-deconvolution.acquisition"] = acquisition
    layer = (np.random.default_rng(0).poisson(50, (4, 12, 12)), about, "image")
    for given, used in (({}, 0.561), ({"excitation": 0.5}, 0.5)):
        [(_, result, _)] = deconvolve(layer, algorithm="richardson-lucy", iterations=1, model="confocal", **given)
        assert result["metadata"]["napari-deconvolution"]["recipe"]["model"]["excitation"] == used


def test_commands_say_what_is_wrong():
    from napari_deconvolution.plugin.commands import deconvolve

    with pytest.raises(ValueError, match="voxel size of the image is not known"):
        deconvolve(np.ones((4, 8, 8)))
    with pytest.raises(ValueError, match="has no axis labels"):
        deconvolve((np.ones((4, 8, 8)), {"scale": (1, 1, 1)}, "image"))
    with pytest.raises(ValueError, match="holds labels"):
        deconvolve((np.ones((8, 8), int), {"scale": (1, 1)}, "labels"))
