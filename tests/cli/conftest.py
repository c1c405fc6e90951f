"""A tiny stack with its PSF, as files, and the command line in process."""

import numpy as np
import pytest

from napari_deconvolution import Grid, Microscope, psf
from napari_deconvolution.cli import main
from napari_deconvolution.images.files import write
from napari_deconvolution.images.image import Channel, Image

OPTICS = Microscope(na=1.1, wavelength=0.525, n_immersion=1.333, n_sample=1.4)
SPACING = (0.4, 0.15, 0.12)


def stack(*shape, seed=0):
    """Counts of a few bright places on a dim ground."""
    rng = np.random.default_rng(seed)
    return rng.poisson(5 + 400 * (rng.random(shape) > 0.97)).astype(np.uint16)


@pytest.fixture
def folder(tmp_path):
    """image.tif (all metadata), bare.tif (none), series.tif (two times, two channels), psf.tif."""
    spacing = dict(zip("zyx", SPACING, strict=True))
    optics = {"na": OPTICS.na, "n_immersion": OPTICS.n_immersion, "n_sample": OPTICS.n_sample}
    write(Image(stack(6, 20, 22), "zyx", spacing, (Channel("GFP", OPTICS.wavelength),), optics), tmp_path / "image.tif")
    write(Image(stack(6, 20, 22), "zyx"), tmp_path / "bare.tif")
    channels = (Channel("DAPI", 0.461), Channel("GFP", OPTICS.wavelength))
    write(Image(stack(2, 2, 6, 20, 22), "tczyx", {"t": 3.0, **spacing}, channels, optics), tmp_path / "series.tif")
    write(Image(kernel(), "zyx", spacing), tmp_path / "psf.tif")
    return tmp_path


def kernel():
    """No two of its octants are alike, and nothing is cut off."""
    lopsided = psf("gaussian", OPTICS, Grid(shape=(5, 13, 11), spacing=SPACING))
    lopsided[3:] *= 1.25
    lopsided[:, 7:] *= 0.75
    lopsided[..., 6:] *= 1.125
    return lopsided / lopsided.sum()


@pytest.fixture
def command(folder, monkeypatch, capsys):
    """Run a command in the folder: its exit code, standard output and standard error."""
    monkeypatch.chdir(folder)

    def run(text):
        code = main(text.split())
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
