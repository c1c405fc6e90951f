"""A choice among the image layers of a viewer."""

from typing import Any

from magicgui.widgets import create_widget
from napari.layers import Image

from ..layers.layer_source import Source
from ..layers.preview_layer import PREVIEW
from .field import keep_wheel_for_scrolling


def layer_choice(viewer: Any, first: tuple[tuple[str, Any], ...] = ()) -> Any:
    """A choice among image layers, PSFs last, after some other entries."""

    def choices(widget: object) -> list[tuple[str, Any]]:
        return [*first, *((layer.name, layer) for layer in sorted(filter(is_choice, viewer.layers), key=is_psf))]

    choice = create_widget(widget_type="ComboBox", options={"choices": choices})
    # magicgui does not report a change to None.
    choice.native.currentIndexChanged.connect(lambda _: choice.changed.emit(None) if choice.value is None else None)
    choice.native.setSizeAdjustPolicy(choice.native.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    keep_wheel_for_scrolling(choice.native)
    return choice


def is_psf(layer: Any) -> bool:
    """It was made as a PSF by this plugin."""
    return Source.of(layer).is_psf


def is_choice(layer: Any) -> bool:
    """An image of grey values, and not a preview."""
    return isinstance(layer, Image) and not layer.rgb and layer.name != PREVIEW
