"""The dock widget that makes a PSF."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

from napari.layers import Layer
from napari.qt.threading import create_worker
from napari.utils.theme import get_theme
from qtpy.QtWidgets import QCheckBox, QPushButton, QWidget

from ...images.image import Channel, Image
from ...optics.microscope import Grid, Microscope
from ...optics.psf import Model
from ...parameters import LENGTHS
from ...recipes.psf_recipe import PsfRecipe
from ..deconvolve.image_panel import layer_choice
from ..layers.layer_data import LayerData, psf_layer_data
from ..layers.layer_source import RECORD, USUAL, Source, channels_beside
from ..reader import calibration
from ..ui.form import Form
from ..ui.microscope_buttons import ProfileBar
from ..ui.parts import Note, add_row, column, group, rows, scrolling
from ..ui.task_panel import Failure, TaskPanel, Work, attempt
from .limits import Limits
from .preview import Previewed, PsfPreview

NONE = "no image"
PREVIEW = "PSF preview"
DEFAULT, LAYER, FILE, PROFILE, EARLIER = "default", "layer", "file", "profile", "earlier layer"
"""Where a value comes from; the form itself says where it was edited."""

SAMPLE = ("n_sample", "depth")
OBJECTIVE = [parameter.name for parameter in Microscope.parameters() if parameter.name not in SAMPLE]
EXCITATION = "model.excitation"
SAMPLED = ("focus", "defocus", "flip_z")
COMPUTED = ("accuracy", "sampling")
"""What every model has; those of the objective's model in a modality are not used."""


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
        self.excitation: tuple[float, str] | None = None
        self.model = Form(PsfRecipe(), ("model",), without=(*SAMPLED, *COMPUTED), origin=DEFAULT)
        self.microscope, self.sample = (Form(Microscope(), names, origin=DEFAULT) for names in (OBJECTIVE, SAMPLE))
        self.focus, self.accuracy = (Form(Model(), names, origin=DEFAULT) for names in (SAMPLED, COMPUTED))
        self.grid = Form(Grid(), origin=DEFAULT)
        self.limits, self.profile = Limits(lambda: self.recipe), ProfileBar(lambda: self.recipe)
        self.task = TaskPanel("Generate", self.prepare, self.finish)
        self.preview_button = self.task.offer("Preview", self.prepare_preview, self.show_preview)
        self._lay_out()
        self._connect()
        self.match.setEnabled(False)
        self._offer_channels(())
        self.limits.renew()

    def _lay_out(self) -> None:
        all_parts, choice = QWidget(), QWidget()
        lines = rows(choice)
        add_row(lines, "For", self.images.native)
        add_row(lines, "", self.match)
        column(
            all_parts,
            group("Image", choice, self.told, self.each, self.named),
            group("Microscope", self.microscope, self.model, self.profile),
            group("Sample", self.sample),
            group("Sampling", self.grid, self.focus),
            group("Accuracy", self.accuracy),
        ).addStretch()
        column(self, scrolling(all_parts), self.limits, self.task, margin=6)

    def _connect(self) -> None:
        self.match.clicked.connect(self.take_image)
        self.images.changed.connect(self.take_image)
        for form in (self.model, self.microscope, self.sample, self.grid, self.focus, self.accuracy):
            form.changed.connect(self.limits.timer.start)
        self.model.changed.connect(self._fill_excitation)
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
        model = self.model.value.model.replace(**self.focus.values, **self.accuracy.values)
        return PsfRecipe(model, Microscope(**self.microscope.values, **self.sample.values), Grid(**self.grid.values))

    @recipe.setter
    def recipe(self, recipe: PsfRecipe) -> None:
        self.microscope.value = self.sample.value = recipe.microscope
        self.model.value, self.grid.value = recipe, recipe.grid
        self.focus.value = self.accuracy.value = recipe.model

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its model, by the names that `PsfRecipe.assign` takes."""
        known = PsfRecipe().assign(**values)
        for form in (self.microscope, self.sample):
            form.value = known.microscope
            form.mark({**dict.fromkeys(form.origins, DEFAULT), **dict.fromkeys(values, PROFILE)})
        if "model" in values:
            self.model.value = known
            self.focus.value = self.accuracy.value = known.model
            for form in (self.model, self.focus, self.accuracy):
                form.mark(dict.fromkeys(form.origins, PROFILE))
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
            self._take_optics(source.optics, source.channel or Channel(), LAYER)
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
        only = found.channels[0] if len(found.channels) == 1 else Channel()
        try:
            self._take_optics(dict(found.optics) | ({"wavelength": only.emission} if only.emission else {}), only, FILE)
            self._take_grid(sizes, dict(found.spacing), FILE)
        except ValueError as error:
            self.task.show_failure(str(error))
            return
        self._offer_channels(known)
        self.task.say("")

    def _take_optics(self, known: dict[str, Any], channel: Channel, origin: str) -> None:
        microscope = Microscope(**{**self.microscope.values, **self.sample.values, **known})
        for form in (self.microscope, self.sample):
            form.value = microscope
        for form in (self.microscope, self.sample, self.model):
            form.mark({name: EARLIER for name, at in form.origins.items() if at in (LAYER, FILE)})
            form.mark(dict.fromkeys(known, origin))
        self.excitation = None if channel.excitation is None else (channel.excitation, origin)
        self._fill_excitation(anew=True)

    def _fill_excitation(self, anew: bool = False) -> None:
        """Show the excitation that the chosen image tells, in a model that has one and in which it has not been edited."""
        at = self.model.origins.get(EXCITATION)
        if self.excitation is None or not (at == DEFAULT or (anew and at is not None)):
            return
        wavelength, origin = self.excitation
        self.model.value = self.model.value.for_channel(Channel(excitation=wavelength))
        self.model.mark({EXCITATION: origin})

    def _take_grid(self, sizes: dict[str, int], spacing: dict[str, float], origin: str) -> bool:
        """Whether all of its spacings are known."""
        spatial = [axis for axis in "zyx" if axis in sizes]
        if not all(axis in spacing for axis in spatial):
            return False
        microscope = Microscope(**self.microscope.values, **self.sample.values)
        grid = Grid.for_image(tuple(sizes[axis] for axis in spatial), tuple(spacing[axis] for axis in spatial), microscope)
        self.grid.value = grid
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
            focus = round(layer.metadata[RECORD]["best focus"], 2) + 0.0  # no -0
            said.append(f"{layer.name}: {shape}; best focus at stage {focus:.2f} µm.")
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
