"""The dock widget that makes a PSF."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

from napari.layers import Layer
from napari.qt.threading import create_worker
from napari.utils.theme import get_theme
from qtpy.QtWidgets import QCheckBox, QPushButton, QWidget

from ..images.image import Channel, Image
from ..optics.microscope import Grid, Microscope
from ..parameters import LENGTHS
from ..scale.recipe import PsfRecipe
from .form import Form
from .image_panel import layer_choice
from .layers import USUAL, LayerData, Source, channels_beside, psf_layer_data
from .layout import Note, add_row, column, group, rows, scrolling
from .limits import Limits
from .profile_bar import ProfileBar
from .psf_preview import Previewed, PsfPreview
from .reader import calibration
from .task_panel import Failure, TaskPanel, Work, attempt

NONE = "no image"
PREVIEW = "PSF preview"
DEFAULT, LAYER, FILE, PROFILE, EARLIER = "default", "layer", "file", "profile", "earlier layer"
"""Where a value comes from; the form itself says where it was edited."""

MICROSCOPE = [parameter.name for parameter in Microscope.parameters()]


class PsfWidget(QWidget):
    """Describe the microscope, choose a model and a grid; the PSF is a new layer."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.images = layer_choice(napari_viewer, ((NONE, None),))
        self.match = QPushButton("Take shape and voxel size")
        self.match.setToolTip("<p>A grid that is large enough to deconvolve this image with, at its voxel size.</p>")
        self.told = Note()
        self.told.hide()
        self.channels: Sequence[Channel] = ()
        self.each, self.named = QCheckBox("A PSF for each channel"), Note()
        self.each.setChecked(True)
        recipe = PsfRecipe()
        self.grid, self.microscope, self.model = (Form(recipe, (name,)) for name in ("grid", "microscope", "model"))
        self.limits, self.profile = Limits(lambda: self.recipe), ProfileBar(lambda: self.recipe)
        self.task = TaskPanel("Generate", self.prepare, self.finish)
        self.preview_button = self.task.offer("Preview", self.prepare_preview, self.show_preview)
        self._lay_out()
        self._connect()
        self.match.setEnabled(False)
        self._offer_channels(())
        self.grid.mark({parameter.name: DEFAULT for parameter in Grid.parameters()})
        self.microscope.mark(dict.fromkeys(MICROSCOPE, DEFAULT))
        self.limits.renew()

    def _lay_out(self) -> None:
        all_parts, choice = QWidget(), QWidget()
        lines = rows(choice)
        add_row(lines, "For", self.images.native)
        add_row(lines, "", self.match)
        column(
            all_parts,
            group("Grid", choice, self.told, self.each, self.named, self.grid, self.limits),
            group("Microscope", self.microscope, self.profile),
            group("Model", self.model),
        ).addStretch()
        column(self, scrolling(all_parts), self.task, margin=6)

    def _connect(self) -> None:
        self.match.clicked.connect(self.take_image)
        self.images.changed.connect(self.take_image)
        for form in (self.grid, self.microscope, self.model):
            form.changed.connect(self.limits.timer.start)
        self.profile.loaded.connect(self.take_profile)
        self.profile.said.connect(self.task.say)
        self.profile.failed.connect(self.task.show_failure)

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now; napari calls it when they change."""
        self.images.reset_choices()

    @property
    def recipe(self) -> PsfRecipe:
        """The optics and the grid as they are shown.

        Raises
        ------
        ValueError
            If a value is none.
        """
        return PsfRecipe(**self.model.values, **self.microscope.values, **self.grid.values)

    @recipe.setter
    def recipe(self, recipe: PsfRecipe) -> None:
        for form in (self.model, self.microscope, self.grid):
            form.value = recipe

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its model, by the names that `PsfRecipe.assign` takes."""
        known = PsfRecipe().assign(**values)
        self.microscope.value = known
        if "model" in values:
            self.model.value = known
        self.microscope.mark({**dict.fromkeys(MICROSCOPE, DEFAULT), **dict.fromkeys(values, PROFILE)})
        self.task.say("")

    def take_image(self, event: object = None) -> None:
        """Fill in the grid that the chosen image needs, and what it, or else its file, tells of the microscope."""
        layer = self.images.value
        self.match.setEnabled(layer is not None)
        self.told.setVisible(layer is not None)
        self._offer_channels(() if layer is None else channels_beside(layer, self.images.choices[1:]))
        if layer is None:
            return
        try:
            source = Source.of(layer)
            axes = source.axes or USUAL.get(source.data.ndim, "zyx")
            sizes = dict(zip(axes, source.data.shape, strict=True))
            self.told.setText(" ".join(f"{axis}={size}" for axis, size in sizes.items()) + ("" if source.axes else "; assumed"))
            self._take_optics(source.optics, LAYER)
            if self._take_grid(sizes, source.spacing(axes), LAYER):
                self.task.say("")
            elif source.path is None:
                raise ValueError(f"The layer {source.name!r} does not tell its voxel size: type shape and spacing.")
            else:
                self.task.say("Reading the file …")
                create_worker(attempt, calibration, source.path, axes, _connect={"returned": partial(self._take_file, layer, sizes)})
        except ValueError as error:
            self.task.show_failure(str(error))

    def _take_file(self, layer: Any, sizes: dict[str, int], found: Image | Failure) -> None:
        if layer is not self.images.value:
            return
        if isinstance(found, Failure):
            self.task.show_failure(found.sentence)
            return
        known = [channel for channel in found.channels if channel.emission]
        try:
            self._take_optics(dict(found.optics) | ({"wavelength": known[0].emission} if len(found.channels) == 1 and known else {}), FILE)
            self._take_grid(sizes, dict(found.spacing), FILE)
        except ValueError as error:
            self.task.show_failure(str(error))
            return
        self._offer_channels(known)
        self.task.say("")

    def _take_optics(self, known: dict[str, Any], origin: str) -> None:
        self.microscope.value = self.microscope.value.assign(**known)
        before = {name: EARLIER for name, at in self.microscope.origins.items() if at in (LAYER, FILE)}
        self.microscope.mark({**before, **dict.fromkeys(known, origin)})

    def _take_grid(self, sizes: dict[str, int], spacing: dict[str, float], origin: str) -> bool:
        """Whether all of its spacings are known."""
        spatial = [axis for axis in "zyx" if axis in sizes]
        if not all(axis in spacing for axis in spatial):
            return False
        grid = Grid.for_image(tuple(sizes[axis] for axis in spatial), tuple(spacing[axis] for axis in spatial), self.recipe.microscope)
        self.grid.value = self.grid.value.replace(grid=grid)
        self.grid.mark({"shape": origin, "spacing": origin})
        return True

    def _offer_channels(self, channels: Sequence[Channel]) -> None:
        """Those whose wavelength is known, where there are several."""
        self.channels = channels if len(channels) > 1 else ()
        self.named.say(", ".join(map(_called, self.channels)))
        self.each.setVisible(bool(self.channels))

    def prepare(self) -> Work:
        """What is to be done, taken from the forms as they are now."""
        recipe = self.recipe
        channels = self.channels if self.channels and self.each.isChecked() else (Channel(),)

        def work() -> Generator[None, None, list[LayerData]]:
            made = []
            for channel in channels:
                yield None
                psf = recipe.for_channel(channel).make()
                made.append(psf_layer_data(psf.replace(name=f"{psf.name} {_called(channel)}".strip(), channels=(channel,))))
            return made

        return work

    def finish(self, result: list[LayerData]) -> str:
        """Add each PSF as a new layer, whose name the viewer makes unlike all others."""
        said = []
        for each in result:
            layer = self.viewer.add_layer(Layer.create(*each))
            middle = layer.data_to_world([size // 2 for size in layer.data.shape])
            last = self.viewer.dims.ndim
            self.viewer.dims.set_point(range(last - len(middle), last), middle)
            shape = " ".join(f"{axis}={size}" for axis, size in zip(layer.axis_labels, layer.data.shape, strict=True))
            said.append(f"{layer.name}: {shape}.")
        return " ".join(said)

    def prepare_preview(self) -> Work:
        """The PSF that is shown, and what it is like; no layer is made."""
        recipe, layer = self.recipe, self.images.value
        image_shape = None
        if layer is not None:
            source = Source.of(layer)
            sizes = dict(zip(source.axes or USUAL.get(source.data.ndim, "zyx"), source.data.shape, strict=True))
            spatial = tuple(sizes[axis] for axis in "zyx" if axis in sizes)
            image_shape = spatial if len(spatial) == len(recipe.grid.shape) else None

        def work() -> Generator[None, None, Previewed]:
            yield None
            return Previewed.of(recipe, image_shape)

        return work

    def show_preview(self, result: Previewed) -> str:
        """Show it in a dock of its own, in front of this one."""
        window = self.viewer.window
        if PREVIEW not in window.dock_widgets:
            window.add_dock_widget(PsfPreview(), name=PREVIEW, area="right", tabify=True, add_vertical_stretch=False)
        preview = window.dock_widgets[PREVIEW]
        theme = get_theme(self.viewer.theme)
        preview.display(result, theme.background.as_hex(), theme.text.as_hex())
        preview.parent().show()
        preview.parent().raise_()
        return ""


def _called(channel: Channel) -> str:
    """Its name and wavelength."""
    wavelength = f"{channel.emission / LENGTHS['nm']:g} nm" if channel.emission else ""
    return f"{channel.name} {wavelength}".strip()
