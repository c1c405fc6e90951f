"""Whether a file may be written is known before a long computation."""

from pathlib import Path

import pytest

from napari_deconvolution.images.output_path import check_free


def test_a_free_path_is_returned_and_nothing_is_left_behind(tmp_path):
    assert check_free(str(tmp_path / "a.PNG"), ".png") == tmp_path / "a.PNG"
    assert check_free(tmp_path / "a") == tmp_path / "a"
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_only_overwritten_if_that_is_asked_for(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match=r"a.png exists already: .*--overwrite, overwrite=True"):
        check_free(path)
    assert check_free(path, overwrite=True) == path
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("a.jpg", ValueError, r"a.jpg: end the name in .png"),
        ("no/a.png", FileNotFoundError, "there is no folder .*no: make it first"),
        ("file/a.png", NotADirectoryError, "file is a file, not a folder"),
        ("folder.png", IsADirectoryError, "folder.png is a folder"),
    ],
)
def test_what_stands_in_the_way_is_said(tmp_path, name, error, said):
    (tmp_path / "file").touch()
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(error, match=said):
        check_free(tmp_path / name, ".png", overwrite=True)


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="there is no /proc here: a folder that rights call writable and is not"
)
def test_a_folder_that_only_seems_writable_is_refused():
    with pytest.raises(PermissionError, match="/proc cannot be written to: choose another one"):
        check_free("/proc/result.ome.tif")
