"""The form as Python."""

from napari_deconvolution.plugin.commands import psf
from napari_deconvolution.recipes.repeat import as_python


def test_the_live_script_is_that_of_the_result_to_come(viewer, widget, qtbot, cells, add, run, quick):
    from napari.layers import Layer

    from napari_deconvolution.plugin.layers.result_layers import record_of

    widget.as_python.button.click()
    assert widget.script.text.toPlainText() == "# There is no image layer to choose: open an image first."
    add(viewer, cells)
    widget.recipe = widget.recipe.assign(**quick)
    qtbot.waitUntil(lambda: '"iterations": 4' in widget.script.text.toPlainText(), timeout=30_000)
    run(qtbot, widget)
    widget.script.renew()
    assert widget.script.text.toPlainText() == as_python(record_of(viewer.layers["cell richardson-lucy"]))
    [made] = psf("gaussian", (5, 9, 9), (0.25, 0.1, 0.1))
    widget.psfs.first.value = viewer.add_layer(Layer.create(*made))
    widget.script.renew()
    assert "PsfRecipe.of({'model': {'name': 'gaussian'" in widget.script.text.toPlainText()
    compile(widget.script.text.toPlainText(), "script", "exec")
