"""The field that an error is about."""

import pytest

from napari_deconvolution.plugin.field_error import FieldError, field_of


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (FieldError("na = 3: a sentence about another field.", "spacing"), "spacing"),
        (ValueError("psf_spacing = (1, 2): must be three numbers."), "psf_spacing"),
        (ValueError("The image = a plane."), ""),
        (OSError(2, "No such file"), ""),
    ],
)
def test_it_is_the_one_that_is_named_else_the_first_word(error, field):
    assert field_of(error) == field


def test_it_is_an_error_of_value_with_its_sentence():
    with pytest.raises(ValueError, match="No voxel size") as caught:
        raise FieldError("No voxel size: enter it.", "spacing")
    assert caught.value.field == "spacing"
