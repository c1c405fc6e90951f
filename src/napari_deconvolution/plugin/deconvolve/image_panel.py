"""Which image to deconvolve: its layer, axes, channel and voxel size."""

from functools import partial
from typing import Any

from napari.qt.threading import create_worker
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QWidget

from ...images.image import Image, check_axes
from ...recipes.known_optics import known_optics
from ..field_error import FieldError
from ..layers.calibrate import calibrate
from ..layers.layer_source import Source, sibling_layers
from ..reader import calibration
from ..ui.layer_choice import is_choice, is_psf, layer_choice
from ..ui.parts import HINT, column
from ..ui.section import Section
from ..ui.task_panel import Failure, attempt
from .dimension_rows import DimensionRows
from .voxel_rows import VoxelRows

LAYER, FILE = "layer", "file"
"""Where values of the microscope come from."""


class ImagePanel(QWidget):
    """Rows for the image. What is shown is what is used.

    Parameters
    ----------
    viewer
        Its layers are offered. `take_layer` shows the first one, once the signals are connected.
    """

    optics_found = Signal(dict, str)
    """What is known of the microscope, by the names of `Microscope`, and from where: the layer or its file."""
    channels_found = Signal(tuple)
    """The channels described in the file, where all of them are taken."""
    changed = Signal()
    """Another image is chosen, or something about it is changed."""
    failed = Signal(str)
    """A sentence about what could not be done."""

    def __init__(self, viewer: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewer = viewer
        self.layers, content = layer_choice(viewer), QWidget()
        self.dimensions, self.all_layers, self.voxel = DimensionRows(), QCheckBox(), VoxelRows()
        self.all_layers.setToolTip(
            "<p>The layers that were opened from the same file, each with a PSF of its own wavelength.</p>"
        )
        self.layers.native.setAccessibleName("Image")
        self.layers.native.setToolTip("<p>The layer to deconvolve.</p>")
        column(content, self.dimensions, self.voxel)
        self.fold = Section("", content)
        column(self, self.layers.native, self.fold, self.all_layers)
        self.changed.connect(self._describe)
        self.layers.changed.connect(self.take_layer)
        self.dimensions.axes_edited.connect(self._take_axes)
        self.dimensions.channel_changed.connect(self.changed)
        self.all_layers.toggled.connect(lambda _: self.changed.emit())
        self.voxel.changed.connect(self.changed)
        self.voxel.from_file.clicked.connect(self.read_file)
        self.voxel.to_layer.clicked.connect(self.write_layer)
        active = viewer.layers.selection.active
        if active is not None and is_choice(active):
            self.layers.value = active

    @property
    def layer(self) -> Any:
        """The chosen layer; None if there is none."""
        return self.layers.value

    @property
    def source(self) -> Source:
        """The content of the chosen layer.

        Raises
        ------
        ValueError
            If there is none, or it cannot be used.
        """
        if self.layer is None:
            for layer in self.viewer.layers:
                Source.of(layer)  # raises why this one cannot be taken
            raise FieldError("There is no image layer to choose: open an image first.", "image")
        return Source.of(self.layer)

    @property
    def letters(self) -> str:
        """The axes as shown."""
        return self.dimensions.letters

    @property
    def sources(self) -> list[Source]:
        """What is to be deconvolved: the chosen layer, or with it those of the same file.

        Raises
        ------
        ValueError
            If there is none, or one cannot be used.
        """
        source, several = self.source, self.all_layers.isChecked() and not self.all_layers.isHidden()
        siblings = sibling_layers(self.layer, self.viewer.layers) if several else []
        return list(map(Source.of, siblings)) or [source]

    @property
    def names(self) -> list[str]:
        """The channels by name, where there are several; else one without a name."""
        try:
            sources = self.sources
            if len(sources) > 1:
                return [source.name for source in sources]
            at = self.letters.find("c")
            if at < 0 or self.dimensions.chosen_channel is not None or at >= sources[0].data.ndim:
                return [""]
            known = [channel.name for channel in sources[0].channels]
            count = sources[0].data.shape[at]
        except ValueError:
            return [""]
        return [(known[k] if k < len(known) else "") or f"channel {k}" for k in range(count)]

    @property
    def settings(self) -> dict[str, Any]:
        """Axes, channel and voxel size, by the names of `Recipe`.

        Raises
        ------
        ValueError
            If the voxel size is not one.
        """
        spacing = self.voxel.spacing(self.letters) or ()
        return {"axes": self.letters or None, "channel": self.dimensions.chosen_channel, "spacing": spacing}

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now."""
        before = self.layer
        self.layers.reset_choices()
        images = [layer for layer in self.viewer.layers if is_choice(layer) and layer.visible and not is_psf(layer)]
        if self.layer is not None and is_psf(self.layer) and images:  # it was the only one so far
            self.layers.value = images[-1]
        if self.layer is not before:
            self.take_layer()
        elif self.layer is not None:
            self._offer_all_layers()

    def take_layer(self, event: object = None) -> None:
        """Show axes, voxel size and optics of the chosen layer."""
        try:
            source = self.source
        except ValueError as error:
            self.dimensions.refuse(str(error))
            self.voxel.clear()
            self.all_layers.hide()
            self.changed.emit()
            return
        self._offer_all_layers()
        self.dimensions.take(source)
        self._take_axes()
        self.optics_found.emit(source.optics, LAYER)

    def read_file(self) -> None:
        """Read voxel size and optics from the file of the layer."""
        path = self.source.path
        if path is None:
            return
        self.voxel.from_file.setEnabled(False)
        self.voxel.say("Reading the file …")
        take = partial(self._take_calibration, self.layer)
        create_worker(attempt, calibration, path, self.letters, _connect={"returned": take})

    def write_layer(self) -> None:
        """Write the voxel size and the axes to the layer."""
        try:
            spacing = self.voxel.spacing(self.letters)
            check_axes(self.letters, self.source.data.shape)
        except ValueError as error:
            self.failed.emit(str(error))
            return
        shown = self.viewer.dims.current_step
        calibrate(self.layer, self.letters, spacing or (), self.viewer.layers)
        self.viewer.dims.current_step = shown  # the same plane, though its place in µm has changed
        self.viewer.reset_view()
        self.take_layer()

    def _describe(self) -> None:
        """Sizes and voxel size in the line of the fold, which opens where they are not known."""
        words, missing = self.dimensions.sizes.text(), ""
        if self.layer is not None:
            channel = self.dimensions.chosen_channel
            words += "" if channel is None else f" · channel {channel}"
            try:
                spacing = self.voxel.spacing(self.letters)
                missing = "" if spacing else "voxel size not known"
                words += f" · {'×'.join(f'{step:g}' for step in spacing)} µm" if spacing else ""
            except ValueError:
                missing = "voxel size not valid"
            if missing:
                self.fold.open(True)
        self.fold.say(" · ".join(filter(None, (words, missing))), HINT if missing else "")

    def _offer_all_layers(self) -> None:
        """Where the channels of a file are layers of their own."""
        count = len(sibling_layers(self.layer, self.viewer.layers))
        if count > 1:
            self.all_layers.setText(f"All {count} channels of the file")
        self.all_layers.setVisible(count > 1)

    def _take_axes(self) -> None:
        if self.layer is None:
            return
        source = self.source
        if self.dimensions.describe(source):
            self.voxel.take(source, self.letters)
        else:
            self.changed.emit()

    def _take_calibration(self, layer: Any, found: Image | Failure) -> None:
        self.voxel.from_file.setEnabled(True)
        if layer is not self.layer:
            return
        if isinstance(found, Failure):
            self.voxel.say("The file has no voxel size.")
            self.failed.emit(found.sentence)
            return
        self.voxel.show_spacing(found.spacing, self.letters)
        self.voxel.say(f"From {found.source.name}; not set on the layer." if found.source else "")
        chosen = self.dimensions.chosen_channel
        if "c" in self.letters and chosen is None and len(found.channels) > 1:
            self.channels_found.emit(found.channels)
        at = 0 if len(found.channels) == 1 else chosen if "c" in self.letters else self.source.number
        channel = found.channels[at] if at is not None and at < len(found.channels) else None
        self.optics_found.emit(known_optics(found.optics, channel), FILE)
