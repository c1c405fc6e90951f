"""Labels, notes and sections take the room that they need."""

import pytest


@pytest.fixture
def shown(screen, qtbot):
    def show(widget):
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


def test_long_labels_take_several_lines_and_fields_are_aligned(shown):
    from qtpy.QtWidgets import QLineEdit, QWidget

    from napari_deconvolution.plugin.ui.parts import add_row, rows

    form = QWidget()
    lines, fields = rows(form), [QLineEdit(), QLineEdit()]
    short, long = (
        add_row(lines, text, field) for text, field in zip(("Axes", "A label of many words " * 4), fields, strict=True)
    )
    shown(form)
    assert long.height() > 2 * short.fontMetrics().height()
    assert long.height() >= long.heightForWidth(long.width())
    assert fields[0].x() == fields[1].x()


def test_a_section_shows_and_hides_its_content(shown):
    from qtpy.QtWidgets import QLabel

    from napari_deconvolution.plugin.ui.section import Section

    label = QLabel("inside")
    section = shown(Section("Camera", label))
    assert (label.isVisible(), section.button.text()) == (False, "▸ Camera")
    section.button.click()
    assert (label.isVisible(), section.button.text()) == (True, "▾ Camera")


def test_an_empty_note_takes_no_room(shown):
    from napari_deconvolution.plugin.ui.parts import Note

    note = shown(Note())
    note.say("")
    assert note.isHidden()
    note.say("something", "#ff0000")
    assert note.isVisible()
    assert "#ff0000" in note.styleSheet()


def test_a_note_shrinks_with_its_text(shown):
    from napari_deconvolution.plugin.ui.parts import Note

    note = shown(Note())
    note.say("many words " * 40)
    tall = note.minimumHeight()
    note.say("few")
    assert note.minimumHeight() < tall / 2
