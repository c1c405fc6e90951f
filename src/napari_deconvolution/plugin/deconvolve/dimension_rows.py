"""Which dimension of the image is which, and which of its channels is taken."""

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLineEdit, QSpinBox, QWidget

from ...images.image import check_axes
from ..layers.layer_source import USUAL, Source
from ..ui.field import keep_wheel_for_scrolling
from ..ui.parts import Note, add_row, rows

ALL = -1
"""The number that stands for all channels."""


class DimensionRows(QWidget):
    """Rows for axes, sizes and channel."""

    axes_edited = Signal()
    channel_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.axes, self.sizes, self.channel = QLineEdit(), Note(), QSpinBox()
        self.axes.setToolTip(
            "<p>One letter per dimension: t time, c channel, z depth, y, x. Taken from the labels of the layer.</p>"
        )
        self.channel.setMinimum(ALL)
        self.channel.setSpecialValueText("all")
        self.channel.setValue(ALL)
        self.channel.setToolTip(
            "<p>The channel to deconvolve, counted from 0; all: each with a PSF of its own wavelength.</p>"
        )
        keep_wheel_for_scrolling(self.channel)
        self.rows = rows(self)
        add_row(self.rows, "Axes", self.axes)
        add_row(self.rows, "", self.sizes)
        add_row(self.rows, "Channel", self.channel)
        self.axes.editingFinished.connect(self._edit)
        self.channel.valueChanged.connect(lambda _: self.channel_changed.emit())

    @property
    def letters(self) -> str:
        """The axes as shown."""
        return self.axes.text().replace(" ", "").lower()

    @property
    def chosen_channel(self) -> int | None:
        """The channel; None for all of them, or if there is no such axis."""
        return self.channel.value() if "c" in self.letters and self.channel.value() != ALL else None

    def take(self, source: Source) -> None:
        """Show the axes of a layer, or those that images of its dimensions mostly have."""
        self.axes.setText(source.axes or USUAL.get(source.data.ndim, "zyx"))

    def refuse(self, sentence: str) -> None:
        """Show no axes, but why."""
        self.axes.clear()
        self.sizes.setText(sentence)
        self.rows.setRowVisible(self.channel, False)

    def describe(self, source: Source) -> bool:
        """Show the size along each axis; False if the axes do not fit the layer, which is then shown."""
        letters = self.letters
        try:
            check_axes(letters, source.data.shape)
        except ValueError as error:
            self.sizes.setText(str(error))
            return False
        shown = " ".join(f"{axis}={size}" for axis, size in zip(letters, source.data.shape, strict=True))
        assumed = source.axes is None and letters == USUAL.get(len(letters))
        remarks = ["assumed: the layer has no axis labels"] if assumed else []
        remarks += [f"the finest of {source.levels} levels"] if source.levels > 1 else []
        self.sizes.setText("; ".join([shown, *remarks]))
        self.rows.setRowVisible(self.channel, "c" in letters)
        if "c" in letters:
            self.channel.setMaximum(source.data.shape[letters.index("c")] - 1)
        return True

    def _edit(self) -> None:
        """Leaving the field as it was changes nothing."""
        if self.axes.isModified():
            self.axes.setModified(False)
            self.axes_edited.emit()
