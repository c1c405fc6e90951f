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
from ...recipes.known_optics import known_optics
from ...recipes.psf_recipe import PsfRecipe
from ...recipes.record import Record
from ..layers.layer_data import LayerData, psf_layer_data
from ..layers.layer_source import RECORD, USUAL, Source, sibling_channels
from ..reader import calibration
from ..ui.form import Form
from ..ui.layer_choice import layer_choice
from ..ui.microscope_buttons import MicroscopeButtons
from ..ui.parts import Note, add_row, column, group, rows, scrolling
from ..ui.task_panel import Failure, TaskPanel, Work, attempt
from .limits import Limits
from .preview import Previewed, PsfPreview

NONE = "no image"
PREVIEW = "PSF preview"
DEFAULT, LAYER, FILE, PROFILE, EARLIER = "default", "layer", "file", "profile", "earlier layer"
"""Where a value comes from; the form itself marks what was edited."""

SAMPLE = ("n_sample", "depth")
OBJECTIVE = [parameter.name for parameter in Microscope.parameters() if parameter.name not in SAMPLE]
EXCITATION = "model.excitation"
SAMPLED = ("focus", "defocus", "flip_z")
COMPUTED = ("accuracy", "sampling")
"""What every model has; those of the objective's model within a modality are not used."""


class PsfWidget(QWidget):
    """Describe the microscope, choose a PSF model and its sampling; the PSF is a new layer."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        self.images = layer_choice(napari_viewer, ((NONE, None),))
        self.match = QPushButton("Match to this image")
        self.match.setToolTip("<p>Voxel size of this image, and enough voxels to deconvolve it.</p>")
        self.about_image = Note()
        self.about_image.hide()
        self.channels: Sequence[Channel] = ()
        self.each, self.named = QCheckBox("A PSF for each channel"), Note()
        self.each.setChecked(True)
        self.excitation: tuple[float, str] | None = None
        elsewhere = (*SAMPLE, *SAMPLED, *COMPUTED)
        self.optics = Form(PsfRecipe(), ("microscope", "model"), without=elsewhere, origin=DEFAULT)
        self.sample = Form(Microscope(), SAMPLE, origin=DEFAULT)
        self.focus, self.accuracy = (Form(Model(), names, origin=DEFAULT) for names in (SAMPLED, COMPUTED))
        self.grid = Form(Grid(), origin=DEFAULT)
        self.limits, self.buttons = Limits(lambda: self.recipe), MicroscopeButtons(lambda: self.recipe)
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
        add_row(lines, "For image", self.images.native)
        add_row(lines, "", self.match)
        column(
            all_parts,
            group("Image", choice, self.about_image, self.each, self.named),
            group("Microscope", self.optics, self.buttons),
            group("Sample", self.sample),
            group("Sampling", self.grid, self.focus),
            group("Accuracy", self.accuracy),
        ).addStretch()
        column(self, scrolling(all_parts), self.limits, self.task, margin=6)

    def _connect(self) -> None:
        self.match.clicked.connect(self.take_image)
        self.images.changed.connect(self.take_image)
        for form in (self.optics, self.sample, self.grid, self.focus, self.accuracy):
            form.changed.connect(self.limits.debounce.start)
        self.optics.changed.connect(self._fill_excitation)
        self.buttons.loaded.connect(self.take_profile)
        self.buttons.said.connect(self.task.say)
        self.buttons.failed.connect(self.task.show_failure)

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now; napari calls it when they change."""
        self.images.reset_choices()

    @property
    def recipe(self) -> PsfRecipe:
        """The optics and the grid as shown.

        Raises
        ------
        ValueError
            If a value is invalid.
        """
        model: Model = self.optics.lines["model"].value
        model = model.replace(**self.focus.values, **self.accuracy.values)
        return PsfRecipe(model, self._microscope(), Grid(**self.grid.values))

    @recipe.setter
    def recipe(self, recipe: PsfRecipe) -> None:
        self.optics.value = recipe
        self.sample.value, self.grid.value = recipe.microscope, recipe.grid
        self.focus.value = self.accuracy.value = recipe.model

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its PSF model, by the names that `PsfRecipe.assign` takes."""
        known, model = PsfRecipe().assign(**values), "model" in values
        self.optics.value = known if model else known.replace(model=self.optics.lines["model"].value)
        self.sample.value = known.microscope
        origins = {**dict.fromkeys([*OBJECTIVE, *SAMPLE], DEFAULT), **dict.fromkeys(values, PROFILE)}
        for form in (self.optics, self.sample):
            form.mark(origins)
        if model:
            self.focus.value = self.accuracy.value = known.model
            self.optics.mark(dict.fromkeys((name for name in self.optics.lines if name not in OBJECTIVE), PROFILE))
            for form in (self.focus, self.accuracy):
                form.mark(dict.fromkeys(form.origins, PROFILE))
        self.task.say("")

    def take_image(self, event: object = None) -> None:
        """Fill in the grid that the chosen image needs, and the optics stated in its layer or its file."""
        layer = self.images.value
        self.match.setEnabled(layer is not None)
        self.about_image.setVisible(layer is not None)
        self._offer_channels(() if layer is None else sibling_channels(layer, self.images.choices[1:]))
        if layer is None:
            return
        try:
            source = Source.of(layer)
            axes = source.axes or USUAL.get(source.data.ndim, "zyx")
            sizes = dict(zip(axes, source.data.shape, strict=True))
            shown = " ".join(f"{axis}={size}" for axis, size in sizes.items())
            self.about_image.setText(shown + ("" if source.axes else "; axes assumed"))
            self._take_optics(source.optics, source.channel or Channel(), LAYER)
            if self._take_grid(sizes, source.spacing(axes), LAYER):
                self.task.say("")
            elif source.path is None:
                raise ValueError(f"The layer {source.name!r} has no voxel size: type number of voxels and voxel size.")
            else:
                self.task.say("Reading the file …")
                take = partial(self._take_file, layer, sizes)
                create_worker(attempt, calibration, source.path, axes, _connect={"returned": take})
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
            self._take_optics(known_optics(found.optics, only), only, FILE)
            self._take_grid(sizes, dict(found.spacing), FILE)
        except ValueError as error:
            self.task.show_failure(str(error))
            return
        self._offer_channels(known)
        self.task.say("")

    def _take_optics(self, known: dict[str, Any], channel: Channel, origin: str) -> None:
        microscope = self._microscope(**known)
        self.sample.value = microscope
        for name in OBJECTIVE:
            self.optics.lines[name].value = getattr(microscope, name)
        for form in (self.optics, self.sample):
            form.mark({name: EARLIER for name, at in form.origins.items() if at in (LAYER, FILE)})
            form.mark(dict.fromkeys(known, origin))
        self.excitation = None if channel.excitation is None else (channel.excitation, origin)
        self._fill_excitation(anew=True)

    def _fill_excitation(self, anew: bool = False) -> None:
        """Show the excitation of the chosen image, in a model that has one and where it has not been edited."""
        line = self.optics.lines.get(EXCITATION)
        if self.excitation is None or line is None or not (line.origin == DEFAULT or anew):
            return
        line.value, origin = self.excitation
        line.mark(origin)

    def _microscope(self, **known: Any) -> Microscope:
        """As shown, with these values."""
        shown = {name: self.optics.lines[name].value for name in OBJECTIVE}
        return Microscope(**{**shown, **self.sample.values, **known})

    def _take_grid(self, sizes: dict[str, int], spacing: dict[str, float], origin: str) -> bool:
        """Fill in the grid; False if the voxel size is not known."""
        spatial = [axis for axis in "zyx" if axis in sizes]
        if not all(axis in spacing for axis in spatial):
            return False
        shape, steps = tuple(sizes[axis] for axis in spatial), tuple(spacing[axis] for axis in spatial)
        self.grid.value = Grid.for_image(shape, steps, self._microscope())
        self.grid.mark({"shape": origin, "spacing": origin})
        return True

    def _offer_channels(self, channels: Sequence[Channel]) -> None:
        """Offer those with a known wavelength, where there are several."""
        self.channels = channels if len(channels) > 1 else ()
        self.named.say(", ".join(map(_called, self.channels)))
        self.each.setVisible(bool(self.channels))

    def prepare(self) -> Work:
        """The PSFs for the forms as they are now."""
        recipe = self.recipe
        channels = self.channels if self.channels and self.each.isChecked() else (Channel(),)

        def work() -> Generator[None, None, list[LayerData]]:
            made = []
            for channel in channels:
                yield None
                psf = recipe.for_channel(channel).make()
                named = psf.replace(name=f"{psf.name} {_called(channel)}".strip(), channels=(channel,))
                made.append(psf_layer_data(named))
            return made

        return work

    def finish(self, result: list[LayerData]) -> str:
        """Add each PSF as a new layer, whose name the viewer makes unlike all others."""
        sentences = []
        for each in result:
            layer = self.viewer.add_layer(Layer.create(*each))
            middle = layer.data_to_world([size // 2 for size in layer.data.shape])
            last = self.viewer.dims.ndim
            self.viewer.dims.set_point(range(last - len(middle), last), middle)
            shape = " ".join(f"{axis}={size}" for axis, size in zip(layer.axis_labels, layer.data.shape, strict=True))
            focus = round(Record.of(layer.metadata[RECORD]).psf[0].best_focus or 0.0, 2) + 0.0  # no -0
            sentences.append(f"{layer.name}: {shape}; best focus at stage {focus:.2f} µm.")
        return " ".join(sentences)

    def prepare_preview(self) -> Work:
        """The PSF for the forms, and its report; no layer is made."""
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
        """Show it in a dock of its own, on top of this one."""
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
