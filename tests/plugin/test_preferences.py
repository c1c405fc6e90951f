"""What is set in the preferences of napari."""

from napari_deconvolution.recipes.recipe import Recipe

NAME, PREVIEW = "napari-deconvolution", "deconvolution preview"


def test_preferences(viewer, cells, tmp_path, add, optics):
    from napari.settings import get_plugin_settings

    from napari_deconvolution.plugin.preferences import Preferences
    from napari_deconvolution.recipes.microscope_file import write_microscope

    preferred = get_plugin_settings(NAME).deconvolution
    path = write_microscope(tmp_path / "m.json", Recipe().model, optics)
    try:
        preferred.threads, preferred.memory, preferred.output, preferred.microscope = 1, 2.5, str(tmp_path), str(path)
        assert Preferences.read() == Preferences(1, 2.5, str(tmp_path), str(path), "")
        add(viewer, cells)
        widget = viewer.window.add_plugin_dock_widget(NAME, "Deconvolve")[1]
        recipe = widget.recipe
        assert (recipe.threads, recipe.memory, recipe.microscope.na) == (1, 2.5, optics.na)
        assert widget.batch.folder.text() == str(tmp_path)
        assert widget.microscope.origins["na"] == "profile"
        preferred.microscope = str(tmp_path / "gone.json")
        again = viewer.window.add_plugin_dock_widget(NAME, "PSF generator")[1]
        assert again is not None
    finally:
        preferred.threads, preferred.memory, preferred.output, preferred.microscope = 0, 0.0, "", ""
