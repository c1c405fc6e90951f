"""Batches through the widget."""

from napari_deconvolution.images.files import read, write
from napari_deconvolution.images.image import Image


def test_a_batch_and_a_second_one(viewer, widget, qtbot, cells, tmp_path, add, finish, run, quick):
    for name in ("a", "b"):
        write(Image(cells, "zyx", {"z": 0.25, "y": 0.1, "x": 0.1}), tmp_path / f"{name}.tif")
    write(Image(cells, "zyx"), tmp_path / "c.tif")
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**quick)
    widget.batch.take([str(tmp_path)])
    widget.batch.folder.setText(str(tmp_path / "sharp"))
    widget.batch.run.click()
    finish(qtbot, widget)
    assert widget.task.status.text() == "Batch of 3: 2 done, 1 failed."
    assert "c.tif: The voxel size of the image is not known" in widget.batch.outcomes.text()
    widget.batch.run.click()
    finish(qtbot, widget)
    assert widget.task.status.text() == "Batch of 3: 0 done, 2 skipped, 1 failed."
    widget.batch.as_shown.setChecked(True)
    widget.batch.overwrite.setChecked(True)
    widget.batch.run.click()
    finish(qtbot, widget)
    assert widget.task.status.text() == "Batch of 3: 3 done."
    run(qtbot, widget)
    assert (
        read(tmp_path / "sharp" / "c_deconvolved.ome.tif").samples == viewer.layers["cell richardson-lucy"].data
    ).all()
