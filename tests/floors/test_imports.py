"""What an import loads: numerics load neither napari nor Qt nor files."""

import subprocess
import sys

import pytest

import napari_deconvolution

HEAVY = (
    "napari",
    "qtpy",
    "PyQt6",
    "PySide6",
    "dask",
    "tifffile",
    "magicgui",
    "npe2",
    "matplotlib",
    "pooch",
    "tqdm",
    "skimage",
    "pandas",
    "zarr",
    "nd2",
    "liffile",
    "imagecodecs",
)


def loaded_by(statement):
    code = f"import sys; {statement}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_loads_numerics_only():
    assert not loaded_by("import napari_deconvolution").intersection(HEAVY)


def test_the_command_line_loads_no_files_and_no_forms():
    assert not loaded_by("import napari_deconvolution.cli").intersection(set(HEAVY) - {"tifffile"})


def test_whole_images_load_no_napari():
    assert not loaded_by("import napari_deconvolution.recipes.volumes").intersection(set(HEAVY) - {"tifffile"})


def test_the_door_to_files_loads_no_format():
    assert not loaded_by("import napari_deconvolution.images.files").intersection(HEAVY)


def test_names_of_the_top_level_are_loaded_when_they_are_asked_for():
    for name in napari_deconvolution.__all__:
        assert getattr(napari_deconvolution, name) is not None
    assert "tifffile" not in loaded_by("from napari_deconvolution import Recipe")
    with pytest.raises(AttributeError, match="no attribute 'deconvolv'"):
        _ = napari_deconvolution.deconvolv
