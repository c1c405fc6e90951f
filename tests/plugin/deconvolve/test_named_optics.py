"""Optics by name."""

import pytest


@pytest.fixture
def named(screen, qtbot):
    from napari_deconvolution.plugin.deconvolve.named_optics import NamedOptics

    made = NamedOptics()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("field", "text", "values"),
    [
        ("objective", "63x/1.4 Oil", {"na": 1.4, "n_immersion": 1.515}),
        ("dye", "alexa 488", {"wavelength": 0.519}),
        ("medium", "Vectashield", {"n_sample": 1.45}),
    ],
)
def test_a_name_becomes_numbers(named, qtbot, field, text, values):
    with qtbot.waitSignal(named.named) as heard:
        qtbot.keyClicks(named.fields[field], f"{text}\r")
    assert values.items() <= heard.args[0].items()


@pytest.mark.parametrize("field", ["objective", "dye", "medium"])
def test_an_unknown_name_is_refused_at_its_field(named, qtbot, field):
    with qtbot.waitSignal(named.refused) as heard:
        qtbot.keyClicks(named.fields[field], "jam\r")
    sentence, at = heard.args
    assert at == field
    assert "jam" in sentence
