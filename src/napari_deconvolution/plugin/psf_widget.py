"""The dock widget that makes a PSF."""

from collections.abc import Generator
from typing import Any

from napari.layers import Layer
from qtpy.QtWidgets import QPushButton, QWidget

from ..optics.microscope import Grid
from ..scale.recipe import PsfRecipe
from .form import Form
from .image_panel import layer_choice
from .layers import USUAL, LayerData, Source, psf_layer_data
from .layout import Note, add_row, column, group, rows, scrolling
from .task_panel import TaskPanel, Work

NONE = "no image"


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
        recipe = PsfRecipe()
        self.grid, self.microscope, self.model = (Form(recipe, (name,)) for name in ("grid", "microscope", "model"))
        self.task = TaskPanel("Generate", self.prepare, self.finish)
        all_parts, choice = QWidget(), QWidget()
        lines = rows(choice)
        add_row(lines, "For", self.images.native)
        add_row(lines, "", self.match)
        column(
            all_parts,
            group("Grid", choice, self.told, self.grid),
            group("Microscope", self.microscope),
            group("Model", self.model),
        ).addStretch()
        column(self, scrolling(all_parts), self.task, margin=6)
        self.match.clicked.connect(self.take_image)
        self.images.changed.connect(self.take_image)
        self.match.setEnabled(False)

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

    def take_image(self, event: object = None) -> None:
        """Fill in the grid that the chosen image needs, and what it tells of the microscope."""
        self.match.setEnabled(self.images.value is not None)
        self.told.setVisible(self.images.value is not None)
        if self.images.value is None:
            return
        try:
            source = Source.of(self.images.value)
            self.microscope.value = self.microscope.value.assign(**source.optics)
            axes = source.axes or USUAL.get(source.data.ndim, "zyx")
            sizes = dict(zip(axes, source.data.shape, strict=True))
            self.told.setText(" ".join(f"{axis}={size}" for axis, size in sizes.items()) + ("" if source.axes else "; assumed"))
            spatial, spacing = [axis for axis in "zyx" if axis in axes], source.spacing(axes)
            if not all(axis in spacing for axis in spatial):
                raise ValueError(f"The layer {source.name!r} does not tell its voxel size: type shape and spacing.")
            shape, steps = tuple(sizes[axis] for axis in spatial), tuple(spacing[axis] for axis in spatial)
            grid = Grid.for_image(shape, steps, self.recipe.microscope)
            self.grid.value = self.grid.value.replace(grid=grid)
            self.task.say("")
        except ValueError as error:
            self.task.show_failure(str(error))

    def prepare(self) -> Work:
        """What is to be done, taken from the forms as they are now."""
        recipe = self.recipe

        def work() -> Generator[None, None, LayerData]:
            yield None
            return psf_layer_data(recipe.make())

        return work

    def finish(self, result: LayerData) -> str:
        """Add the PSF as a new layer, whose name the viewer makes unlike all others."""
        layer = self.viewer.add_layer(Layer.create(*result))
        middle = layer.data_to_world([size // 2 for size in layer.data.shape])
        last = self.viewer.dims.ndim
        self.viewer.dims.set_point(range(last - len(middle), last), middle)
        shape = " ".join(f"{axis}={size}" for axis, size in zip(layer.axis_labels, layer.data.shape, strict=True))
        return f"{layer.name}: {shape}."
