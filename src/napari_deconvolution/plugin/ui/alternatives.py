"""A choice among the members of a registry, by their labels, with when to use each."""

from typing import Any

from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtGui import QPaintEvent
from qtpy.QtWidgets import (
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
)

from ...parameters import Parameters
from ...registry import Registry
from .field import keep_wheel_for_scrolling

USE = Qt.ItemDataRole.UserRole + 1
"""Where an item keeps when to use its member."""

LONGEST = 21
"""Letters of a label that are shown in full: the dock must not become too wide."""


def alternatives(registry: Registry[Any]) -> QComboBox:
    """The members under the names of their families; the list says when to use each, the box shows the label alone."""
    box = _Elided()
    for family, names in registry.families().items():
        if family:
            box.addItem(family[0].upper() + family[1:])
            box.model().item(box.count() - 1).setEnabled(False)
        for name in names:
            member = registry[name]
            box.addItem(registry.label_of(name), name)
            box.setItemData(box.count() - 1, member.use, USE)
            box.setItemData(box.count() - 1, about(member), Qt.ItemDataRole.ToolTipRole)
    box.setItemDelegate(_WithUse(box))
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(min(max(map(len, map(registry.label_of, registry))), LONGEST))
    metrics = box.fontMetrics()
    widest = max(metrics.horizontalAdvance(_listed(box.itemText(k), box.itemData(k, USE))) for k in range(box.count()))
    box.view().setMinimumWidth(widest + 40)
    keep_wheel_for_scrolling(box)
    return box


def about(value: Parameters) -> str:
    """What its class says of itself, up to the sources and examples, as a tooltip."""
    text = (type(value).__doc__ or "").split("Examples\n")[0].split(">>>")[0].strip()
    return f"<pre style='white-space: pre-wrap'>{text.replace('&', '&amp;').replace('<', '&lt;')}</pre>"


class _Elided(QComboBox):
    """Shows an ellipsis where a label is too long."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        kind, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        width = self.style().subControlRect(kind, option, part, self).width()
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, width)
        painter.drawComplexControl(kind, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class _WithUse(QStyledItemDelegate):
    """Draws items of the list with when to use them."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        option.text = _listed(option.text, index.data(USE))


def _listed(label: str, use: str | None) -> str:
    return f"{label}: {use}" if use else label
