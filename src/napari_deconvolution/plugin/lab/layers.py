"""The images of an experiment as layers: a set of its own in the viewer, updated in place."""

from typing import Any

import numpy as np
from napari.layers import Image

from ...arrays import Array
from ...teaching.experiment import Findings
from ..layers.layer_data import contrast_limits
from ..layers.layer_source import RECORD

OURS = "napari-deconvolution.lab"
"""Key of the metadata that marks a layer of the lab, with what it shows."""

GAMMA = 0.4
"""Gamma of a PSF on display: its rings are a thousand times dimmer than its peak."""

GAP = 1.06
"""Distance between neighbouring images, in sizes of the field."""


def show(viewer: Any, findings: Findings) -> None:
    """Show the images next to each other. Sections along z are shown as planes (z, x), others as planes (y, x)."""
    pictures, moved = _pictures(findings), False
    ours = {layer.metadata[OURS]: layer for layer in viewer.layers if OURS in layer.metadata}
    for name, layer in list(ours.items()):
        if name not in pictures or layer.ndim != pictures[name]["data"].ndim:
            viewer.layers.remove(layer)
            del ours[name]
            moved = True
    for name, attributes in pictures.items():
        if name in ours:
            moved |= tuple(ours[name].translate) != tuple(attributes["translate"])
            for attribute, value in attributes.items():
                setattr(ours[name], attribute, value)
        else:
            moved = True
            viewer.add_layer(Image(name=f"lab: {name}", **attributes))
    if moved:
        viewer.reset_view()
    if findings.truth.ndim == 3:
        layer = next(layer for layer in viewer.layers if layer.metadata.get(OURS) == "truth")
        viewer.dims.set_point(viewer.dims.ndim - 3, layer.data_to_world([n // 2 for n in layer.data.shape])[0])


def _pictures(findings: Findings) -> dict[str, dict[str, Any]]:
    """Attributes of the layers, by what they show."""
    experiment, truth = findings.experiment, findings.truth
    volumes = {
        "truth": truth,
        "image": findings.image,
        "estimate": findings.result.image,
        "PSF": _within(findings.psf, truth.shape),
    }
    if experiment.assumed_depth is not None:
        volumes["assumed PSF"] = _within(findings.assumed, truth.shape)
    order = (1, 0, 2) if experiment.axis == "z" else tuple(range(truth.ndim))
    spacing = np.array(experiment.grid.spacing)[list(order)]
    size = np.array(truth.shape)[list(order)]
    height, width = (size * spacing)[-2:] * GAP
    columns = 1 if width > 1.5 * height else 2
    bright = (0.0, float(truth.max()))
    pictures = {}
    for number, (name, volume) in enumerate(volumes.items()):
        data = volume.transpose(order)
        shift = (size // 2 - np.array(data.shape) // 2) * spacing
        shift[-2:] += np.array(divmod(number, columns)) * (height, width)
        is_psf, counts = name.endswith("PSF"), name in ("truth", "estimate")
        limits = bright if counts else (0.0, float(data.max())) if is_psf else contrast_limits(data)
        pictures[name] = {
            "data": data,
            "scale": tuple(spacing),
            "translate": tuple(shift),
            "units": ("µm",) * truth.ndim,
            "axis_labels": tuple("zyx"[-truth.ndim :][axis] for axis in order),
            "contrast_limits": limits,
            "gamma": GAMMA if is_psf else 1.0,
            "colormap": "inferno" if is_psf else "gray",
            "metadata": {OURS: name, RECORD: {"experiment": experiment.to_dict()}},
        }
    return pictures


def _within(psf: Array, shape: tuple[int, ...]) -> Array:
    """The part of a PSF around its origin that fits into the field."""
    parts = [(n // 2 - min(n, m) // 2, min(n, m)) for n, m in zip(psf.shape, shape, strict=True)]
    return psf[tuple(slice(first, first + count) for first, count in parts)]
