"""Resolution and Nyquist step follow the values of the form."""

import pytest


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-deconvolution", "PSF generator")[1]


def spin(form, name):
    return form.lines[name].native


def test_resolution_and_nyquist_follow_the_numbers(widget, qtbot):
    assert widget.limits.text() == "Resolution ≥ 188, z 561 nm; Nyquist 94, z 280 nm."
    spin(widget.optics, "wavelength").setValue(700)
    qtbot.waitUntil(lambda: "Resolution ≥ 250," in widget.limits.text(), timeout=2000)
    spin(widget.grid, "spacing").setText("0.2 0.2 0.2")
    qtbot.waitUntil(
        lambda: "Voxel size along y, x loses detail: 1.6 times Nyquist." in widget.limits.text(), timeout=2000
    )
    assert widget.limits.styleSheet()
    spin(widget.optics, "na").setValue(1.6)
    qtbot.waitUntil(lambda: "na = 1.6 with n_immersion" in widget.limits.text(), timeout=2000)


def test_rays_that_do_not_travel_in_the_sample_are_told_of(widget, qtbot):
    spin(widget.sample, "n_sample").setValue(1.33)
    qtbot.waitUntil(lambda: "those rays are excluded" in widget.limits.text(), timeout=2000)
    spin(widget.optics, "model").setCurrentText("Richards–Wolf")
    qtbot.waitUntil(lambda: "those rays are evanescent there, and included" in widget.limits.text(), timeout=2000)


def test_limits_are_those_of_the_modality(widget, qtbot):
    wide = widget.limits.text()
    widget.recipe = widget.recipe.assign(model="confocal", excitation=0.525)
    qtbot.waitUntil(lambda: widget.limits.text() != wide, timeout=2000)
    assert "Resolution ≥ 94, z 280 nm; Nyquist 47, z 140 nm." in widget.limits.text()
