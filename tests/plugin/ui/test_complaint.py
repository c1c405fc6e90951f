"""A sentence below a field."""

import pytest


@pytest.fixture
def window(screen, qtbot):
    from qtpy.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

    from napari_deconvolution.plugin.ui.section import Section

    outer, content = QWidget(), QWidget()
    rows, outer.field, outer.next = QFormLayout(content), QLineEdit(), QLineEdit()
    rows.addRow("first", outer.field)
    rows.addRow("second", outer.next)
    outer.section, outer.rows = Section("more", content), rows
    QVBoxLayout(outer).addWidget(outer.section)
    qtbot.addWidget(outer)
    outer.show()
    return outer


def test_it_opens_the_section_marks_the_field_and_goes_again(window):
    from napari_deconvolution.plugin.ui.complaint import Complaint

    window.field.setStyleSheet("color: gray")
    assert not window.field.isVisible()
    complaint = Complaint(window.field, "na = 3: must be at most 1.7.")
    assert window.field.isVisible()
    assert "border" in window.field.styleSheet()
    assert complaint.text() == "na = 3: must be at most 1.7."
    assert [window.rows.getWidgetPosition(part)[0] for part in (window.field, complaint, window.next)] == [0, 1, 2]
    complaint.withdraw()
    assert window.field.styleSheet() == "color: gray"
    assert window.rows.rowCount() == 2
