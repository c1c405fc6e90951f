"""A run is followed to its end; where there is no terminal, nothing is printed of its progress."""

from napari_deconvolution.cli.progress import follow
from napari_deconvolution.recipes.progress import Progress


def test_the_result_comes_back_and_pipes_stay_clean(capsys):
    def run():
        for volume in range(3):
            yield Progress(volume, 3, {"t": volume}, None)
        return "result"

    assert follow(run()) == "result"
    assert capsys.readouterr() == ("", "")
