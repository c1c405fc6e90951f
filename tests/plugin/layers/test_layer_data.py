"""What layers tell, and what they do not."""

import numpy as np
import pytest

from napari_deconvolution.images.image import Channel, Image
from napari_deconvolution.plugin.layers.layer_data import contrast_limits, layer_data
from napari_deconvolution.plugin.layers.layer_source import Source

layers = pytest.importorskip("napari.layers")


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
    [((3, 4), None, "yx"), ((2, 3, 4), None, None), ((2, 3, 4), "zyx", "zyx"), ((2, 3, 4), "TYX", "tyx"), ((2, 3, 4), "abc", None)],
)
def test_axes(shape, labels, axes):
    source = of(np.zeros(shape), axis_labels=labels and tuple(labels))
    assert source.axes == axes
    if axes is None:
        with pytest.raises(ValueError, match="does not say what its axes are"):
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


def test_round_trip_through_a_layer():
    made = {"z": 0.3, "y": 0.1, "x": 0.2}
    image = Image(
        np.random.default_rng(0).random((3, 4, 5), np.float32), "zyx", made, (Channel("GFP", 0.509),), {"na": 1.4}, {"made": 1}, name="cell"
    )
    back = Source.of(layers.Layer.create(*layer_data(image))).image()
    assert np.array_equal(back.samples, image.samples)
    for name in ("axes", "spacing", "channels", "optics", "record", "name"):
        assert getattr(back, name) == getattr(image, name), name


def test_result_lies_where_its_source_lies():
    source = of(np.zeros((2, 3, 4, 5)), scale=(1, 300, 100, 100), units=("pixel", "nm", "nm", "nm"), translate=(7, 600, 10, 20))
    image = source.image("czyx").select(c=1)
    _, attributes, _ = layer_data(image, source, "czyx")
    assert attributes["scale"] == (300, 100, 100)
    assert attributes["translate"] == (600, 10, 20)
    assert [str(unit) for unit in attributes["units"]] == ["nanometer"] * 3
    result = layer_data(image.replace(spacing={"z": 0.6, "y": 0.1, "x": 0.1}), source, "czyx")
    assert result[1]["scale"] == (300, 100, 100), "both lie on each other"
    assert Source.of(result).spacing("zyx") == {"z": 0.6, "y": 0.1, "x": 0.1}, "what the source does not have, the result remembers"


def test_contrast_limits_leave_out_few_bright_voxels():
    samples = np.random.default_rng(0).random((50, 50))
    samples[0, 0] = 1e6
    assert contrast_limits(samples)[1] < 2
    assert contrast_limits(np.zeros((4, 4))) == (0, 1)


XML = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Instrument ID="Instrument:0"><Objective ID="Objective:0" LensNA="1.2" Immersion="Water"/></Instrument>
<Image ID="Image:0"><ObjectiveSettings ID="Objective:0" RefractiveIndex="1.34"/>
<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="5" SizeY="4" SizeZ="3" SizeC="1" SizeT="1"
PhysicalSizeX="100" PhysicalSizeXUnit="nm" PhysicalSizeY="0.1" PhysicalSizeZ="0.3">
<Channel ID="Channel:0:0" Name="GFP" EmissionWavelength="509"/></Pixels></Image></OME>"""


@pytest.mark.parametrize("wrapped", [str, lambda xml: type("Ome", (), {"to_xml": lambda self: xml})()], ids=["text", "object"])
def test_ome_metadata_of_other_readers(wrapped):
    source = of(np.zeros((3, 4, 5)), metadata={"about": 7, "OME": wrapped(XML)})
    assert source.optics == {"na": 1.2, "n_immersion": 1.34, "wavelength": 0.509}
    assert source.spacing("zyx") == {"z": 0.3, "y": 0.1, "x": 0.1}
    scaled = of(np.zeros((3, 4, 5)), scale=(0.5, 0.2, 0.2), units=("um",) * 3, metadata={"OME": XML})
    assert scaled.spacing("zyx") == {"z": 0.5, "y": 0.2, "x": 0.2}, "a layer that has a unit is believed"
