"""The part of the image that is previewed."""

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


def test_a_rectangle_beside_the_image(viewer, widget, qtbot, cells, add, finish, quick):
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**quick)
    viewer.add_shapes([[[0, 50, 50], [0, 50, 60], [0, 60, 60], [0, 60, 50]]], name="part")
    widget.previews.button.click()
    finish(qtbot, widget)
    assert "lies outside the image" in widget.task.status.text()
    assert PREVIEW not in viewer.layers
