"""The content of a layer."""

import numpy as np
import pytest

from napari_deconvolution.plugin.layers.layer_source import Source

layers = pytest.importorskip("napari.layers")
XML = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Instrument ID="Instrument:0"><Objective ID="Objective:0" LensNA="1.2" Immersion="Water"/></Instrument>
<Image ID="Image:0"><ObjectiveSettings ID="Objective:0" RefractiveIndex="1.34"/>
<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="5" SizeY="4" SizeZ="3" SizeC="1" SizeT="1"
PhysicalSizeX="100" PhysicalSizeXUnit="nm" PhysicalSizeY="0.1" PhysicalSizeZ="0.3">
<Channel ID="Channel:0:0" Name="GFP" EmissionWavelength="509"/></Pixels></Image></OME>"""


def of(samples, **attributes):
    return Source.of(layers.Image(samples, **attributes))


@pytest.mark.parametrize(
    ("units", "scale", "spacing"),
    [
        (("um", "um", "um"), (0.3, 0.1, 0.1), {"z": 0.3, "y": 0.1, "x": 0.1}),
        (("nm", "nm", "nm"), (300, 100, 100), {"z": 0.3, "y": 0.1, "x": 0.1}),
        (("mm", "angstrom", "micrometer"), (0.3, 1000, 0.1), {"z": 300, "y": 0.1, "x": 0.1}),
        (("pixel", "um", "um"), (3, 0.1, 0.1), {"y": 0.1, "x": 0.1}),
        (None, (0.3, 0.1, 0.1), {}),
    ],
)
def test_units(units, scale, spacing):
    assert of(np.zeros((2, 3, 4)), units=units, scale=scale).spacing("zyx") == pytest.approx(spacing)


def test_time_is_in_seconds():
    source = of(np.zeros((2, 3, 4)), units=("ms", "um", "um"), scale=(500, 0.1, 0.1), axis_labels=tuple("tyx"))
    assert source.image().spacing == {"t": 0.5, "y": 0.1, "x": 0.1}


@pytest.mark.parametrize(
    ("shape", "labels", "axes"),
    [
        ((3, 4), None, "yx"),
        ((2, 3, 4), None, None),
        ((2, 3, 4), "zyx", "zyx"),
        ((2, 3, 4), "TYX", "tyx"),
        ((2, 3, 4), "abc", None),
    ],
)
def test_axes(shape, labels, axes):
    source = of(np.zeros(shape), axis_labels=labels and tuple(labels))
    assert source.axes == axes
    if axes is None:
        with pytest.raises(ValueError, match="has no axis labels"):
            source.image()
    assert source.image("tyx"[-len(shape) :]).axes == "tyx"[-len(shape) :]


def test_lazy_samples_and_levels():
    array = pytest.importorskip("dask.array").random.random((8, 9), chunks=4)
    assert np.array_equal(of(array).image().samples, array.compute())
    source = of([np.zeros((8, 8)), np.zeros((4, 4))], multiscale=True)
    assert (source.levels, source.image().samples.shape) == (2, (8, 8))


def test_refused():
    with pytest.raises(ValueError, match="colour picture"):
        of(np.zeros((8, 8, 3), np.uint8), rgb=True)
    with pytest.raises(ValueError, match="holds labels"):
        Source.of(layers.Labels(np.zeros((8, 8), int)))


@pytest.mark.parametrize(
    "wrapped", [str, lambda xml: type("Ome", (), {"to_xml": lambda self: xml})()], ids=["text", "object"]
)
def test_ome_metadata_of_other_readers(wrapped):
    source = of(np.zeros((3, 4, 5)), metadata={"about": 7, "OME": wrapped(XML)})
    assert source.optics == {"na": 1.2, "n_immersion": 1.34, "wavelength": 0.509}
    assert source.spacing("zyx") == {"z": 0.3, "y": 0.1, "x": 0.1}
    scaled = of(np.zeros((3, 4, 5)), scale=(0.5, 0.2, 0.2), units=("um",) * 3, metadata={"OME": XML})
    assert scaled.spacing("zyx") == {"z": 0.5, "y": 0.2, "x": 0.2}, "a layer that has a unit is believed"
