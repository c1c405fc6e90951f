"""The figures of a result show its layers and its record."""

import numpy as np
import pytest

from napari_deconvolution.plugin.commands import deconvolve
from napari_deconvolution.recipes.record import Record
from napari_deconvolution.recipes.report_text import report

NAME = "napari-deconvolution"
TITLES = ["Profile", "Convergence", "Residual", "Reproducibility", "Report"]


def turn(panel, title):
    panel.pages.setCurrentIndex(TITLES.index(title))


def axes(panel):
    return panel.figure.figure.axes


def test_profile_is_that_of_both_layers_at_the_shown_place_or_along_a_selected_line(
    viewer, panel, shown, stack, qtbot, picture
):
    pytest.importorskip("matplotlib")
    _, result, _ = shown
    viewer.dims.set_point((0, 1), (2.0, 0.9))  # t = 1, z = 3
    panel.look()
    left, right = axes(panel)
    row = int(panel.figure.figure.axes[0].get_title().split("y=")[1].split(",")[0])
    assert left.lines[0].get_ydata() == pytest.approx(stack[1, 3, row] - 100.0)
    assert right.lines[0].get_ydata() == pytest.approx(result.data[1, 3, row])
    assert left.lines[0].get_xdata()[-1] == pytest.approx(25 * 0.1)
    picture("result-profile")
    lines = viewer.add_shapes([np.array([[0.5, 0.4], [2.0, 0.4]])], shape_type="line")  # y from 5 to 20 at x = 4, in µm
    lines.selected_data = {0}
    qtbot.waitUntil(lambda: "selected line" in axes(panel)[0].get_title(), timeout=3000)
    at = panel.drawn[1].place
    assert axes(panel)[0].lines[0].get_ydata() == pytest.approx(stack[at[0][1], at[1][1], 5:21, 4] - 100.0)
    assert axes(panel)[0].lines[0].get_xdata()[-1] == pytest.approx(1.5)
    lines.selected_data = set()
    qtbot.waitUntil(lambda: "brightest row" in axes(panel)[0].get_title(), timeout=3000)


def test_pages_show_the_record_of_the_volume_in_the_colours_of_the_theme(viewer, panel, shown, qtbot, picture):
    pytest.importorskip("matplotlib")
    from matplotlib.colors import to_rgba
    from napari.utils.theme import get_theme

    _, result, residual = shown
    viewer.dims.set_point((0, 1), (2.0, 0.3))
    record = Record.of(result.metadata[NAME])
    run = record.runs[1]
    turn(panel, "Convergence")
    assert axes(panel)[0].lines[0].get_ydata() == pytest.approx([row[2] for row in run.history])
    turn(panel, "Residual")
    assert np.array_equal(axes(panel)[0].images[0].get_array(), residual.data[1, 1])
    assert axes(panel)[1].lines[0].get_ydata() == pytest.approx(run.residual["power"][1:])
    turn(panel, "Reproducibility")
    assert axes(panel)[0].lines[0].get_ydata() == pytest.approx(run.reproducibility["correlation"])
    turn(panel, "Report")
    assert panel.text.toPlainText() == report(record, 1)
    assert panel.volumes.currentText() == "t=1"
    picture("result-report")
    viewer.dims.set_point((0, 1), (0.0, 0.6))
    panel.look()
    panel.volumes.setCurrentIndex(1)
    panel.volumes.activated.emit(1)
    assert tuple(viewer.dims.point[:2]) == pytest.approx((2.0, 0.6))
    assert panel.drawn[1].number == 1
    turn(panel, "Profile")
    for theme in ("light", "dark"):
        viewer.theme = theme
        panel.look()
        assert panel.figure.figure.get_facecolor() == to_rgba(get_theme(theme).background.as_hex())


def test_what_was_not_asked_for_is_said(viewer, panel):
    from napari.layers import Layer

    image = viewer.add_image(np.random.default_rng(0).random((16, 17)) + 1, name="plane")
    psf = np.exp(-np.add.outer(*[np.arange(-6, 7) ** 2 / 4] * 2))
    [result] = deconvolve(image, psf, algorithm="wiener")
    panel.take(image, [viewer.add_layer(Layer.create(*result))])
    assert not panel.volumes.isVisible()
    for title, words in (
        ("Convergence", "direct filter"),
        ("Residual", "no residual"),
        ("Reproducibility", "not compared"),
    ):
        turn(panel, title)
        assert words in panel.note.text()
        assert panel.figure.figure is None
    turn(panel, "Profile")
    assert panel.note.text() == ""
    assert axes(panel)[0].get_xlabel() == "along the line (voxels)"
