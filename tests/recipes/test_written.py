"""Results as files."""

import numpy as np
import pytest

from napari_deconvolution.images.files import read
from napari_deconvolution.images.image import Image
from napari_deconvolution.recipes.recipe import Recipe
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.volumes import Deconvolved
from napari_deconvolution.recipes.written import other_paths, with_known, write_result


def test_the_maps_are_written_and_all_know_what_they_were_made_of(tmp_path):
    others = other_paths(tmp_path / "out.ome.tif", Recipe().assign(residual=True))
    assert {name: path.name for name, path in others.items()} == {
        "residual": "out_residual.ome.tif",
        "left out": "out_left_out.ome.tif",
    }
    flat = Image(np.ones((8, 9), np.float32), "yx")
    result = with_known(Deconvolved(flat, {"residual": flat, "uncertainty": flat}), content={"image": {"bytes": 5}})
    write_result(result, tmp_path / "out.ome.tif", others, overwrite=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ome.tif", "out_residual.ome.tif"]
    for path in tmp_path.iterdir():
        assert Record.of(read(path).record).content["image"]["bytes"] == 5
    with pytest.raises(FileExistsError, match=r"out_residual\.ome\.tif"):
        other_paths(tmp_path / "out.ome.tif", Recipe().assign(residual=True))
