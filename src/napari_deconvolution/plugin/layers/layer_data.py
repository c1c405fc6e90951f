"""Images as layers of napari, with the attributes of the layer that they came from."""

from typing import Any

import numpy as np

from ...images.image import Channel, Image
from ...recipes.volumes import Deconvolved
from .layer_source import ACQUISITION, RECORD, SHOWN, Source, some

SHOWN_AS: dict[str, dict[str, Any]] = {
    "residual": {"colormap": "twilight_shifted", "contrast_limits": (-5.0, 5.0)},
    "uncertainty": {"colormap": "inferno", "contrast_limits": (0.0, 1.0)},
    "left out": {"colormap": "red", "contrast_limits": (0.0, 1.0), "blending": "additive", "visible": True},
}
"""Display of additional results: the residual in standard deviations of the noise, the uncertainty as a fraction."""

LayerData = tuple[Any, dict[str, Any], str]
"""Samples, attributes of the layer, and its kind: how plugins hand layers to napari."""


def layer_data(image: Image, source: Source | None = None, axes: str = "") -> LayerData:
    """An image as one layer of napari.

    Parameters
    ----------
    image
        Content of the layer.
    source
        Where it comes from: its scale, unit and place are kept, so that both lie on each other; so are its colours,
        what turns it, and how much of it is shown dark and bright. A voxel size that the source does not have goes to
        the metadata.
    axes
        Those of the source.

    Examples
    --------
    >>> import numpy as np
    >>> samples, attributes, kind = layer_data(Image(np.ones((4, 5), "f4"), "yx", {"y": 0.1, "x": 0.1}, name="cell"))
    >>> attributes["scale"], attributes["units"], attributes["axis_labels"], kind
    ((0.1, 0.1), ('µm', 'µm'), ('y', 'x'), 'image')
    """
    own = {} if source is None else source.spacing(axes)
    places = [_place(axis, image.spacing.get(axis), source, axes) for axis in image.axes]
    attributes: dict[str, Any] = {
        "name": image.name,
        "scale": tuple(scale for scale, _, _ in places),
        "units": tuple(unit for _, unit, _ in places),
        "translate": tuple(translate for _, _, translate in places),
        "axis_labels": tuple(image.axes),
        "contrast_limits": contrast_limits(image.samples, SHOWN if source is None else source.shares),
        "metadata": {},
    }
    if image.record:
        attributes["metadata"][RECORD] = dict(image.record)
    acquisition: dict[str, Any] = {"optics": dict(image.optics)} if image.optics else {}
    if any(channel != Channel() for channel in image.channels):
        acquisition["channels"] = [dict(vars(channel)) for channel in image.channels]
    if source is not None and (other := {axis: step for axis, step in image.spacing.items() if own.get(axis) != step}):
        acquisition["spacing"] = other
    if acquisition:
        attributes["metadata"][ACQUISITION] = acquisition
    if source is not None and source.colormap is not None:
        attributes["colormap"] = source.colormap
    if source is not None and set(image.axes) <= set(axes):
        at = [axes.index(axis) for axis in image.axes]
        attributes |= {name: _of_axes(matrix, at, len(axes)) for name, matrix in source.turned.items()}
    return image.samples, attributes, "image"


def layers_of(result: Deconvolved, source: Source, axes: str) -> list[LayerData]:
    """A result as layers: the estimate, followed by additional results, hidden at first."""
    layers = [layer_data(result.image, source, axes)]
    for name, image in result.others.items():
        samples, attributes, kind = layer_data(image, source, axes)
        layers.append((samples, attributes | {"visible": False} | SHOWN_AS.get(name, {}), kind))
    return layers


def contrast_limits(samples: Any, shares: tuple[float, float] = SHOWN) -> tuple[float, float]:
    """Limits with these percentages of the samples below them; volumes that failed do not count."""
    values = some(samples)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = (float(limit) for limit in np.percentile(values, shares))
    return (low, high) if high > low else (float(values.min()), max(float(values.max()), float(values.min()) + 1.0))


def psf_layer_data(psf: Image) -> LayerData:
    """A PSF as a layer of napari, shown from zero to its peak."""
    samples, attributes, kind = layer_data(psf)
    attributes["metadata"].setdefault(ACQUISITION, {})["psf"] = True
    return samples, attributes | {"contrast_limits": (0.0, float(samples.max())), "colormap": "inferno"}, kind


def _of_axes(matrix: np.ndarray, at: list[int], ndim: int) -> np.ndarray:
    """The rows and columns of some axes, and those of an affine matrix for translation."""
    kept = [*at, *range(ndim, len(matrix))]
    return matrix[np.ix_(kept, kept)]


def _place(axis: str, step: float | None, source: Source | None, axes: str) -> tuple[float, Any, float]:
    """Scale, unit and translation along one axis."""
    unit = "s" if axis == "t" else "µm"
    if source is None or axis not in axes or not source.scale:
        return (1.0, "pixel", 0.0) if step is None else (step, unit, 0.0)
    at = axes.index(axis)
    return source.scale[at], source.units[at], source.translate[at]
