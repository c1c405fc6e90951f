"""What a residual says, in words."""

import pytest

from napari_deconvolution.recipes.record import VolumeRecord
from napari_deconvolution.recipes.verdict import SURE, is_doubtful, verdict


@pytest.mark.parametrize(
    ("measured", "said", "doubtful"),
    [
        (0.5, "Less is left than noise", True),
        (1 / SURE, "What is left of the image looks like noise", False),
        (SURE, "What is left of the image looks like noise", False),
        (1.01 * SURE, "More is left than noise", True),
    ],
)
def test_more_or_less_than_noise_is_doubtful(measured, said, doubtful):
    run = VolumeRecord(reduced_chi_square=measured)
    assert verdict(run).startswith(said)
    assert f"{measured:.3g}" in verdict(run)
    assert is_doubtful(run) is doubtful


def test_the_residual_of_the_result_goes_before_that_of_the_last_iteration():
    assert "2.3" in verdict(VolumeRecord(reduced_chi_square=1.0, residual={"chi_square": 2.3}))


def test_nothing_is_said_where_nothing_was_measured():
    assert verdict(VolumeRecord()) == ""
    assert not is_doubtful(VolumeRecord())
