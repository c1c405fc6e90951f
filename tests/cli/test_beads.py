"""The command that measures a PSF."""

import numpy as np
import pytest

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image

SPACING = {"z": 0.2, "y": 0.1, "x": 0.1}
OIL = "--bead 100nm --na 1.3 --wavelength 520nm --n-immersion 1.518"
TWENTY = "--algorithm richardson-lucy --iterations 20"
PLACES = [(14 + 0.3 * k, 30 + 44 * (k // 3) + 0.2 * k, 30 + 44 * (k % 3) - 0.1 * k) for k in range(6)]


def field(seed=0):
    """Six Gaussian beads on a ground with noise."""
    z, y, x = np.ogrid[:31, :104, :150]
    signal = sum(800 * np.exp(-((z - a) ** 2) / 3.2 - ((y - b) ** 2 + (x - c) ** 2) / 2.2) for a, b, c in PLACES)
    return np.random.default_rng(seed).poisson(signal + 30).astype(np.uint16)


@pytest.fixture
def beads(folder):
    write(Image(field(), "zyx", SPACING), folder / "beads.tif")
    write(Image(field(), "zyx"), folder / "nosize.tif")
    write(Image(np.stack([field(), field(1)]), "czyx", SPACING), folder / "two.tif")
    write(Image(field()[15], "yx", {"y": 0.1, "x": 0.1}), folder / "plane.tif")
    return folder


def test_psf_table_and_picture_are_written(beads, command):
    pytest.importorskip("matplotlib")
    code, out, err = command(f"beads beads.tif -o psf6.ome.tif {OIL} --table beads.csv --picture beads.png")
    assert code == 0, err
    assert "6 beads found: 6 used" in out
    assert "FWHM of the PSF" in out
    assert "na 1.3 (option)" in out
    found = read(beads / "psf6.ome.tif")
    assert found.voxel == pytest.approx((0.2, 0.1, 0.1))
    assert found.samples.sum(dtype=float) == pytest.approx(1, abs=1e-5)
    assert found.record["beads"]["used"] == 6
    assert found.optics["na"] == pytest.approx(1.3)
    assert found.channels[0].emission == pytest.approx(0.52)
    rows = (beads / "beads.csv").read_text().splitlines()
    assert len(rows) == 7
    places = np.array([row.split(",")[1:4] for row in rows[1:]], float)
    for place in PLACES:
        assert np.linalg.norm(places - place, axis=1).min() < 0.1
    assert (beads / "beads.png").read_bytes().startswith(b"\x89PNG")


def test_the_psf_deconvolves(beads, command):
    assert command(f"beads beads.tif -o psf6.ome.tif {OIL}")[0] == 0
    code, _, err = command(f"deconvolve beads.tif -o sharp.ome.tif --psf psf6.ome.tif {TWENTY}")
    assert code == 0, err
    assert read(beads / "sharp.ome.tif").samples.max() > 1.5 * field().max()


def test_a_channel_is_chosen(beads, command):
    assert command(f"beads two.tif -o psf6.ome.tif {OIL} --channel 1")[0] == 0
    code, _, err = command(f"beads two.tif -o other.ome.tif {OIL}")
    assert code == 2
    assert "2 channels: choose one with --channel" in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("beads beads.tif -o out.ome.tif --na 1.3", "diameter of the beads is needed"),
        (f"beads nosize.tif -o out.ome.tif {OIL}", "give --spacing Z Y X"),
        (f"beads plane.tif -o out.ome.tif {OIL}", "is a plane"),
        (f"beads beads.tif -o out.ome.tif {OIL} --table beads.txt", ".csv"),
        (f"beads beads.tif -o beads.tif {OIL}", "beads.tif"),
        ("beads beads.tif -o out.ome.tif --bead 2um", "Larger beads hide"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(beads, command, line, said):
    code, _, err = command(line)
    assert code == 2
    assert said in err
    assert not (beads / "out.ome.tif").exists()
