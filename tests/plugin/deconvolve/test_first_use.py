"""What a person sees first, and how far it is to a preview."""

import pytest

TOLD = {"optics": {"na": 0.9, "n_immersion": 1.0}, "channels": [{"name": "GFP", "emission": 0.5}]}
ABOUT = {"napari-deconvolution.acquisition": TOLD}


@pytest.fixture
def small(viewer, qtbot):
    """Makes the window as small as it has to be usable."""

    def make():
        viewer.window.resize(1000, 700)
        qtbot.wait(300)

    return make


def test_the_basic_form_fits_and_folds_are_remembered(viewer, widget, qtbot, cells, add, small):
    from qtpy.QtWidgets import QAbstractButton, QComboBox, QLabel, QScrollArea

    from napari_deconvolution.plugin.ui.section import Section

    add(viewer, cells, metadata=ABOUT)
    small()
    (area,) = widget.findChildren(QScrollArea)
    assert area.verticalScrollBar().maximum() == 0, "all of the basic form is seen"
    assert widget.image.fold.button.text() == "▸ z=7 y=64 x=60 · 0.25×0.1×0.1 µm"
    assert widget.optics.fold.button.text() == "▸ Widefield · NA 0.9 air · 500 nm · from the layer"
    parts = {*widget.findChildren(QAbstractButton), *widget.findChildren(QComboBox)}
    chain = [widget.image.layers.native]
    while (following := chain[-1].nextInFocusChain()) is not chain[0]:
        chain.append(following)
    tops = [at.mapTo(widget, at.rect().center()).y() for at in chain if at in parts and at.isVisible()]
    assert len(tops) >= 10
    assert tops == sorted(tops), "keys go downwards"

    for section in widget.findChildren(Section):
        section.open(True)
    small()
    assert widget.minimumSizeHint().width() <= 320
    for label in widget.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.minimumSizeHint().width() - 1, label.text()
    for section in widget.findChildren(Section):
        section.open(False)
    widget.more.button.click()
    widget.optics.fold.button.click()
    again = viewer.window.add_plugin_dock_widget("napari-deconvolution", "PSF generator")[1]
    assert again is not None
    viewer.window.remove_dock_widget(widget)
    new = viewer.window.add_plugin_dock_widget("napari-deconvolution", "Deconvolve")[1]
    shown = [new.optics.fold, new.more, new.after, new.image.fold]
    assert [section.button.isChecked() for section in shown] == [True, True, False, False]


class Hand:
    """Clicks and types only on what is seen and enabled, and counts."""

    def __init__(self, qtbot):
        self.qtbot, self.count = qtbot, 0

    def _reach(self, part):
        assert part.isVisible(), part
        assert part.isEnabled(), part
        self.count += 1

    def click(self, part):
        from qtpy.QtCore import Qt

        self._reach(part)
        self.qtbot.mouseClick(part, Qt.MouseButton.LeftButton)

    def enter(self, part, text):
        self._reach(part)
        part.selectAll()
        self.qtbot.keyClicks(part, text + "\r")


def test_a_preview_is_one_click_where_the_layer_tells_all(viewer, widget, qtbot, cells, add, finish):
    add(viewer, cells[:, :32, :32], metadata=ABOUT)
    widget.recipe = widget.recipe.assign(stop="none", iterations=3)  # which takes no time
    qtbot.wait(100)
    hand = Hand(qtbot)
    hand.click(widget.previews.button)
    finish(qtbot, widget)
    assert "deconvolution preview" in viewer.layers, widget.task.status.text()
    assert hand.count <= 3


def test_a_preview_is_few_entries_where_nothing_is_known(viewer, widget, qtbot, cells, finish):
    viewer.add_image(cells, name="cell")
    qtbot.wait(100)
    from napari_deconvolution.plugin.deconvolve.microscope_panel import DEFAULT, FROM

    hand, named = Hand(qtbot), widget.optics.names.fields
    assert FROM[DEFAULT] in widget.optics.fold.button.text()
    hand.enter(widget.image.voxel.text, "0.25 0.1 0.1")
    hand.click(widget.optics.fold.button)
    qtbot.wait(50)
    hand.enter(named["objective"], "Plan-Apo 40x/0.95")
    hand.enter(named["dye"], "Alexa 488")
    hand.enter(named["medium"], "vectashield")
    assert widget.optics.fold.button.text() == "▾ Widefield · 40x/0.95 air · 519 nm · entered"
    assert widget.recipe.microscope.n_sample == 1.45
    hand.click(widget.previews.button)
    assert widget.previews.previewing, widget.task.status.text()
    assert hand.count <= 8
    widget.task.cancel()
    finish(qtbot, widget)
    hand.enter(named["dye"], "ink")
    assert [complaint.field for complaint in widget.complaints] == [named["dye"]]
    assert "'ink': its name is not known" in widget.task.status.text()
    assert widget.recipe.microscope.wavelength == 0.519
