"""Presets set the method, and nothing else."""

from napari_deconvolution.algorithms.presets import PRESETS
from napari_deconvolution.recipes.recipe import Recipe


def test_presets(viewer, widget, cells, add):
    add(viewer, cells)
    assert widget.method.preset.value == "Automatic"
    assert not widget.method.form.isVisible()
    for name, preset in PRESETS.items():
        widget.method.preset.value = name
        assert widget.method.preset.value == name
        expected = Recipe().assign(**preset.values)
        assert (widget.recipe.algorithm, widget.recipe.stop, widget.recipe.report) == (
            expected.algorithm,
            expected.stop,
            expected.report,
        )
    widget.method.form.lines["iterations"].native.setValue(17)
    assert widget.method.preset.value == "Custom"
    assert widget.method.form.isVisible()
    widget.method.preset.value = "Automatic"
    usual = Recipe()
    for name in ("algorithm", "iterations", "stop", "report"):
        assert getattr(widget.recipe, name) == getattr(usual, name), name
