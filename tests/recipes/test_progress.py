"""Where a run is, as a share and in words."""

from types import SimpleNamespace

import pytest

from napari_deconvolution.recipes.progress import Progress

STEP = SimpleNamespace(number=5, total=20)


def test_the_share_counts_volumes_and_iterations():
    assert Progress(0, 4, {}, None).share == 0
    assert Progress(2, 4, {}, STEP).share == pytest.approx((2 + 0.25) / 4)


def test_words_name_the_volume_only_where_there_are_several():
    assert Progress(0, 1, {}, None).words == "computing the PSF"
    assert Progress(0, 1, {}, None).at(STEP).words == "iteration 5 of 20"
    assert Progress(1, 6, {"t": 0, "c": 1}, STEP).words == "volume 2 of 6 (t=0 c=1), iteration 5 of 20"
