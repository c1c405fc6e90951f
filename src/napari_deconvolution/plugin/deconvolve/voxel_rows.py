"""The voxel size of an image, and where it comes from."""

from collections.abc import Mapping

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLineEdit, QPushButton, QWidget

from ..field_error import FieldError
from ..layers.layer_source import Source
from ..ui.parts import Note, add_row, rows


class VoxelRows(QWidget):
    """Rows for the voxel size, and buttons to take it from the file and to set it on the layer."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.text, self.origin = QLineEdit(), Note()
        self.from_file = QPushButton("Take voxel size from the file")
        self.to_layer = QPushButton("Set voxel size on the layer")
        self.text.setToolTip("<p>Distance between voxels in µm along (z) y x.</p>")
        self.from_file.setToolTip("<p>Read it from the file that the layer was opened from.</p>")
        self.to_layer.setToolTip(
            "<p>Write this voxel size and these axes to the layer, so that image and result lie on each other.</p>"
        )
        self.rows = rows(self)
        add_row(self.rows, "Voxel size (µm)", self.text)
        add_row(self.rows, "", self.origin)
        self.rows.addRow(self.from_file)
        self.rows.addRow(self.to_layer)
        self.text.textEdited.connect(lambda _: self.say("Typed; not set on the layer."))

    def take(self, source: Source, axes: str) -> None:
        """Show what the layer states, or its scale without a unit; without voxel size, offer to read its file."""
        spatial, spacing = [axis for axis in "zyx" if axis in axes], source.spacing(axes)
        missing = any(axis not in spacing for axis in spatial)
        offered = source.scale_without_unit(axes) if missing else {}
        self.show_spacing(offered if missing else spacing, axes)
        self.text.setPlaceholderText(" ".join(spatial))
        self.rows.setRowVisible(self.from_file, missing and source.path is not None)
        unknown = "The scale of the layer has no unit: taken as µm." if offered else "The layer has no voxel size."
        self.say(unknown if missing else "")

    def show_spacing(self, spacing: Mapping[str, float], axes: str) -> None:
        """Show these steps, µm, along the axes that there are."""
        self.text.setText(" ".join(f"{spacing[axis]:.12g}" for axis in "zyx" if axis in axes and axis in spacing))
        self.text.setCursorPosition(0)  # of long numbers the first is to be seen

    def say(self, words: str) -> None:
        """Show where the voxel size comes from; nothing where it is the layer's own."""
        self.origin.setText(words)
        self.rows.setRowVisible(self.origin, bool(words))
        self.rows.setRowVisible(self.to_layer, bool(words) and bool(self.text.text()))
        self.changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        self.text.clear()
        for row in (self.origin, self.from_file, self.to_layer):
            self.rows.setRowVisible(row, False)

    def spacing(self, axes: str) -> tuple[float, ...] | None:
        """The voxel size as shown, (z) y x in µm; None if it is not known.

        Raises
        ------
        ValueError
            If the text is not a voxel size.
        """
        return read_spacing(self.text.text(), "".join(axis for axis in "zyx" if axis in axes))


def read_spacing(text: str, axes: str) -> tuple[float, ...] | None:
    """A voxel size as typed, for instance "0.3 0.1 0.1"; None if there is nothing.

    >>> read_spacing("0.3, 0.1, 0.1", "zyx")
    (0.3, 0.1, 0.1)
    """
    items = text.replace(",", " ").split()
    if not items:
        return None
    try:
        spacing = tuple(float(item) for item in items)
    except ValueError:
        spacing = ()
    if len(spacing) != len(axes) or not all(step > 0 for step in spacing):
        sentence = f"voxel size {text!r}: type one positive number in µm for each of {' '.join(axes)}."
        raise FieldError(sentence, "spacing")
    return spacing
