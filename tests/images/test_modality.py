"""The modalities that files name are those that PSF models are for."""

import pytest

from napari_deconvolution import MODELS
from napari_deconvolution.images.modality import OME, WORDS, modality


def test_every_word_leads_to_a_model():
    assert set(WORDS.values()) <= set(MODELS)


def test_what_ome_calls_a_modality_comes_back_as_it():
    assert {name: modality(word) for name, word in OME.items()} == {name: name for name in OME}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Laser Scan Confocal", "confocal"),
        ("wide-field", "widefield"),
        ("Multi_Photon (2P)", None),
        ("LIGHT SHEET", "light-sheet"),
        ("Airyscan", "image-scanning"),
        ("", None),
        (None, None),
        ("SIM", None),
    ],
)
def test_spaces_hyphens_and_capitals_do_not_count(said, name):
    assert modality(said) == name
