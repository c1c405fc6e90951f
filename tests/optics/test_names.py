"""Objectives, media and dyes by the names that people and makers use."""

import pytest

from napari_deconvolution import Microscope
from napari_deconvolution.optics.dyes import DYES, emission_peak
from napari_deconvolution.optics.lens import Lens
from napari_deconvolution.optics.media import IMMERSIONS, MOUNTINGS, immersion_of, mounting_index


@pytest.mark.parametrize(
    ("text", "na", "magnification", "immersion"),
    [
        ("63x/1.4 Oil", 1.4, 63, "oil"),
        ("Plan Apo λ 60x Oil NA 1.4 WD 0.13 mm", 1.4, 60, "oil"),
        ("HC PL APO CS2 63x/1.40 OIL ∞/0.17/E", 1.4, 63, "oil"),
        ("UPLSAPO 60XW/1.20 ∞/0.13-0.21", 1.2, 60, "water"),
        ("EC Plan-Neofluar 40x/1,30 Oil DIC M27", 1.3, 40, "oil"),
        ("CFI Plan Apo VC 60x A/1.20 WI", 1.2, 60, "water"),
        ("LD LCI Plan-Apochromat 25x/0.8 Imm Korr", 0.8, 25, "air"),
        ("UPLSAPO 30x/1.05 Sil", 1.05, 30, "silicone"),
        ("10x/.25", 0.25, 10, "air"),
        ("100x 1.49", 1.49, 100, "oil"),
        ("40x/1.1", 1.1, 40, None),
        ("1.25 glyc", 1.25, None, "glycerol"),
    ],
)
def test_texts_of_objectives(text, na, magnification, immersion):
    assert Lens.read(text) == Lens(na, magnification, immersion)


@pytest.mark.parametrize("text", ["", "63x", "63x oil", "oil", "63x/14 oil", "∞/0.17"])
def test_a_text_without_aperture_is_refused(text):
    with pytest.raises(ValueError, match="write it as on the lens"):
        Lens.read(text)


def test_every_name_leads_to_a_value_that_a_microscope_takes():
    for name in DYES:
        assert Microscope(wavelength=emission_peak(name.upper())).wavelength == DYES[name] / 1000
    for name in MOUNTINGS:
        assert Microscope(n_sample=mounting_index(name.lower())).n_sample == MOUNTINGS[name]
    assert {immersion_of(name) for name in IMMERSIONS} == set(IMMERSIONS)
    assert mounting_index("oil") == IMMERSIONS["oil"]
