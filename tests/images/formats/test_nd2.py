"""Nikon ND2, on a small object with the interface that the package nd2 documents: there is no sample file."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from napari_deconvolution.images.formats.nd2 import images_of

structures = pytest.importorskip("nd2.structures")

SIZES = {"T": 2, "P": 3, "Z": 4, "C": 2, "Y": 5, "X": 6}
WHOLE = np.random.default_rng(0).integers(0, 999, tuple(SIZES.values())).astype(np.uint16)


def channel(number, **microscope):
    emission, excitation = ((525.0, 488.0), (610.0, 561.0))[number]
    about = structures.ChannelMeta(f"C{number}", number, structures.Color(0, 255, 0), emission, excitation)
    optics = {"objectiveMagnification": 60.0, "objectiveNumericalAperture": 1.4, "immersionRefractiveIndex": 1.515}
    return structures.Channel(about, None, structures.Microscope(**{**optics, **microscope}), None)


def opened(sizes=SIZES, whole=WHOLE, is_rgb=False, experiment=(), **microscope):
    outer = [axis for axis in sizes if axis not in "CYX"]
    frames = whole.reshape(-1, *(size for axis, size in sizes.items() if axis not in outer))
    return SimpleNamespace(
        is_rgb=is_rgb,
        sizes=sizes,
        dtype=whole.dtype,
        read_frame=lambda number: frames[number],
        voxel_size=lambda: SimpleNamespace(x=0.1, y=0.1, z=0.3),
        metadata=structures.Metadata(channels=[channel(number, **microscope) for number in range(2)]),
        experiment=experiment,
    )


def found(file):
    @contextmanager
    def reopen():
        yield file

    return list(images_of(file, reopen, Path("cell.nd2")))


def test_positions_are_images():
    images = found(opened())
    assert [image.name for image in images] == ["position 0", "position 1", "position 2"]
    assert images[1].describe() == "t=2 z=4 c=2 y=5 x=6"
    np.testing.assert_array_equal(images[1].samples, WHOLE[:, 1])
    assert images[0].spacing == {"z": 0.3, "y": 0.1, "x": 0.1}
    assert images[0].optics == {"na": 1.4, "n_immersion": 1.515}


def test_a_single_plane():
    (image,) = found(opened({"Y": 5, "X": 6}, WHOLE[0, 0, 0, 0]))
    assert image.describe() == "y=5 x=6"
    np.testing.assert_array_equal(image.samples, WHOLE[0, 0, 0, 0])


def test_channels_with_pinhole_and_modality():
    flags = ["fluorescence", "laserScanConfocal"]
    first, second = found(opened(modalityFlags=flags, pinholeDiameterUm=30.0))[0].channels
    assert (first.name, first.emission, first.excitation, first.colour) == ("C0", 0.525, 0.488, "#00ff00")
    assert first.modality == second.modality == "confocal"
    assert first.pinhole == pytest.approx(30 / (1.22 * 0.525 * 60 / 1.4), rel=1e-5)
    assert found(opened(modalityFlags=["fluorescence"]))[0].channels[0].modality is None
    assert (
        found(opened(modalityFlags=["fluorescence", "spinningDiskConfocal"]))[0].channels[0].modality == "spinning-disk"
    )


def test_the_time_step_is_that_of_the_loop():
    params = structures.TimeLoopParams(0.0, 2500.0, 5000.0, None)
    assert found(opened(experiment=[structures.TimeLoop(2, 0, parameters=params)]))[0].spacing["t"] == 2.5


def test_colours_are_refused():
    with pytest.raises(ValueError, match=r"cell.nd2 is a colour photograph"):
        found(opened(is_rgb=True))
