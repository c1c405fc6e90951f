"""A run is followed to its end; where there is no terminal, nothing is printed of its progress."""

import pytest

from napari_deconvolution import arrays
from napari_deconvolution.cli import progress
from napari_deconvolution.cli.progress import follow
from napari_deconvolution.recipes.progress import Progress


def test_the_result_comes_back_and_pipes_stay_clean(capsys):
    def run():
        for volume in range(3):
            yield Progress(volume, 3, {"t": volume}, None)
        return "result"

    assert follow(run()) == "result"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("missing", "seconds", "told"), [(True, -1.0, 1), (True, 20.0, 0), (False, -1.0, 0)])
def test_a_long_run_without_the_faster_transforms_says_so_once(monkeypatch, capsys, missing, seconds, told):
    monkeypatch.setattr(arrays, "ducc", None if missing else arrays.ScipyFFT)
    monkeypatch.setattr(progress, "LONG", seconds)
    follow(iter(()))
    assert capsys.readouterr().err.count("napari-deconvolution[fast]") == told
