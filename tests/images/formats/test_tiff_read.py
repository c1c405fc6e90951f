"""TIFFs of other programs: what each tells, in its own way, of voxels and values."""

from types import SimpleNamespace

import numpy as np
import pytest
import tifffile

from napari_deconvolution.images.files import contents, read, write
from napari_deconvolution.images.formats.tiff_tags import told_by_tags
from napari_deconvolution.images.image import Channel, Image

from .test_tiff import made

STACK = np.random.default_rng(0).integers(0, 4000, (4, 8, 9)).astype(np.uint16)
SPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def imagej(path, samples, lines):
    head = f"ImageJ=1.54f\nimages={len(samples)}\nslices={len(samples)}\nunit=micron\nspacing=0.3\n{lines}"
    tifffile.imwrite(path, samples, description=head, metadata=None, resolution=(10, 10), photometric="minisblack")
    return path


def test_signed_values_of_imagej_are_those_that_it_shows(tmp_path):
    values = STACK.astype(np.int32) - 1000
    path = imagej(tmp_path / "a.tif", (values + 32768).astype(np.uint16), "cf=0\nc0=-32768.0\nc1=1.0\n")
    image = read(path)
    assert image.samples.dtype == np.int16
    np.testing.assert_array_equal(image.samples, values)
    assert image.voxel == (0.3, 0.1, 0.1)


def test_a_straight_line_of_imagej_is_applied_and_others_are_not(tmp_path):
    image = read(imagej(tmp_path / "a.tif", STACK, "cf=0\nc0=2.5\nc1=0.5\n"))
    np.testing.assert_allclose(image.samples, 2.5 + 0.5 * STACK)
    np.testing.assert_array_equal(read(imagej(tmp_path / "b.tif", STACK, "cf=20\nc0=2.5\nc1=0.5\n")).samples, STACK)
    np.testing.assert_array_equal(read(imagej(tmp_path / "c.tif", STACK, "c0=0.0\nc1=1.0\ncf=0\n")).samples, STACK)


@pytest.mark.parametrize(
    ("unit", "micrometres"),
    [("micrometers", 1.0), ("Å", 1e-4), ("mm.", 1e3)],
)
def test_units_in_all_spellings(tmp_path, unit, micrometres):
    head = f"ImageJ=1.54f\nimages=4\nslices=4\nunit={unit}\nspacing=-3\n".encode("latin-1")
    tifffile.imwrite(
        tmp_path / "a.tif", STACK, description=head, metadata=None, resolution=(2, 2), photometric="minisblack"
    )
    assert read(tmp_path / "a.tif").voxel == pytest.approx((3 * micrometres, 0.5 * micrometres, 0.5 * micrometres))


def test_what_tifffile_was_told_counts(tmp_path):
    about = {"axes": "ZYX", "spacing": 0.3, "unit": "um"}
    tifffile.imwrite(tmp_path / "a.tif", STACK, resolution=(10, 10), metadata=about)
    assert read(tmp_path / "a.tif").voxel == (0.3, 0.1, 0.1)


def ome(path, pixels="", positions=None, samples=STACK, size="SizeZ='4' SizeT='1'"):
    planes = "".join(
        f'<Plane TheZ="{at}" TheC="0" TheT="0" PositionZ="{where}"/>' for at, where in enumerate(positions or ())
    )
    xml = (
        f'<OME xmlns="{SPACE}"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" '
        f'SizeX="9" SizeY="8" {size} SizeC="1" PhysicalSizeX="0.1" PhysicalSizeY="0.1" {pixels}>'
        f'<Channel ID="Channel:0:0"/><TiffData IFD="0" PlaneCount="{len(samples)}"/>{planes}</Pixels></Image></OME>'
    )
    tifffile.imwrite(path, samples, description=xml, metadata=None, photometric="minisblack")
    return path


def test_positions_of_planes_tell_the_step_where_nothing_else_does(tmp_path):
    path = ome(tmp_path / "a.ome.tif", positions=[10.0, 10.25, 10.5, 10.75])
    assert read(path).spacing["z"] == 0.25
    assert contents(path)[0].origins["z"] == "plane positions"
    assert contents(path)[0].origins["x"] == "OME-XML"
    assert "z" not in read(ome(path, positions=[10.0, 10.3, 10.5, 11.5])).spacing, "not evenly spaced"
    assert "z" not in read(ome(path, 'PhysicalSizeZ="0"', [1.0, 1.0, 1.0, 1.0])).spacing


def test_a_contradiction_is_told_with_both_values(tmp_path):
    path = ome(tmp_path / "a.ome.tif", 'PhysicalSizeZ="1.0"', [0.75, 0.5, 0.25, 0.0])
    with pytest.warns(
        UserWarning, match=r"a.ome.tif: PhysicalSizeZ is 1 µm, .* 0.25 µm apart: 1 µm is taken.*--spacing"
    ):
        assert read(path).spacing["z"] == 1.0
    assert read(ome(path, 'PhysicalSizeZ="0.25"', [0.75, 0.5, 0.25, 0.0])).spacing["z"] == 0.25


def test_an_acquisition_that_was_stopped_is_read_up_to_its_last_whole_time_point(tmp_path):
    samples = np.concatenate([STACK, STACK + 1, STACK[:2] + 2])
    path = ome(tmp_path / "a.ome.tif", samples=samples, size="SizeZ='4' SizeT='5'")
    with pytest.warns(
        UserWarning, match=r"10 of its 20 planes are missing\): time points 0 to 1 are read; .* 2 to 4 are"
    ):
        image = read(path)
    assert image.describe() == "t=2 z=4 y=8 x=9"
    np.testing.assert_array_equal(image.select(t=1).samples, STACK + 1)


def test_planes_of_several_axes_in_turn_are_laid_out_by_sizes(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for z in range(4):
            for c in range(2):
                tiff.write(STACK[z] + np.uint16(c), metadata=None, contiguous=False)
    image = read(tmp_path / "a.tif", "zcyx", sizes=(4, 2, 8, 9))
    assert image.describe() == "c=2 z=4 y=8 x=9"
    np.testing.assert_array_equal(image.samples, [STACK, STACK + 1])
    with pytest.raises(ValueError, match=r"--sizes 20 2 512 512"):
        read(tmp_path / "a.tif")


def test_what_each_microscope_writes_in_its_own_header():
    lsm = {"VoxelSizeX": 1e-7, "VoxelSizeY": 1e-7, "VoxelSizeZ": 5e-7, "TimeIntervall": 2.0}
    lsm["ChannelColors"] = {"ColorNames": ["Ch1", "Ch2"]}
    told = told_by_tags(kind(is_lsm=True, lsm_metadata=lsm))
    assert told.spacing == {"z": 0.5, "y": 0.1, "x": 0.1, "t": 2.0}
    assert told.channels == (Channel("Ch1", modality="confocal"), Channel("Ch2", modality="confocal"))
    stk = {"XCalibration": 0.2, "YCalibration": 0.2, "CalibrationUnits": "um", "ZDistance": np.array([0.4, 0.4])}
    assert told_by_tags(kind(is_stk=True, stk_metadata=stk)).spacing == {"z": 0.4, "y": 0.2, "x": 0.2}
    summary = {"PixelSize_um": 0.11, "z-step_um": -0.25, "Interval_ms": 500, "ChNames": ["GFP"]}
    told = told_by_tags(kind(is_micromanager=True, micromanager_metadata={"Summary": summary}))
    assert told.spacing == {"z": 0.25, "y": 0.11, "x": 0.11, "t": 0.5}
    assert told.origins["z"] == "Micro-Manager summary"


def kind(**known):
    kinds = ("imagej", "lsm", "stk", "micromanager", "shaped")
    return SimpleNamespace(**{f"is_{each}": False for each in kinds} | known)


def test_larger_files_and_other_suffixes(tmp_path):
    tifffile.imwrite(tmp_path / "a.btf", STACK, bigtiff=True, metadata={"axes": "ZYX"}, byteorder=">")
    image = read(tmp_path / "a.btf")
    np.testing.assert_array_equal(image.samples, STACK)
    assert np.asarray(image.samples).dtype.isnative


def test_claims_beyond_reason_end_at_once(tmp_path):
    path = ome(tmp_path / "a.ome.tif", size="SizeZ='4' SizeT='9000000000000'")
    with pytest.raises(ValueError, match=r"a.ome.tif is damaged: its OME-XML plans 36000000000000 planes"):
        read(path)


def test_samples_stay_in_the_file(tmp_path):
    path = write(Image(STACK, "zyx"), tmp_path / "a.ome.tif")
    image = read(path)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"a.ome.tif"):
        np.asarray(image.samples)


@pytest.mark.parametrize("compression", ["lzw", "zlib", "jpeg2000"])
def test_compressed_planes_are_read_one_by_one(tmp_path, compression):
    pytest.importorskip("imagecodecs")
    tifffile.imwrite(tmp_path / "a.tif", STACK, compression=compression, metadata={"axes": "ZYX"})
    image = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.samples[2, 1:, ::-2], STACK[2, 1:, ::-2])
    np.testing.assert_array_equal(image.samples, STACK)


def test_without_the_codecs_the_message_names_the_extra(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", STACK, compression="zlib", metadata={"axes": "ZYX"})

    def missing(*args, **keys):
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", missing)
    with pytest.raises(ValueError, match=r'a.tif .*imagecodecs: pip install "napari-deconvolution\[formats\]"'):
        np.asarray(read(tmp_path / "a.tif").samples)


def test_colour_photographs_are_refused_and_deep_colours_are_channels(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((6, 7, 3), np.uint8), photometric="rgb")
    with pytest.raises(ValueError, match="colour photograph"):
        read(path)
    tifffile.imwrite(path, np.zeros((6, 7, 3), np.uint16), photometric="rgb")
    assert read(path).describe() == "c=3 y=6 x=7"


def test_an_image_without_a_plane_of_its_own_is_refused(tmp_path):
    path = write(made("zyx"), tmp_path / "a.ome.tif")
    path.write_bytes(
        path.read_bytes().replace(b'SizeZ="4"', b'SizeZ="9"').replace(b'PlaneCount="4"', b'PlaneCount="9"')
    )
    with pytest.raises(ValueError, match="incomplete"):
        read(path, axes="zyx")


def test_damaged_metadata_warns_and_leaves_the_samples(tmp_path):
    path = write(made("zyx"), tmp_path / "a.ome.tif")
    path.write_bytes(path.read_bytes().replace(b"<Image ", b"<Imag< "))
    with pytest.warns(UserWarning, match="damaged"):
        image = read(path, axes="zyx")
    np.testing.assert_array_equal(image.samples, made("zyx").samples)
