"""The dock widget that deconvolves a layer."""

from dataclasses import replace
from typing import Any

from napari.layers import Layer
from qtpy.QtWidgets import QWidget

from ...algorithms.presets import PRESETS
from ...images.image import Channel
from ...recipes.checks import Finding
from ...recipes.inputs import Reading
from ...recipes.outcome import failures
from ...recipes.recipe import Recipe
from ...recipes.record import Record
from ..field_error import FieldError
from ..layers.layer_data import LayerData
from ..layers.layer_source import RECORD
from ..layers.result_layers import is_result
from ..preferences import Preferences
from ..ui.complaint import Complaint
from ..ui.form import Form
from ..ui.parts import HINT, column, group, scrolling
from ..ui.section import Section, remember
from ..ui.task_panel import TaskPanel, Work, spoken
from .batch_panel import BatchPanel
from .checks_panel import ChecksPanel
from .image_panel import ImagePanel
from .job import Job, jobs_for, run_all
from .live_estimate import with_estimates
from .method_panel import AUTOMATIC, CUSTOM, MethodPanel
from .microscope_panel import MicroscopePanel
from .preview_panel import PreviewPanel
from .result_panel import ResultPanel
from .script_panel import ScriptPanel

NARROWEST = 308
"""Pixels, within the margins: most lines about the content of a fold fit."""


class DeconvolveWidget(QWidget):
    """Choose an image, a PSF and a method; the result is a new layer."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        recipe = Recipe()
        self.image, self.optics = ImagePanel(napari_viewer), MicroscopePanel(napari_viewer, lambda: self.recipe)
        self.psfs, self.microscope = self.optics.psfs, self.optics.microscope
        self.camera, self.channels = (Form(recipe, (name,)) for name in ("camera", "channels"))
        self.method = MethodPanel(recipe)
        forms = (*self.optics.forms, self.camera, self.channels, self.method.form)
        shown = {name for form in forms for name in form.values} | {
            parameter.name for parameter in Reading.parameters()
        }
        self.rest = Form(recipe, [parameter.name for parameter in recipe.parameters() if parameter.name not in shown])
        self.forms = (*forms, self.rest)
        self.task = TaskPanel("Run", self.prepare, self.finish)
        self.previews = PreviewPanel(napari_viewer, self.task, self.jobs, lambda: self.image.layer)
        self.checks = ChecksPanel(napari_viewer, self.jobs, lambda: self.image.layer)
        self.results = ResultPanel(napari_viewer)
        self.batch = BatchPanel(self.batch_recipe, self.task)
        self.script = ScriptPanel(self.jobs, lambda: self.recipe)
        self.complaints: list[Complaint] = []
        self.original: Any = None
        self.last_layer: Any = None
        self._lay_out()
        self._connect()
        self._take_preferences()
        self.image.take_layer()
        if self.image.layer is None:
            self.checks.debounce.stop()  # there is nothing to check

    def _lay_out(self) -> None:
        all_parts, more = QWidget(), QWidget()
        self.per_channel = Section("Channels", self.channels)
        self.after, self.more = Section("Result", self.results), Section("More settings", more)
        self.files = Section("Batch", self.batch)
        self.as_python = Section("Python", self.script)
        column(more, group("Camera", self.camera), self.rest, self.previews.options)
        column(
            all_parts,
            group("Image", self.image),
            group("Microscope", self.optics, self.per_channel),
            group("Checks", self.checks),
            group("Method", self.method),
            self.after,
            self.more,
            self.files,
            self.as_python,
        ).addStretch()
        column(self, scrolling(all_parts), self.previews, self.task, margin=6).addStrut(NARROWEST)
        folds = {"microscope": self.microscope, "camera": self.camera, "method": self.method.form}
        sections = {"optics": self.optics.fold, "channels": self.per_channel, "result": self.after}
        sections |= {"image": self.image.fold, "more": self.more, "batch": self.files, "python": self.as_python}
        remember(sections | {f"{name}-advanced": form.fold for name, form in folds.items()})

    def _connect(self) -> None:
        self.image.changed.connect(self._take_image)
        self.image.optics_found.connect(self.optics.take_optics)
        self.image.channels_found.connect(self._take_channels)
        self.image.failed.connect(self.task.show_failure)
        self.optics.changed.connect(self._touch)
        for form in (self.camera, self.channels, self.method.form, self.rest):
            form.changed.connect(self._touch)
        self.optics.buttons.loaded.connect(self.take_profile)
        self.optics.buttons.said.connect(self.task.say)
        self.optics.buttons.used.connect(Preferences.remember_microscope)
        self.optics.buttons.failed.connect(self.task.show_failure)
        self.checks.fix_asked.connect(self.apply_fix)
        self.method.preset_chosen.connect(self.take_preset)
        self.results.load_asked.connect(self.load)
        self.task.failed.connect(self.complain)
        self.optics.refused.connect(self._refuse)

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
        self.optics.call_earlier()
        self._take_image()
        self.task.say("Settings loaded from the result.")

    def take_preset(self, name: str) -> None:
        """Set the method to a preset, or to the default, and nothing else."""
        usual = {name: getattr(Recipe(), name) for name in ("algorithm", "iterations", "stop", "report")}
        try:
            kept = self.recipe.replace(**usual)
        except ValueError as error:
            self.task.show_failure(str(error))
            return
        self.recipe = kept if name == AUTOMATIC else kept.assign(**PRESETS[name].values)
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

    def open_batch(self) -> None:
        """Show the part for many files."""
        self.files.open(True)

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its PSF model, by the names that `Recipe.assign` takes."""
        self.optics.take_profile(values)
        self.task.say("")

    def jobs(self) -> list[Job]:
        """A job for each layer.

        Raises
        ------
        ValueError
            If an image, a PSF or a setting cannot be used.
        """
        sources = self.image.sources
        if self.image.layer in self.psfs.layers:
            sentence = f"The layer {sources[0].name!r} is chosen as the image and as its PSF: change one of them."
            raise FieldError(sentence, "psf")
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

    def complain(self, sentence: str, name: str) -> None:
        """Show an error at its field too, if it has one."""
        self._withdraw()
        field = self._field(name)
        if field is not None:
            if self.method.form.isAncestorOf(field):
                self.method.show_preset(CUSTOM)
            self.complaints = [Complaint(field, sentence)]

    def _refuse(self, sentence: str, name: str) -> None:
        self.task.say(sentence, failure=True)
        self.complain(sentence, name)

    def _field(self, name: str) -> QWidget | None:
        """The field of a parameter, by its name alone, or one of those for layers."""
        others = {"image": self.image.layers.native, "spacing": self.image.voxel.text, "psf": self.psfs.first.native}
        others |= {"axes": self.image.dimensions.axes, **self.optics.names.fields}
        lines = {path.rpartition(".")[2]: line for form in self.forms for path, line in form.lines.items()}
        return others.get(name) or (lines[name].native if name in lines else None)

    def _withdraw(self) -> None:
        while self.complaints:
            self.complaints.pop().withdraw()

    def _touch(self) -> None:
        """Something has changed: check and preview again."""
        self._withdraw()
        self.script.touch()
        self.checks.debounce.start()
        self.previews.touch()

    def _take_image(self) -> None:
        self.psfs.offer(self.image.names)
        counts = [len(value) for value in vars(self.recipe_or_default.channels).values() if value]
        other, self.last_layer = self.image.layer is not self.last_layer, self.image.layer
        if other or any(count != len(self.image.names) for count in counts):
            self.channels.value = Recipe()  # they were those of another image
        self.per_channel.setVisible(len(self.image.names) > 1)
        self.optics.take_source(None if self.image.layer is None else self.image.source)
        self._touch()

    def _take_preferences(self) -> None:
        preferred = Preferences.read()
        recipe = Recipe(threads=preferred.threads, memory=max(preferred.memory, 0.01) if preferred.memory else None)
        self.rest.value = recipe
        self.batch.folder.setText(preferred.output)
        if preferred.microscope:
            try:
                self.optics.buttons.load(preferred.microscope)
            except (ValueError, OSError) as error:
                self.task.status.say(f"The microscope used last cannot be read: {error}", HINT)

    def _take_channels(self, channels: tuple[Channel, ...]) -> None:
        """Fill in the wavelengths of the channels."""
        emissions = tuple(channel.emission for channel in channels if channel.emission is not None)
        if len(emissions) == len(channels):
            recipe = self.recipe
            self.channels.value = recipe.replace(channels=replace(recipe.channels, emissions=emissions))
