"""The dock widget that deconvolves a layer."""

from dataclasses import replace
from typing import Any

from napari.layers import Layer
from qtpy.QtWidgets import QWidget

from ...algorithms.presets import PRESETS
from ...images.image import Channel
from ...optics.microscope import Microscope
from ...parameters import Parameter
from ...recipes.checks import Finding
from ...recipes.inputs import Reading
from ...recipes.known_optics import model_of
from ...recipes.outcome import failures
from ...recipes.recipe import Recipe
from ...recipes.record import Record
from ..layers.layer_data import LayerData
from ..layers.layer_source import RECORD
from ..layers.result_layers import is_result
from ..preferences import Preferences
from ..ui.field import shown_value
from ..ui.form import Form
from ..ui.microscope_buttons import MicroscopeButtons
from ..ui.parts import HINT, Note, Section, column, group, scrolling
from ..ui.task_panel import TaskPanel, Work, spoken
from .batch_panel import BatchPanel
from .checks_panel import ChecksPanel
from .image_panel import FILE, LAYER, ImagePanel
from .job import Job, jobs_for, run_all
from .live_estimate import with_estimates
from .method_panel import MethodPanel
from .preview_panel import PreviewPanel
from .psf_panel import PsfPanel
from .result_panel import ResultPanel

DEFAULT, PROFILE, EARLIER = "default", "profile", "earlier layer"
"""Where values come from, if not from the layer or its file; the form itself marks what was edited."""

EXCITATION = "model.excitation"

MICROSCOPE: dict[str, Parameter] = {parameter.name: parameter for parameter in Microscope.parameters()}


class DeconvolveWidget(QWidget):
    """Choose an image, a PSF and a method; the result is a new layer."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        recipe = Recipe()
        self.image, self.psfs = ImagePanel(napari_viewer), PsfPanel(napari_viewer)
        self.known_optics = Note()
        self.microscope, self.model = (Form(recipe, (name,), origin=DEFAULT) for name in ("microscope", "model"))
        self.measured, self.camera, self.channels = (
            Form(recipe, (name,)) for name in ("measured", "camera", "channels")
        )
        self.method = MethodPanel(recipe)
        forms = (self.microscope, self.model, self.measured, self.camera, self.channels, self.method.form)
        shown = {name for form in forms for name in form.values} | {
            parameter.name for parameter in Reading.parameters()
        }
        self.rest = Form(recipe, [parameter.name for parameter in recipe.parameters() if parameter.name not in shown])
        self.forms = (*forms, self.rest)
        self.buttons = MicroscopeButtons(lambda: self.recipe)
        self.task = TaskPanel("Run", self.prepare, self.finish)
        self.previews = PreviewPanel(napari_viewer, self.task, self.jobs, lambda: self.image.layer)
        self.checks = ChecksPanel(napari_viewer, self.jobs, lambda: self.image.layer)
        self.results = ResultPanel(napari_viewer)
        self.batch = BatchPanel(self.batch_recipe, self.task)
        self.original: Any = None
        self.last_layer: Any = None
        self._lay_out()
        self._connect()
        self._take_preferences()
        self.image.take_layer()
        self._take_psf()
        self.checks.debounce.stop()  # nothing is checked before anything has changed

    def _lay_out(self) -> None:
        self.from_optics, self.from_layer, all_parts = QWidget(), QWidget(), QWidget()
        self.models, self.per_channel = Section("PSF model", self.model), Section("Channels", self.channels)
        self.after = Section("Result", self.results)
        self.known_optics.hide()
        column(self.from_optics, self.known_optics, self.microscope, self.buttons)
        column(self.from_layer, self.measured)
        column(
            all_parts,
            group("Image", self.image),
            group("Point spread function", self.psfs, self.from_optics, self.from_layer),
            self.models,
            self.per_channel,
            group("Method", self.method),
            Section("Camera", self.camera),
            Section("More settings", self.rest),
            group("Checks", self.checks),
            self.after,
            Section("Batch", self.batch),
        ).addStretch()
        column(self, scrolling(all_parts), self.previews, self.task, margin=6)

    def _connect(self) -> None:
        self.image.changed.connect(self._take_image)
        self.model.changed.connect(self._fill_excitation)
        self.image.optics_found.connect(self._take_optics)
        self.image.channels_found.connect(self._take_channels)
        self.image.failed.connect(self.task.show_failure)
        self.psfs.changed.connect(self._take_psf)
        for form in self.forms:
            form.changed.connect(self._touch)
        self.buttons.loaded.connect(self.take_profile)
        self.buttons.said.connect(self.task.say)
        self.buttons.used.connect(Preferences.remember_microscope)
        self.buttons.failed.connect(self.task.show_failure)
        self.checks.fix_asked.connect(self.apply_fix)
        self.method.preset_chosen.connect(self.take_preset)
        self.results.load_asked.connect(self.load)

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now; napari calls it when they change."""
        self.image.reset_choices()
        self.psfs.reset_choices()
        self.results.reset_choices()

    @property
    def recipe(self) -> Recipe:
        """All settings as shown; the layers are not part of them.

        Raises
        ------
        ValueError
            If a value is invalid.
        """
        values = {name: value for form in self.forms for name, value in form.values.items()}
        return Recipe().replace(**values, **self.image.settings, psf_spacing=self.psfs.spacing)

    @recipe.setter
    def recipe(self, recipe: Recipe) -> None:
        for form in self.forms:
            form.value = recipe
        self._touch()

    @property
    def recipe_or_default(self) -> Recipe:
        """The recipe; the default one while a value is invalid."""
        try:
            return self.recipe
        except ValueError:
            return Recipe()

    def load(self, recipe: Recipe) -> None:
        """Show the settings of an earlier result."""
        self.recipe = recipe
        self.microscope.mark(dict.fromkeys(MICROSCOPE, EARLIER))
        self._take_image()
        self.task.say("Settings loaded from the result.")

    def take_preset(self, name: str) -> None:
        """Set the method to a preset, and nothing else."""
        usual = {name: getattr(Recipe(), name) for name in ("algorithm", "iterations", "stop", "report")}
        try:
            kept = self.recipe.replace(**usual)
        except ValueError as error:
            self.task.show_failure(str(error))
            return
        self.recipe = kept.assign(**PRESETS[name].values)
        self.method.show_preset(name)

    def batch_recipe(self, as_shown: bool) -> Recipe:
        """The recipe for files.

        Raises
        ------
        ValueError
            If a PSF layer has no file, or a value is invalid.
        """
        recipe, files = self.recipe, [source.path for source in self.psfs.sources]
        if None in files:
            raise ValueError(
                "A batch needs a PSF from a file: save the PSF layer (File, Save Selected Layers) and open it again."
            )
        sources = self.image.sources
        if len(sources) == 1 and recipe.channel is None:
            recipe = recipe.replace(channel=sources[0].number)
        recipe = recipe.replace(psf=tuple(map(str, files)))
        return recipe if as_shown else recipe.replace(axes=None, spacing=())

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its PSF model, by the names that `Recipe.assign` takes."""
        known = Recipe().assign(**values)
        self.microscope.value = known
        if "model" in values:
            self.model.value = known
        self.microscope.mark({**dict.fromkeys(MICROSCOPE, DEFAULT), **dict.fromkeys(values, PROFILE)})
        self.task.say("")
        self._touch()

    def jobs(self) -> list[Job]:
        """A job for each layer.

        Raises
        ------
        ValueError
            If an image, a PSF or a setting cannot be used.
        """
        sources = self.image.sources
        if self.image.layer in self.psfs.layers:
            raise ValueError(
                f"The layer {sources[0].name!r} is chosen as the image and as its PSF: change one of them."
            )
        return jobs_for(sources, self.recipe, self.psfs.sources)

    def prepare(self) -> Work:
        """The run for the layers and the forms as they are now."""
        jobs = self.jobs()
        self.previews.watch_run(jobs)
        self.original = self.image.layer
        return lambda: with_estimates(run_all(jobs))

    def finish(self, results: list[LayerData]) -> str:
        """Add the results as new layers, whose names the viewer makes unlike all others."""
        layers = [self.viewer.add_layer(Layer.create(*result)) for result in results]
        self.results.take(self.original if self.original in self.viewer.layers else None, layers)
        runs = [run for layer in layers if is_result(layer) for run in layer.metadata[RECORD]["runs"]]
        seconds = sum(run["history"][-1][0] for run in runs if run["history"])
        more = sum(1 for layer in layers[1:] if is_result(layer))
        named = f"{layers[0].name} and {more} more" if more else layers[0].name
        lost = [failures(Record.of(layer.metadata[RECORD])) for layer in layers if is_result(layer)]
        told = " ".join(["", *(each for each in lost if each)])
        return f"{named}: {runs[0]['reason']}{f', {spoken(seconds)}' if seconds else ''}.{told}"

    def apply_fix(self, finding: Finding) -> None:
        """Change the settings as a finding proposes."""
        changes = dict(finding.changes)
        if "psf" in changes:
            self.psfs.compute()
            del changes["psf"]
        try:
            self.recipe = self.recipe.assign(**changes)
        except ValueError as error:
            self.task.show_failure(str(error))
            return
        self.checks.check()

    def _touch(self) -> None:
        """Something has changed: check and preview again."""
        self.checks.debounce.start()
        self.previews.touch()

    def _take_image(self) -> None:
        self.psfs.offer(self.image.names)
        counts = [len(value) for value in vars(self.recipe_or_default.channels).values() if value]
        other, self.last_layer = self.image.layer is not self.last_layer, self.image.layer
        if other or any(count != len(self.image.names) for count in counts):
            self.channels.value = Recipe()  # they were those of another image
        self.per_channel.setVisible(len(self.image.names) > 1)
        self._fill_modality()
        self._fill_excitation()
        self._touch()

    def _fill_modality(self) -> None:
        """Take the model for the way in which the layer was taken, unless a model has been chosen."""
        if self.image.layer is None or self.model.origins.get("model") not in (DEFAULT, LAYER, EARLIER):
            return
        if model := model_of(self.image.source.modality):
            shown: Recipe = self.model.value
            if shown.model.name != model:
                self.model.value = shown.assign(model=model)
            self.model.mark({"model": LAYER})

    def _fill_excitation(self) -> None:
        """Show the excitation stated in the layer, in a model that has one and where it has not been edited."""
        if self.image.layer is None or self.model.origins.get(EXCITATION) not in (DEFAULT, LAYER, EARLIER):
            return
        channel = self.image.source.channel
        if channel is not None and channel.excitation is not None:
            shown: Recipe = self.model.value
            self.model.value = shown.excited(channel)
            self.model.mark({EXCITATION: LAYER})

    def _take_psf(self) -> None:
        computed = not self.psfs.layers
        self.from_optics.setVisible(computed)
        self.models.setVisible(computed)
        self.from_layer.setVisible(not computed)
        self._touch()

    def _take_preferences(self) -> None:
        preferred = Preferences.read()
        recipe = Recipe(threads=preferred.threads, memory=max(preferred.memory, 0.01) if preferred.memory else None)
        self.rest.value = recipe
        self.batch.folder.setText(preferred.output)
        if preferred.microscope:
            try:
                self.buttons.load(preferred.microscope)
            except (ValueError, OSError) as error:
                self.known_optics.say(f"The microscope used last cannot be read: {error}", HINT)

    def _take_channels(self, channels: tuple[Channel, ...]) -> None:
        """Fill in the wavelengths of the channels."""
        emissions = tuple(channel.emission for channel in channels if channel.emission is not None)
        if len(emissions) == len(channels):
            recipe = self.recipe
            self.channels.value = recipe.replace(channels=replace(recipe.channels, emissions=emissions))

    def _take_optics(self, known: dict[str, float], origin: str) -> None:
        """Fill in the optics stated in the file or the layer."""
        stale = [name for name, at in self.microscope.origins.items() if at in (LAYER, FILE)]
        self.microscope.mark(dict.fromkeys(stale, EARLIER))
        try:
            self.microscope.value = self.microscope.value.assign(**known)
        except ValueError:
            return
        self.microscope.mark(dict.fromkeys(known, origin))
        stated = [f"{MICROSCOPE[name].label} {shown_value(MICROSCOPE[name], value)}" for name, value in known.items()]
        self.known_optics.say(f"From the image: {'; '.join(stated)}." if stated else "")
