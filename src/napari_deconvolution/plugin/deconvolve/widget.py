"""The dock widget that deconvolves a layer."""

from dataclasses import replace
from typing import Any

from napari.layers import Layer
from qtpy.QtWidgets import QWidget

from ...algorithms.presets import PRESETS
from ...images.image import Channel
from ...optics.microscope import Microscope
from ...parameters import LENGTHS
from ...recipes.checks import Finding
from ...recipes.inputs import Reading
from ...recipes.recipe import Recipe
from ..layers.layer_data import LayerData
from ..layers.layer_source import RECORD
from ..layers.result_layers import is_result
from ..preferences import Preferences
from ..ui.field import WORDS
from ..ui.form import Form
from ..ui.microscope_buttons import ProfileBar
from ..ui.parts import HINT, Note, Section, column, group, scrolling
from ..ui.task_panel import TaskPanel, Work, spoken
from .batch_panel import BatchPanel
from .checks_panel import ChecksPanel
from .image_panel import FILE, LAYER, ImagePanel
from .job import Job, run_all
from .live_estimate import glimpsed
from .method_panel import MethodPanel
from .preview_panel import PreviewPanel
from .psf_panel import PsfChoice
from .result_panel import ResultPanel

DEFAULT, PROFILE, EARLIER = "default", "profile", "earlier layer"
"""Where values come from, beside the layer and its file; the form itself says where one was edited."""

EXCITATION = "model.excitation"

MICROSCOPE = [parameter.name for parameter in Microscope.parameters()]


class DeconvolveWidget(QWidget):
    """Choose an image, a PSF and a method; the result is a new layer."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        recipe = Recipe()
        self.image, self.psfs = ImagePanel(napari_viewer), PsfChoice(napari_viewer)
        self.told, self.region = Note(), Note()
        self.microscope, self.model = (Form(recipe, (name,), origin=DEFAULT) for name in ("microscope", "model"))
        self.measured, self.camera, self.channels = (Form(recipe, (name,)) for name in ("measured", "camera", "channels"))
        self.method = MethodPanel(recipe)
        forms = (self.microscope, self.model, self.measured, self.camera, self.channels, self.method.form)
        shown = {name for form in forms for name in form.values} | {parameter.name for parameter in Reading.parameters()}
        self.rest = Form(recipe, [parameter.name for parameter in recipe.parameters() if parameter.name not in shown])
        self.forms = (*forms, self.rest)
        self.profile = ProfileBar(lambda: self.recipe)
        self.task = TaskPanel("Run", self.prepare, self.finish)
        self.previews = PreviewPanel(napari_viewer, self.task, self.jobs, lambda: self.image.layer)
        self.checks = ChecksPanel(napari_viewer, self.jobs, lambda: self.image.layer)
        self.results = ResultPanel(napari_viewer)
        self.batch = BatchPanel(self.batch_recipe, self.task)
        self.before: Any = None
        self.imaged: Any = None
        self._lay_out()
        self._connect()
        self._take_preferences()
        self.image.take_layer()
        self._take_psf()
        self.checks.pause.stop()  # nothing is looked at before somebody asks for something

    def _lay_out(self) -> None:
        self.from_optics, self.from_layer, all_parts = QWidget(), QWidget(), QWidget()
        self.models, self.of_channels = Section("PSF model", self.model), Section("Channels", self.channels)
        self.after = Section("After it ran", self.results)
        self.told.hide()
        column(self.from_optics, self.told, self.microscope, self.profile)
        column(self.from_layer, self.measured)
        column(
            all_parts,
            group("Image", self.image),
            group("Point spread function", self.psfs, self.from_optics, self.from_layer),
            self.models,
            self.of_channels,
            group("Method", self.method),
            Section("Camera", self.camera),
            Section("More", self.rest),
            group("Before it runs", self.checks),
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
        self.profile.loaded.connect(self.take_profile)
        self.profile.said.connect(self.task.say)
        self.profile.used.connect(Preferences.remember_microscope)
        self.profile.failed.connect(self.task.show_failure)
        self.checks.asked.connect(self.mend)
        self.method.preset_chosen.connect(self.take_preset)
        self.results.load_asked.connect(self.load)

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now; napari calls it when they change."""
        self.image.reset_choices()
        self.psfs.reset_choices()
        self.results.reset_choices()

    @property
    def recipe(self) -> Recipe:
        """All that is shown, but for the layers.

        Raises
        ------
        ValueError
            If a value is none.
        """
        values = {name: value for form in self.forms for name, value in form.values.items()}
        known = {"axes": self.image.letters or None, "channel": self.image.chosen_channel, "spacing": self.image.spacing or ()}
        return Recipe().replace(**values, **known, psf_spacing=self.psfs.spacing)

    @recipe.setter
    def recipe(self, recipe: Recipe) -> None:
        for form in self.forms:
            form.value = recipe
        self._touch()

    @property
    def recipe_or_usual(self) -> Recipe:
        """The recipe; the usual one while something typed is no value."""
        try:
            return self.recipe
        except ValueError:
            return Recipe()

    def load(self, recipe: Recipe) -> None:
        """Show the settings of an earlier result."""
        self.recipe = recipe
        self.microscope.mark(dict.fromkeys(MICROSCOPE, EARLIER))
        self._take_image()
        self.task.say("The settings are those of the result.")

    def take_preset(self, name: str) -> None:
        """Set the method as a preset says, and nothing else."""
        usual = Recipe()
        try:
            kept = self.recipe.replace(algorithm=usual.algorithm, iterations=usual.iterations, stop=usual.stop, report=usual.report)
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
            If a PSF layer came from no file, or a value is none.
        """
        recipe, files = self.recipe, [source.path for source in self.psfs.sources]
        if None in files:
            raise ValueError("The PSF layer came from no file, which a batch needs: save it (File, Save Selected Layers), open it again.")
        sources = self.image.sources
        if len(sources) == 1 and recipe.channel is None:
            recipe = recipe.replace(channel=sources[0].number)
        recipe = recipe.replace(psf=tuple(map(str, files)))
        return recipe if as_shown else recipe.replace(axes=None, spacing=())

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its model, by the names that `Recipe.assign` takes."""
        known = Recipe().assign(**values)
        self.microscope.value = known
        if "model" in values:
            self.model.value = known
        self.microscope.mark({**dict.fromkeys(MICROSCOPE, DEFAULT), **dict.fromkeys(values, PROFILE)})
        self.task.say("")
        self._touch()

    def jobs(self) -> list[Job]:
        """What is to be done, a job for each layer.

        Raises
        ------
        ValueError
            If an image, a PSF or a setting cannot be used.
        """
        sources, recipe, psfs = self.image.sources, self.recipe, self.psfs.sources
        if sources[0].is_psf:
            raise ValueError(f"The layer {sources[0].name!r} is a PSF: choose it as the PSF, and an image as the image.")
        if not psfs and not recipe.spacing:
            raise ValueError(f"The voxel size of {sources[0].name!r} is not known: take it from the file, or type it in µm.")
        if len({tuple(psf.spacing("zyx").values()) for psf in psfs}) > 1:
            raise ValueError("The PSF layers have voxels of different sizes: resample them to one, or compute them from the optics.")
        if psfs and not recipe.psf_spacing:
            recipe = recipe.replace(psf_spacing=recipe.spacing)
        if self.image.layer in self.psfs.layers:
            raise ValueError(f"The layer {sources[0].name!r} is chosen as the image and as its PSF: choose another one for one of them.")
        if len(sources) == 1:
            return [Job(sources[0], recipe, psfs)]
        unknown = [source.name for source in sources if source.channel is None or source.channel.emission is None]
        if unknown and not psfs and not recipe.channels.emissions:
            raise ValueError(
                f"The emission wavelength of {', '.join(unknown)} is not known: type one for each channel under Channels, or choose a PSF "
                "for each."
            )
        if psfs and len(psfs) != len(sources):
            raise ValueError(f"There are {len(sources)} channels and {len(psfs)} PSF layers: choose one for each.")
        found = []
        for number, source in enumerate(sources):
            own = recipe.for_channel(number, len(sources), source.channel).replace(channels=type(recipe.channels)())
            found.append(Job(source, own, psfs[number : number + 1]))
        return found

    def prepare(self) -> Work:
        """What is to be done, taken from the layers and the forms as they are now."""
        jobs = self.jobs()
        self.previews.watch_run(jobs)
        self.before = self.image.layer
        return lambda: glimpsed(run_all(jobs))

    def finish(self, results: list[LayerData]) -> str:
        """Add the results as new layers, whose names the viewer makes unlike all others."""
        layers = [self.viewer.add_layer(Layer.create(*result)) for result in results]
        self.results.take(self.before if self.before in self.viewer.layers else None, layers)
        runs = [run for layer in layers if is_result(layer) for run in layer.metadata[RECORD]["runs"]]
        seconds = sum(run["history"][-1][0] for run in runs if run["history"])
        more = sum(1 for layer in layers[1:] if is_result(layer))
        return f"{layers[0].name}{f' and {more} more' if more else ''}: {runs[0]['reason']}{f', {spoken(seconds)}' if seconds else ''}."

    def mend(self, finding: Finding) -> None:
        """Do what a finding proposes."""
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
        """Something has changed: look again at what may go wrong, and preview again."""
        self.checks.pause.start()
        self.previews.touch()

    def _take_image(self) -> None:
        self.psfs.offer(self.image.names)
        said = [len(value) for value in vars(self.recipe_or_usual.channels).values() if value]
        other, self.imaged = self.image.layer is not self.imaged, self.image.layer
        if other or any(count != len(self.image.names) for count in said):
            self.channels.value = Recipe()  # they were those of another image
        self.of_channels.setVisible(len(self.image.names) > 1)
        self._fill_excitation()
        self._touch()

    def _fill_excitation(self) -> None:
        """Show the excitation that the layer tells, in a model that has one and in which it has not been edited."""
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
                self.profile.load(preferred.microscope)
            except (ValueError, OSError) as error:
                self.told.say(f"The microscope of last time cannot be read: {error}", HINT)

    def _take_channels(self, channels: tuple[Channel, ...]) -> None:
        """Fill in the wavelengths of the channels."""
        emissions = tuple(channel.emission for channel in channels if channel.emission is not None)
        if len(emissions) == len(channels):
            recipe = self.recipe
            self.channels.value = recipe.replace(channels=replace(recipe.channels, emissions=emissions))

    def _take_optics(self, known: dict[str, float], origin: str) -> None:
        """Fill in what the file or the layer tells of the microscope."""
        stale = [name for name, told in self.microscope.origins.items() if told in (LAYER, FILE)]
        self.microscope.mark(dict.fromkeys(stale, EARLIER))
        try:
            self.microscope.value = self.microscope.value.assign(**known)
        except ValueError:
            return
        self.microscope.mark(dict.fromkeys(known, origin))
        told = [f"{WORDS.get(name, name.replace('_', ' '))} {value:g}" for name, value in known.items() if name != "wavelength"]
        told += [f"{known['wavelength'] / LENGTHS['nm']:g} nm"] if "wavelength" in known else []
        self.told.say(f"Told by the image: {', '.join(told)}." if told else "")
