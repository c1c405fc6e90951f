"""A choice among the members of a registry shows labels; its list says what each is for."""

from napari_deconvolution import ALGORITHMS


def test_labels_in_the_box_and_uses_in_the_list(screen, qtbot):
    from qtpy.QtCore import Qt
    from qtpy.QtWidgets import QStyleOptionViewItem

    from napari_deconvolution.plugin.ui.alternatives import alternatives

    box = alternatives(ALGORITHMS)
    qtbot.addWidget(box)
    found = {box.itemData(k): box.itemText(k) for k in range(box.count()) if box.itemData(k)}
    assert found == {name: ALGORITHMS.label_of(name) for name in ALGORITHMS}
    at = box.findData("richardson-lucy")
    option = QStyleOptionViewItem()
    box.itemDelegate().initStyleOption(option, box.model().index(at, 0))
    assert option.text == f"Richardson–Lucy: {ALGORITHMS['richardson-lucy'].use}"
    assert "Maximum-likelihood" in box.itemData(at, Qt.ItemDataRole.ToolTipRole)
    families = [box.itemText(k) for k in range(box.count()) if box.itemData(k) is None]
    assert families == [family[0].upper() + family[1:] for family in ALGORITHMS.families()]
    assert not box.model().item(box.findText(families[0])).isEnabled()
