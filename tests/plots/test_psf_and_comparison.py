"""The picture is written, shows what it was given, and touches no global state."""

import subprocess
import sys

import numpy as np
import pytest

from napari_deconvolution.plots.comparison import before_after
from napari_deconvolution.plots.figure import FAINTEST
from napari_deconvolution.plots.psf import sections


@pytest.fixture
def volume():
    z, y, x = np.mgrid[:12, :40, :50]
    return np.exp(-((z - 6) ** 2 + (y - 20) ** 2 / 9 + (x - 25) ** 2 / 16)).astype(np.float32)


def pixels(path):
    image = pytest.importorskip("matplotlib.image")
    return image.imread(path)


def test_more_volumes_make_a_wider_picture_and_planes_a_lower_one(tmp_path, volume):
    pytest.importorskip("matplotlib")
    two = pixels(before_after(tmp_path / "2.png", volume, volume, spacing=(0.3, 0.1, 0.1)))
    three = pixels(before_after(tmp_path / "3.png", volume, volume, volume, spacing=(0.3, 0.1, 0.1), title="all"))
    plane = pixels(before_after(tmp_path / "plane.png", volume[6], volume[6], spacing=(0.1, 0.1)))
    assert three.shape[1] > 1.3 * two.shape[1]
    assert plane.shape[0] < two.shape[0]
    for picture in (two, three, plane):
        assert (picture[[0, -1]] == 1).all()  # white all round: nothing is cut off
        assert (picture[:, [0, -1]] == 1).all()
        assert picture.std() > 0.1


def test_the_height_of_the_xz_section_follows_the_voxel(tmp_path, volume):
    """Six times the depth at the same width: 5 x 12 x 0.1 / 5 of a column of 3.4 inches at 150 dots more."""
    pytest.importorskip("matplotlib")
    flat = pixels(before_after(tmp_path / "a.png", volume, volume, spacing=(0.1, 0.1, 0.1)))
    deep = pixels(before_after(tmp_path / "b.png", volume, volume, spacing=(0.6, 0.1, 0.1)))
    assert deep.shape[0] - flat.shape[0] == pytest.approx(1.2 * 3.4 * 150, abs=2)


def test_the_same_volume_looks_the_same_in_both_columns_and_another_does_not(tmp_path, volume):
    pytest.importorskip("matplotlib")
    same = pixels(before_after(tmp_path / "a.png", volume, volume, spacing=(0.3, 0.1, 0.1)))
    other = pixels(before_after(tmp_path / "b.png", volume, volume[:, :, ::-1] ** 2, spacing=(0.3, 0.1, 0.1)))
    assert same.shape == other.shape
    assert np.abs(same - other).mean() > 1e-3


def test_an_even_volume_can_be_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    assert before_after(tmp_path / "a.png", np.zeros((4, 5)), np.zeros((4, 5)), spacing=(1.0, 1.0)).exists()


def test_no_window_system_is_touched(tmp_path):
    pytest.importorskip("matplotlib")
    code = (
        "import sys, numpy as np\nfrom napari_deconvolution.plots.comparison import before_after\n"
        f"before_after({str(tmp_path / 'a.png')!r}, np.eye(8), np.eye(8), spacing=(1, 1))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_what_does_not_fit_is_refused(tmp_path, volume):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="crop them"):
        before_after(tmp_path / "a.png", volume, volume[1:], spacing=(0.3, 0.1, 0.1))
    with pytest.raises(ValueError, match="a spacing for each axis"):
        before_after(tmp_path / "a.png", volume, volume, spacing=(0.1, 0.1))


def test_without_matplotlib(tmp_path, volume, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install \"napari-deconvolution\[plot\]\""):
        before_after(tmp_path / "a.png", volume, volume, spacing=(0.3, 0.1, 0.1))


SIGMAS, STEPS = (0.3, 0.12, 0.1), (0.15, 0.05, 0.04)


@pytest.fixture
def spot():
    """Gaussian, its peak at (10, 20, 25), no two of its widths alike."""
    z, y, x = (step * (np.arange(n) - at) for n, at, step in zip((20, 44, 50), (10, 20, 25), STEPS, strict=True))
    return np.exp(-np.add.outer(np.add.outer((z / SIGMAS[0]) ** 2, (y / SIGMAS[1]) ** 2), (x / SIGMAS[2]) ** 2) / 2)


def test_transfer_of_a_gaussian_is_a_gaussian(spot):
    pytest.importorskip("matplotlib")
    *_, panel = sections(7 * spot, STEPS).axes
    for line, sigma, step in zip(panel.lines, (SIGMAS[2], SIGMAS[0]), (STEPS[2], STEPS[0]), strict=True):
        frequency, transfer = line.get_data()
        assert frequency[-1] == pytest.approx(1 / (2 * step))
        assert transfer == pytest.approx(np.exp(-2 * (np.pi * sigma * frequency) ** 2), abs=5e-3)


def test_cut_offs_are_drawn_where_the_optics_end():
    """That of the Airy disk at 2 NA / λ: there its transfer ends, which is (2/π) (acos s − s √(1 − s²)) below."""
    pytest.importorskip("matplotlib")
    from napari_deconvolution import MODELS, Grid, Microscope, psf

    water = Microscope(na=0.5, wavelength=0.5, n_immersion=1.333, n_sample=1.333)
    grid, model = Grid(shape=(401, 401), spacing=(0.1, 0.1)), MODELS["born-wolf"].replace(sampling="centre")
    lateral, cut_off = sections(psf(model, water, grid), grid.spacing, model.nyquist(water)).axes[-1].lines
    assert cut_off.get_xdata()[0] == pytest.approx(2 * water.na / water.wavelength)
    frequency, transfer = lateral.get_data()
    share = np.minimum(frequency / cut_off.get_xdata()[0], 1)
    assert transfer == pytest.approx(2 / np.pi * (np.arccos(share) - share * np.sqrt(1 - share**2)), abs=0.02)


@pytest.mark.parametrize("scale", ["gamma", "log"])
def test_sections_go_through_the_peak(spot, scale):
    pytest.importorskip("matplotlib")
    xy, zy, xz, *_ = sections(3 * spot, STEPS, scale=scale).axes
    for panel, section in ((xy, spot[10]), (zy, spot[:, :, 25].T), (xz, spot[:, 20])):
        image = panel.images[0]
        assert np.asarray(image.get_array()) == pytest.approx(np.maximum(section, FAINTEST if scale == "log" else 0))
        height, width = section.shape
        assert image.norm(0.01) == pytest.approx(0.01**0.4 if scale == "gamma" else 0.5)
        across, down = image.get_extent()[1], image.get_extent()[2]
        steps = {"x": STEPS[2], "y": STEPS[1], "z": STEPS[0]}
        assert (across, down) == pytest.approx((width * steps[panel.get_xlabel()], height * steps[panel.get_ylabel()]))


def test_a_plane_has_one_section_and_settings_of_matplotlib_are_kept(spot):
    matplotlib = pytest.importorskip("matplotlib")
    before = dict(matplotlib.rcParams)
    figure = sections(spot[10], STEPS[1:], (0.3, 0.1), paper="black", ink="white")
    assert len(figure.axes) == 2
    assert len(figure.axes[-1].lines) == 2
    assert figure.get_facecolor()[:3] == (0, 0, 0)
    assert dict(matplotlib.rcParams) == before


def test_no_sections_of_what_is_no_psf(spot, monkeypatch):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match="it is zero everywhere"):
        sections(0 * spot, STEPS)
    with pytest.raises(ValueError, match="a spacing for each axis"):
        sections(spot, STEPS[1:])
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install \"napari-deconvolution\[plot\]\""):
        sections(spot, STEPS)
