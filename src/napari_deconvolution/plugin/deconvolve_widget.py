"""The dock widget that deconvolves a layer."""

from typing import Any

from napari.layers import Layer
from qtpy.QtWidgets import QLineEdit, QWidget

from ..parameters import LENGTHS
from ..scale.recipe import Recipe
from .fields import WORDS
from .form import Form
from .image_panel import ImagePanel, layer_choice, read_spacing
from .job import Job
from .layers import RECORD, LayerData, Source
from .layout import Note, Section, add_row, column, group, rows, scrolling
from .profile_bar import ProfileBar
from .task_panel import TaskPanel, Work, spoken

OPTICS = "from the optics"


class DeconvolveWidget(QWidget):
    """Choose an image, a PSF and a method; the result is a new layer."""

    def __init__(self, napari_viewer: Any) -> None:
        super().__init__()
        self.viewer = napari_viewer
        recipe = Recipe()
        self.image = ImagePanel(napari_viewer)
        self.psfs = layer_choice(napari_viewer, ((OPTICS, None),))
        self.psf_voxel = QLineEdit()
        self.psf_voxel.setPlaceholderText("as the image")
        self.psf_voxel.setToolTip("<p>Distance of samples of the PSF in µm along (z) y x; resampled to the image's where they differ.</p>")
        self.told = Note()
        self.microscope, self.model = Form(recipe, ("microscope",)), Form(recipe, ("model",))
        self.measured, self.camera = Form(recipe, ("measured",)), Form(recipe, ("camera",))
        self.method = Form(recipe, ("algorithm", "iterations", "stop", "boundary"))
        forms = (self.microscope, self.model, self.measured, self.camera, self.method)
        shown = {name for form in forms for name in form.values}
        self.rest = Form(recipe, [parameter.name for parameter in recipe.parameters() if parameter.name not in shown])
        self.forms = (*forms, self.rest)
        self.profile = ProfileBar(lambda: self.recipe)
        self.task = TaskPanel("Run", self.prepare, self.finish)
        self._lay_out()
        self.psfs.changed.connect(self._take_psf)
        self.image.optics_found.connect(self._take_optics)
        self.image.failed.connect(self.task.show_failure)
        self.profile.loaded.connect(self.take_profile)
        self.profile.said.connect(self.task.say)
        self.profile.failed.connect(self.task.show_failure)
        self.told.hide()
        self._take_psf()
        self.image.take_layer()

    def _lay_out(self) -> None:
        choice, self.from_optics, self.from_layer, all_parts = QWidget(), QWidget(), QWidget(), QWidget()
        self.models = Section("PSF model", self.model)
        self.psf_rows = rows(choice)
        add_row(self.psf_rows, "PSF", self.psfs.native)
        add_row(self.psf_rows, "Voxel size (µm)", self.psf_voxel)
        column(self.from_optics, self.told, self.microscope, self.profile)
        column(self.from_layer, self.measured)
        column(
            all_parts,
            group("Image", self.image),
            group("Point spread function", choice, self.from_optics, self.from_layer),
            self.models,
            group("Method", self.method),
            Section("Camera", self.camera),
            Section("More", self.rest),
        ).addStretch()
        column(self, scrolling(all_parts), self.task, margin=6)

    def reset_choices(self, event: object = None) -> None:
        """Offer the layers that there are now; napari calls it when they change."""
        self.image.reset_choices()
        before = self.psfs.value
        self.psfs.reset_choices()
        if self.psfs.value is not before:
            self._take_psf()

    @property
    def recipe(self) -> Recipe:
        """The method and the optics as they are shown.

        Raises
        ------
        ValueError
            If a value is none.
        """
        return Recipe().replace(**{name: value for form in self.forms for name, value in form.values.items()})

    @recipe.setter
    def recipe(self, recipe: Recipe) -> None:
        for form in self.forms:
            form.value = recipe

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its model, by the names that `Recipe.assign` takes."""
        known = Recipe().assign(**values)
        self.microscope.value = known
        if "model" in values:
            self.model.value = known
        self.task.say("")

    def prepare(self) -> Work:
        """What is to be done, taken from the layers and the forms as they are now."""
        source, recipe = self.image.source, self.recipe
        psf = None if self.psfs.value is None else Source.of(self.psfs.value)
        spacing = self.image.spacing
        if psf is None and spacing is None:
            raise ValueError(f"The voxel size of {source.name!r} is not known: take it from the file, or type it in µm.")
        psf_spacing = None if psf is None else read_spacing(self.psf_voxel.text(), "zyx"[-psf.data.ndim :]) or spacing
        said = {"axes": self.image.letters, "channel": self.image.chosen_channel, "spacing": spacing or (), "psf_spacing": psf_spacing or ()}
        job = Job(source, recipe.replace(**said), () if psf is None else (psf,))
        return job.run

    def finish(self, results: list[LayerData]) -> str:
        """Add the results as new layers, whose names the viewer makes unlike all others."""
        layer = [self.viewer.add_layer(Layer.create(*result)) for result in results][0]
        runs = layer.metadata[RECORD]["runs"]
        seconds = sum(run["history"][-1][0] for run in runs if run["history"])
        return f"{layer.name}: {runs[-1]['reason']}{f', {spoken(seconds)}' if seconds else ''}."

    def _take_psf(self, event: object = None) -> None:
        layer = self.psfs.value
        self.from_optics.setVisible(layer is None)
        self.models.setVisible(layer is None)
        self.from_layer.setVisible(layer is not None)
        self.psf_rows.setRowVisible(self.psf_voxel, layer is not None)
        if layer is not None:
            axes = "zyx"[-layer.data.ndim :]
            spacing = Source.of(layer).spacing(axes)
            self.psf_voxel.setText(" ".join(f"{spacing[axis]:.12g}" for axis in axes) if len(spacing) == len(axes) else "")

    def _take_optics(self, known: dict[str, float]) -> None:
        """Fill in what the file or the layer tells of the microscope."""
        try:
            self.microscope.value = self.microscope.value.assign(**known)
        except ValueError:
            return
        told = [f"{WORDS.get(name, name.replace('_', ' '))} {value:g}" for name, value in known.items() if name != "wavelength"]
        told += [f"{known['wavelength'] / LENGTHS['nm']:g} nm"] if "wavelength" in known else []
        self.told.setText(f"Told by the image: {', '.join(told)}.")
        self.told.setVisible(bool(told))
