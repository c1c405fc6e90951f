"""Leica LIF, held against the package liffile."""

from xml.etree import ElementTree

import numpy as np
import pytest

from napari_deconvolution.images.files import contents, read
from napari_deconvolution.images.formats.lif import _channels, _settings

liffile = pytest.importorskip("liffile")


@pytest.fixture
def sections(data):
    return data / "vendor-formats" / "two_channels_xz.lif"


def test_images_as_the_library_gives_them(sections):
    found = contents(sections)
    assert [each.describe() for each in found] == [
        "t=20 c=2 z=128 y=1 x=128", "y=23 c=2 z=128 x=128", "c=2 z=512 y=1 x=512",
    ]  # fmt: skip
    with liffile.LifFile(sections) as lif:
        time, volume, section = (image.asarray() for image in lif.images)
    np.testing.assert_array_equal(read(sections, series=0).samples[:, :, :, 0], time)
    np.testing.assert_array_equal(read(sections, series=1).samples, volume.transpose(1, 2, 0, 3))
    np.testing.assert_array_equal(read(sections, series=2).samples[1, :, 0], section[1])


def test_what_the_file_tells(sections):
    image = read(sections, series=1)
    assert image.name == "xzy"
    assert image.voxel == pytest.approx((0.14027874, 0.229061545, 0.140279843))
    assert read(sections, series=0).spacing["t"] == pytest.approx(0.53)
    assert image.optics == {"na": 1.3, "n_immersion": 1.46}
    first, second = image.channels
    assert (first.name, first.emission, first.excitation) == ("Leica/FITC", pytest.approx(0.517, abs=1e-3), 0.488)
    assert (second.name, second.emission, second.excitation) == ("Leica/TRITC", pytest.approx(0.659, abs=1e-3), 0.552)
    assert {first.modality, second.modality} == {"confocal"}
    diameter = 0.804818919719259 * 580  # the pinhole in Airy units at 580 nm
    assert first.pinhole == pytest.approx(diameter / 1e3 / first.emission, rel=1e-5)
    assert second.pinhole < first.pinhole


def test_a_series_that_is_not_chosen_is_told(sections):
    with pytest.warns(
        UserWarning, match=r"3 images: 0 xzt \(t=20 c=2 z=128 y=1 x=128\), 1 xzy .* \(--series, --position\)"
    ):
        read(sections)


def document(settings):
    return ElementTree.fromstring(f'<Element><Attachment Name="HardwareSetting">{settings}</Attachment></Element>')


CONFOCAL = """<ATLConfocalSettingDefinition NumericalAperture="1.4" {more}>
<LaserLineSetting LaserLine="{laser}" IntensityDev="5"/><LaserLineSetting LaserLine="633" IntensityDev="0"/>
<Detector Channel="1" IsActive="{one}" Name="PMT 1"/><Detector Channel="2" IsActive="{two}" Name="PMT 2"/>
<MultiBand Channel="1" LeftWorld="500" RightWorld="550"/><MultiBand Channel="2" LeftWorld="600" RightWorld="650"/>
</ATLConfocalSettingDefinition>"""


def test_sequences_add_up_and_detectors_that_are_off_are_no_channels():
    both = [CONFOCAL.format(laser=laser, one=1 - at, two=at, more="") for at, laser in enumerate((488, 561))]
    xml = f"<LDM_Block_Sequential_List>{''.join(both)}</LDM_Block_Sequential_List>"
    channels = _channels(_settings(document(xml)), 2)
    assert [(each.emission, each.excitation) for each in channels] == [(0.525, 0.488), (0.625, 0.561)]
    assert _channels(_settings(document(both[0])), 2) == (), "one detector cannot be two channels"


@pytest.mark.parametrize(
    ("laser", "more", "modality"), [(880, "", "two-photon"), (488, 'IsSTEDActive="1"', "sted"), (488, "", "confocal")]
)
def test_modalities(laser, more, modality):
    settings = _settings(document(CONFOCAL.format(laser=laser, one=1, two=0, more=more)))
    (channel,) = _channels(settings, 1)
    assert channel.modality == modality


def test_a_camera_is_widefield():
    xml = (
        '<ATLCameraSettingDefinition NumericalAperture="0.8"><WideFieldChannelInfo UserDefName="GFP" '
        'EmissionWavelength="510" ExcitationWavelength="470"/></ATLCameraSettingDefinition>'
    )
    (channel,) = _channels(_settings(document(xml)), 1)
    assert (channel.name, channel.emission, channel.excitation, channel.modality) == ("GFP", 0.51, 0.47, "widefield")
