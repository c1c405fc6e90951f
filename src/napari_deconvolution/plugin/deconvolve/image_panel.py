"""Which image: its layer, its axes, its channel and its voxel size, with what the layer does not tell."""

from functools import partial
from typing import Any

from magicgui.widgets import create_widget
from napari.layers import Image as ImageLayer
from napari.qt.threading import create_worker
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QLineEdit, QPushButton, QSpinBox, QWidget

from ...images.image import Image, check_axes
from ..layers.layer_source import ACQUISITION, USUAL, Source, layers_beside, results_on
from ..layers.preview_layer import PREVIEW
from ..reader import calibration
from ..ui.field import keep_wheel_for_scrolling
from ..ui.parts import Note, add_row, rows
from ..ui.task_panel import Failure, attempt

ALL = -1
"""The number of the channel that stands for all of them."""

LAYER, FILE = "layer", "file"
"""Who tells of the microscope."""


class ImagePanel(QWidget):
    """Rows for the image. What is shown is what is used.

    Parameters
    ----------
    viewer
        Whose layers are offered. `take_layer` shows the first one, when the signals are connected.
    """

    optics_found = Signal(dict, str)
    """What is known of the microscope, by the names of `Microscope`, and who tells it: the layer or its file."""
    channels_found = Signal(tuple)
    """The channels that the file tells of, where all of them are taken."""
    changed = Signal()
    """Another image is chosen, or something is said of it."""
    failed = Signal(str)
    """A sentence about what could not be done."""

    def __init__(self, viewer: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewer = viewer
        self.layers = layer_choice(viewer)
        self.axes, self.sizes, self.channel = QLineEdit(), Note(), QSpinBox()
        self.voxel, self.origin, self.all_layers = QLineEdit(), Note(), QCheckBox()
        self.from_file, self.to_layer = QPushButton("Take voxel size from the file"), QPushButton("Set voxel size on the layer")
        self.axes.setToolTip("<p>A letter per dimension: t time, c channel, z depth, y, x. The layer's labels, where it has such.</p>")
        self.voxel.setToolTip("<p>Distance of samples in µm along (z) y x.</p>")
        self.from_file.setToolTip("<p>From the file that the layer was opened from.</p>")
        self.to_layer.setToolTip("<p>Write this voxel size and these axes to the layer, so that it and the result lie on each other.</p>")
        self.channel.setMinimum(ALL)
        self.channel.setSpecialValueText("all")
        self.channel.setValue(ALL)
        self.channel.setToolTip("<p>Which one, from 0; all: each with a PSF of its own wavelength.</p>")
        self.all_layers.setToolTip("<p>The layers that were opened from the same file, each with a PSF of its own wavelength.</p>")
        keep_wheel_for_scrolling(self.channel)
        self._lay_out()
        self.layers.changed.connect(self.take_layer)
        self.axes.editingFinished.connect(self._edit_axes)
        self.voxel.textEdited.connect(self._typed)
        self.channel.valueChanged.connect(lambda _: self.changed.emit())
        self.all_layers.toggled.connect(lambda _: self.changed.emit())
        self.from_file.clicked.connect(self.read_file)
        self.to_layer.clicked.connect(self.write_layer)
        active = viewer.layers.selection.active
        if active is not None and _is_choice(active):
            self.layers.value = active

    def _lay_out(self) -> None:
        self.rows = rows(self)
        add_row(self.rows, "Image", self.layers.native)
        add_row(self.rows, "Axes", self.axes)
        add_row(self.rows, "", self.sizes)
        add_row(self.rows, "Channel", self.channel)
        self.rows.addRow(self.all_layers)
        add_row(self.rows, "Voxel size (µm)", self.voxel)
        add_row(self.rows, "", self.origin)
        self.rows.addRow(self.from_file)
        self.rows.addRow(self.to_layer)

    @property
    def layer(self) -> Any:
        """The chosen layer; None if there is none."""
        return self.layers.value

    @property
    def source(self) -> Source:
        """What the chosen layer says.

        Raises
        ------
        ValueError
            If there is none, or it cannot be used.
        """
        if self.layer is None:
            for layer in self.viewer.layers:
                Source.of(layer)  # says why this one cannot be taken
            raise ValueError("There is no image layer to choose: open an image first.")
        return Source.of(self.layer)

    @property
    def letters(self) -> str:
        """The axes as they are shown."""
        return self.axes.text().replace(" ", "").lower()

    @property
    def chosen_channel(self) -> int | None:
        """Which channel; None for all of them, or if there is no such axis."""
        return self.channel.value() if "c" in self.letters and self.channel.value() != ALL else None

    @property
    def sources(self) -> list[Source]:
        """What is to be deconvolved: the chosen layer, or with it those of the same file.

        Raises
        ------
        ValueError
            If there is none, or one cannot be used.
        """
        source = self.source
        beside = layers_beside(self.layer, self.viewer.layers) if self.all_layers.isChecked() and not self.all_layers.isHidden() else []
        return list(map(Source.of, beside)) or [source]

    @property
    def names(self) -> list[str]:
        """The channels by name, where there are several; else one without a name."""
        try:
            sources = self.sources
            if len(sources) > 1:
                return [source.name for source in sources]
            at = self.letters.find("c")
            if at < 0 or self.chosen_channel is not None or at >= sources[0].data.ndim:
                return [""]
            known = [channel.name for channel in sources[0].channels]
            count = sources[0].data.shape[at]
        except ValueError:
            return [""]
        return [(known[k] if k < len(known) else "") or f"channel {k}" for k in range(count)]

    @property
    def spacing(self) -> tuple[float, ...] | None:
        """The voxel size as it is shown, (z) y x in µm; None if it is not known.

        Raises
        ------
        ValueError
            If what is typed is no voxel size.
        """
        return read_spacing(self.voxel.text(), "".join(axis for axis in "zyx" if axis in self.letters))

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now."""
        before = self.layer
        self.layers.reset_choices()
        seen = [layer for layer in self.viewer.layers if _is_choice(layer) and layer.visible and not _is_psf(layer)]
        if self.layer is not None and _is_psf(self.layer) and seen:  # it was the only one so far
            self.layers.value = seen[-1]
        if self.layer is not before:
            self.take_layer()
        elif self.layer is not None:
            self._offer_all_layers()

    def take_layer(self, event: object = None) -> None:
        """Show what the chosen layer says."""
        try:
            source = self.source
        except ValueError as error:
            self.axes.clear()
            self.voxel.clear()
            self.sizes.setText(str(error))
            for row in (self.channel, self.all_layers, self.origin, self.from_file, self.to_layer):
                self.rows.setRowVisible(row, False)
            self.changed.emit()
            return
        self._offer_all_layers()
        self.axes.setText(source.axes or USUAL.get(source.data.ndim, "zyx"))
        self._take_axes()
        self.optics_found.emit(source.optics, LAYER)

    def read_file(self) -> None:
        """Take the voxel size, and what is told of the optics, from the file of the layer."""
        path = self.source.path
        if path is None:
            return
        self.from_file.setEnabled(False)
        self._say("Reading the file …")
        create_worker(attempt, calibration, path, self.letters, _connect={"returned": partial(self._take_calibration, self.layer)})

    def write_layer(self) -> None:
        """Write the voxel size and the axes to the layer."""
        try:
            spacing = self.spacing
            check_axes(self.letters, self.source.data.shape)
        except ValueError as error:
            self.failed.emit(str(error))
            return
        known = dict(zip((axis for axis in "zyx" if axis in self.letters), spacing or (), strict=False))
        shown = self.viewer.dims.current_step
        for layer in (self.layer, *results_on(self.layer, self.viewer.layers)):
            letters = self.letters if layer is self.layer else "".join(layer.axis_labels)
            scale = [known.get(axis, step) for axis, step in zip(letters, layer.scale, strict=True)]
            layer.translate = [at / old * new for at, old, new in zip(layer.translate, layer.scale, scale, strict=True)]
            layer.scale = scale
            layer.units = ["µm" if axis in known else unit for axis, unit in zip(letters, layer.units, strict=True)]
            layer.axis_labels = tuple(letters)
            layer.metadata.get(ACQUISITION, {}).pop("spacing", None)  # which counted before the layer's own
        self.viewer.dims.current_step = shown  # the plane that was looked at, not the one that lies where it lay
        self.viewer.reset_view()
        self.take_layer()

    def _offer_all_layers(self) -> None:
        """Where the channels of a file are layers of their own."""
        beside = layers_beside(self.layer, self.viewer.layers)
        if (count := len(beside)) > 1:
            self.all_layers.setText(f"All {count} channels of the file")
        self.rows.setRowVisible(self.all_layers, count > 1)

    def _edit_axes(self) -> None:
        """Once they are typed; leaving the field as it was changes nothing."""
        if self.layer is not None and self.axes.isModified():
            self.axes.setModified(False)
            self._take_axes()

    def _take_axes(self) -> None:
        source, letters = self.source, self.letters
        try:
            check_axes(letters, source.data.shape)
        except ValueError as error:
            self.sizes.setText(str(error))
            self.changed.emit()
            return
        shown = " ".join(f"{axis}={size}" for axis, size in zip(letters, source.data.shape, strict=True))
        assumed = "" if source.axes is not None or letters != USUAL.get(len(letters)) else "; assumed, for the layer does not tell"
        levels = f"; the finest of {source.levels} levels" if source.levels > 1 else ""
        self.sizes.setText(shown + assumed + levels)
        self.rows.setRowVisible(self.channel, "c" in letters)
        if "c" in letters:
            self.channel.setMaximum(source.data.shape[letters.index("c")] - 1)
        spacing = source.spacing(letters)
        self.voxel.setText(" ".join(f"{spacing[axis]:.12g}" for axis in "zyx" if axis in spacing))
        self.voxel.setCursorPosition(0)  # the first number is what must be seen of long ones
        missing = [axis for axis in "zyx" if axis in letters and axis not in spacing]
        if missing:
            self.voxel.clear()
        self.rows.setRowVisible(self.from_file, bool(missing) and source.path is not None)
        self.voxel.setPlaceholderText(" ".join(axis for axis in "zyx" if axis in letters))
        self._say("Not known to the layer." if missing else "")

    def _typed(self) -> None:
        self._say("Typed; the layer does not have it.")

    def _say(self, words: str) -> None:
        """Tell where the voxel size comes from; nothing where it is the layer's."""
        self.origin.setText(words)
        self.rows.setRowVisible(self.origin, bool(words))
        self.rows.setRowVisible(self.to_layer, bool(words) and bool(self.voxel.text()))
        self.changed.emit()

    def _take_calibration(self, layer: Any, found: Image | Failure) -> None:
        self.from_file.setEnabled(True)
        if layer is not self.layer:
            return
        if isinstance(found, Failure):
            self._say("Not told by the file.")
            self.failed.emit(found.sentence)
            return
        here = [axis for axis in "zyx" if axis in self.letters]
        self.voxel.setText(" ".join(f"{found.spacing[axis]:.12g}" for axis in here if axis in found.spacing))
        self._say(f"From {found.source.name}; the layer does not have it." if found.source else "")
        several = "c" in self.letters and self.chosen_channel is None and len(found.channels) > 1
        if several:
            self.channels_found.emit(found.channels)
        chosen = self.chosen_channel if "c" in self.letters else self.source.number
        at = 0 if len(found.channels) == 1 else chosen
        emission = found.channels[at].emission if at is not None and at < len(found.channels) else None
        self.optics_found.emit(dict(found.optics) | ({"wavelength": emission} if emission else {}), FILE)


def layer_choice(viewer: Any, first: tuple[tuple[str, Any], ...] = ()) -> Any:
    """A choice among the image layers of a viewer, after some other entries."""

    def choices(widget: object) -> list[tuple[str, Any]]:
        return [*first, *((layer.name, layer) for layer in sorted(filter(_is_choice, viewer.layers), key=_is_psf))]

    choice = create_widget(widget_type="ComboBox", options={"choices": choices})
    # magicgui does not tell of a change to None.
    choice.native.currentIndexChanged.connect(lambda _: choice.changed.emit(None) if choice.value is None else None)
    choice.native.setSizeAdjustPolicy(choice.native.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    keep_wheel_for_scrolling(choice.native)
    return choice


def _is_psf(layer: Any) -> bool:
    return Source.of(layer).is_psf


def _is_choice(layer: Any) -> bool:
    return isinstance(layer, ImageLayer) and not layer.rgb and layer.name != PREVIEW


def read_spacing(text: str, axes: str) -> tuple[float, ...] | None:
    """A voxel size as it is typed, for instance "0.3 0.1 0.1"; None if there is nothing.

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
        raise ValueError(f"voxel size {text!r}: type one positive number in µm for each of {' '.join(axes)}.")
    return spacing
