"""A format is a class and a row; whatever a file is, a sentence says what to do with it."""

import os

import numpy as np
import pytest

import napari_deconvolution
from napari_deconvolution.images.files import check_writable, contents, looks_readable, read, stem, write
from napari_deconvolution.images.formats import registry
from napari_deconvolution.images.formats.base import Format, Found
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.images.lazy import LazySamples


class Raw(Format):
    """A format of this test: a line that says the shape, and bytes."""

    name = "raw"
    suffixes = (".raw8",)
    writes = (".raw8",)
    starts = (b"RAW8",)

    def images(self, path):
        def fetch(index):
            return np.frombuffer(path.read_bytes().partition(b"\n")[2], np.uint8).reshape(shape)[index]

        shape = tuple(int(word) for word in path.read_bytes().partition(b"\n")[0].split()[1:])
        return [
            Found(LazySamples(shape, np.uint8, fetch), "zyx"[-len(shape) :], {"z": 0.3}, (Channel("a"),), {"na": 1.2})
        ]

    def write(self, image, path, dtype):
        samples = np.asarray(image.samples, np.uint8)
        path.write_bytes(f"RAW8 {' '.join(map(str, samples.shape))}\n".encode() + samples.tobytes())


@pytest.fixture
def raw(monkeypatch):
    monkeypatch.setattr(registry, "FORMATS", [*registry.FORMATS, Raw()])
    monkeypatch.setattr("napari_deconvolution.images.files.FORMATS", registry.FORMATS)


def test_a_format_is_read_and_written_through_its_row_alone(raw, tmp_path):
    samples = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = napari_deconvolution.write(Image(samples, "zyx"), tmp_path / "cell.raw8")
    image = napari_deconvolution.read(path)
    assert (image.describe(), image.name, image.spacing) == ("z=2 y=3 x=4", "cell", {"z": 0.3})
    assert (image.channels, image.optics) == ((Channel("a"),), {"na": 1.2})
    np.testing.assert_array_equal(image.samples, samples)
    path.rename(tmp_path / "cell.dat")
    assert read(tmp_path / "cell.dat").describe() == "z=2 y=3 x=4", "by its content"
    assert looks_readable("a.RAW8")
    with pytest.raises(FileExistsError):
        check_writable(write(Image(samples, "zyx"), tmp_path / "b.raw8"))


def test_every_format_says_what_it_is():
    for each in registry.FORMATS:
        assert each.name
        assert each.suffixes == tuple(suffix.lower() for suffix in each.suffixes)
        assert each.tells, f"{each.name}: what its files tell is part of the documentation"
        assert looks_readable(f"a{each.suffixes[0]}")


def test_a_format_whose_package_is_missing_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_deconvolution.images.formats.base.import_module", _missing)
    (tmp_path / "a.nd2").write_bytes(b"\xda\xce\xbe\x0a" + bytes(100))
    with pytest.raises(
        ImportError, match=r'Nikon ND2 files need .* nd2.*pip install "napari-deconvolution\[formats\]"'
    ):
        read(tmp_path / "a.nd2")


def _missing(name):
    raise ImportError(f"No module named {name!r}")


def test_whatever_goes_wrong_later_names_the_file(raw, tmp_path):
    path = write(Image(np.ones((2, 3, 4), np.uint8), "zyx"), tmp_path / "cell.raw8")
    image = read(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=r"cell.raw8 cannot be read; it is damaged.*copy it again"):
        np.asarray(image.samples)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(ValueError, match=r"pipe.tif is a pipe or a device"):
        read(tmp_path / "pipe.tif")


def test_names_of_files_without_their_formats():
    names = ("a.ome.tif", "a.OME.TIFF", "a.ome.zarr", "a.b.czi", "a.ome", "a")
    assert [stem(name) for name in names] == ["a", "a", "a", "a.b", "a", "a"]


def test_a_file_without_an_image_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(Raw, "images", lambda self, path: [])
    monkeypatch.setattr(registry, "FORMATS", [Raw()])
    (tmp_path / "a.raw8").write_bytes(b"RAW8")
    with pytest.raises(ValueError, match="holds no image"):
        contents(tmp_path / "a.raw8")
