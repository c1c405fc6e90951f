"""The picture is written, shows what it was given, and touches no global state."""

import subprocess
import sys

import numpy as np
import pytest

from napari_deconvolution.images.plot import before_after


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
    """Six times the depth, in a section of the same width: 5 x 12 x 0.1 / 5 of a column of 3.4 inches at 150 dots more."""
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
        "import sys, numpy as np\nfrom napari_deconvolution.images.plot import before_after\n"
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
