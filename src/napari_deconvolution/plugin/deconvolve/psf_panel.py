"""Which PSF: computed from the optics, or a layer, or a layer for each channel."""

from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLabel, QLineEdit, QWidget

from ..field_error import FieldError
from ..layers.layer_source import Source
from ..ui.layer_choice import layer_choice
from ..ui.parts import add_row, rows
from .voxel_rows import read_spacing

OPTICS = "from the optics"


class PsfPanel(QWidget):
    """A row to choose a PSF; where it is a layer, one more for each further channel, and the voxel size."""

    changed = Signal()

    def __init__(self, viewer: Any) -> None:
        super().__init__()
        self.viewer = viewer
        self.rows = rows(self)
        self.first = layer_choice(viewer, ((OPTICS, None),))
        self.further: list[tuple[QLabel, Any]] = []
        self.voxel = QLineEdit()
        self.voxel.setPlaceholderText("as the image")
        self.voxel.setToolTip(
            "<p>Distance between voxels of the PSF in µm along (z) y x; resampled to the image where they differ.</p>"
        )
        self.label = add_row(self.rows, "PSF", self.first.native)
        self.first.native.setToolTip(
            "<p>Computed from the optics, or an image layer: a computed PSF, or an image of a bead.</p>"
        )
        add_row(self.rows, "Voxel size (µm)", self.voxel)
        self.names: Sequence[str] = ("",)
        self.first.changed.connect(self._take)
        self.voxel.textEdited.connect(lambda _: self.changed.emit())
        self._take()

    @property
    def layers(self) -> list[Any]:
        """The chosen layers, one for each channel; none if PSFs are computed."""
        if self.first.value is None:
            return []
        return [self.first.value, *(choice.value for _, choice in self.further)]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Their contents.

        Raises
        ------
        ValueError
            If one is missing, or cannot be used.
        """
        if None in self.layers:
            raise FieldError(
                "A PSF is needed for each channel: choose a layer for every one, or compute them from the optics.",
                "psf",
            )
        return tuple(map(Source.of, self.layers))

    @property
    def spacing(self) -> tuple[float, ...]:
        """The voxel size as shown; empty if there is none.

        Raises
        ------
        ValueError
            If the text is not a voxel size.
        """
        if self.first.value is None:
            return ()
        return read_spacing(self.voxel.text(), _axes(self.first.value)) or ()

    def compute(self) -> None:
        """Choose computed PSFs."""
        self.first.value = None

    def offer(self, names: Sequence[str]) -> None:
        """Offer a row for each of these channels."""
        if list(names) == list(self.names):
            return
        self.names = names
        self._take()

    def reset_choices(self) -> None:
        """Offer the layers that there are now."""
        before = self.first.value
        for choice in (self.first, *(choice for _, choice in self.further)):
            choice.reset_choices()
        if self.first.value is not before:
            self._take()

    def _take(self, event: object = None) -> None:
        layer = self.first.value
        alone = layer is None or "c" in (Source.of(layer).axes or "")  # its own axis holds one for each channel
        wanted = 0 if alone else len(self.names) - 1
        while len(self.further) > wanted:
            _, choice = self.further.pop()
            self.rows.removeRow(choice.native)
        while len(self.further) < wanted:
            choice = layer_choice(self.viewer)
            choice.changed.connect(lambda _: self.changed.emit())
            self.further.append((add_row(self.rows, "", choice.native, len(self.further) + 1), choice))
        labels = (self.label, *(label for label, _ in self.further))
        for name, label in zip(self.names, labels, strict=False):
            label.setText(f"PSF of {name}" if wanted and name else "PSF")
        self.rows.setRowVisible(self.voxel, layer is not None)
        if layer is not None:
            axes = _axes(layer)
            spacing = Source.of(layer).spacing(axes) if layer.data.ndim == len(axes) else {}
            known = len(spacing) == len(axes)
            self.voxel.setText(" ".join(f"{spacing[axis]:.12g}" for axis in axes) if known else "")
        self.changed.emit()


def _axes(layer: Any) -> str:
    return "zyx"[-min(layer.data.ndim, 3) :]
