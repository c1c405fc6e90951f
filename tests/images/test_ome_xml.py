"""OME-XML of other programs."""

import numpy as np
import pytest

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.images.ome_xml import parse


def test_nikon_export_without_units(data):
    said = parse((data / "ome-xml-metadata" / "seq0000xy01c1.ome.xml").read_text("utf-8"))
    assert said.spacing == {"y": 0.644888, "x": 0.644888}
    assert said.optics == {"na": 0.45}
    assert said.channels == (Channel("Mono", 0.525, None, "#00ffff", modality="widefield"),)


def test_unusual_units(data):
    said = parse((data / "ome-xml-metadata" / "instrument-units-alternate.ome.xml").read_text("utf-8"))
    assert said.spacing == {"y": 1e4, "x": 1e4}
    assert said.optics == {"na": 1.2}  # "Air" with an aperture of 1.2 cannot be
    (channel,) = said.channels
    assert (channel.emission, channel.excitation, channel.colour) == (0.4886, 0.6105, "#800000")
    assert channel.pinhole == pytest.approx(1.5 / (1.22 * 60 / 1.2 * 0.4886), rel=1e-5), "1.5 µm behind 60x 1.2"


def document(pixels="", channel="", instrument="", image=""):
    return (
        f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{instrument}<Image ID="Image:0">{image}'
        f'<Pixels ID="Pixels:0" {pixels}><Channel ID="Channel:0:0" {channel}/></Pixels></Image></OME>'
    )


@pytest.mark.parametrize(
    ("value", "unit", "micrometres"),
    [
        ("0.1", "", 0.1),
        ("100", "nm", 0.1),
        ("1000", "Å", 0.1),
        ("1e5", "pm", 0.1),
        ("1e-4", "mm", 0.1),
        ("0.1", "μm", 0.1),
    ],
)
def test_lengths(value, unit, micrometres):
    said = parse(document(f'PhysicalSizeX="{value}"' + (f' PhysicalSizeXUnit="{unit}"' if unit else "")))
    assert said.spacing == {"x": micrometres}


@pytest.mark.parametrize(
    "pixels", ['PhysicalSizeX="1" PhysicalSizeXUnit="pixel"', 'PhysicalSizeX="0"', 'PhysicalSizeX="NaN"', ""]
)
def test_lengths_that_are_none(pixels):
    assert parse(document(pixels)).spacing == {}


@pytest.mark.parametrize(("unit", "seconds"), [("", 90.0), ("ms", 0.09), ("min", 5400.0)])
def test_times(unit, seconds):
    said = parse(document('TimeIncrement="90"' + (f' TimeIncrementUnit="{unit}"' if unit else "")))
    assert said.spacing == pytest.approx({"t": seconds})


def test_the_objective_of_the_image_is_taken():
    instrument = (
        '<Instrument ID="Instrument:0"><Objective ID="Objective:0" LensNA="0.5" Immersion="Air"/>'
        '<Objective ID="Objective:1" LensNA="1.4" Immersion="Oil"/></Instrument>'
    )
    reference = '<InstrumentRef ID="Instrument:0"/>'
    assert parse(document(instrument=instrument, image=reference)).optics == {"na": 0.5, "n_immersion": 1.0}
    settings = reference + '<ObjectiveSettings ID="Objective:1"/>'
    assert parse(document(instrument=instrument, image=settings)).optics == {"na": 1.4, "n_immersion": 1.515}
    settings = reference + '<ObjectiveSettings ID="Objective:1" RefractiveIndex="1.518"/>'
    assert parse(document(instrument=instrument, image=settings)).optics == {"na": 1.4, "n_immersion": 1.518}


def test_what_is_no_description_is_refused():
    with pytest.raises(ValueError, match="damaged"):
        parse("<OME><Image></OME>")
    with pytest.raises(ValueError, match="0 images"):
        parse("<OME/>")


def test_the_pinhole_in_airy_units():
    xml = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Instrument ID="Instrument:0">
    <Objective ID="Objective:0" LensNA="1.2" NominalMagnification="60"/></Instrument>
    <Image ID="Image:0"><Pixels ID="Pixels:0">
    <Channel ID="Channel:0:0" EmissionWavelength="520" PinholeSize="47.58"/>
    <Channel ID="Channel:0:1" PinholeSize="50"/></Pixels></Image></OME>"""
    first, second = parse(xml).channels
    assert first.pinhole == pytest.approx(47.58 / (1.22 * 0.52 * 60 / 1.2), rel=1e-5)
    assert second.pinhole is None, "without a wavelength, nothing can be said"


def test_the_pinhole_survives_a_file(tmp_path):
    channels = (Channel("a", 0.52, pinhole=1.2), Channel("b", 0.6))
    write(Image(np.ones((2, 3, 4, 5), np.float32), "czyx", {}, channels), tmp_path / "a.ome.tif")
    assert read(tmp_path / "a.ome.tif").channels == channels
