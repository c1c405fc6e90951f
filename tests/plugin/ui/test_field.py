"""The editor of one parameter: unit, range, placeholder, and the exact value."""

import pytest

from napari_deconvolution import Camera, Deconvolution, Microscope
from napari_deconvolution.parameters import Parameters, param


def declared(kind, name):
    return next(parameter for parameter in kind.parameters() if parameter.name == name)


@pytest.fixture
def field(screen, qtbot):
    from napari_deconvolution.plugin.ui.field import Field

    def make(parameter, value):
        made = Field(parameter, value)
        qtbot.addWidget(made.native)
        return made

    return make


def test_a_value_that_is_not_edited_is_returned_exactly(field):
    value = 0.523456789012345
    assert field(declared(Microscope, "wavelength"), value).value == value


def test_units_and_ranges(field):
    made = field(declared(Microscope, "wavelength"), 0.461)
    assert made.native.value() == pytest.approx(461)
    assert made.tooltip == "<p>Emission wavelength in vacuum [200 to 2000 nm].</p>"


def test_what_is_found_automatically_is_shown_as_auto(field):
    assert field(declared(Camera, "gain"), None).native.placeholderText() == "auto"
    assert field(declared(Deconvolution, "seconds"), None).native.placeholderText() == "none"


def test_a_parameter_without_a_label_shows_its_description_not_its_name(screen):
    from dataclasses import dataclass

    from napari_deconvolution.plugin.ui.field import label_of

    @dataclass(frozen=True)
    class Bare(Parameters):
        n_sample: float = param(1.3, "Refractive index of the sample")

    assert label_of(Bare.parameters()[0]) == "Refractive index of the sample"
