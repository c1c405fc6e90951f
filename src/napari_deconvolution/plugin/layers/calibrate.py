"""Write voxel size and axes to a layer, so that its results lie on it."""

from collections.abc import Iterable, Sequence
from typing import Any

from .layer_source import ACQUISITION, results_on


def calibrate(layer: Any, axes: str, spacing: Sequence[float], layers: Iterable[Any]) -> None:
    """Set axes and voxel size of a layer, and the voxel size of the results on it; each keeps its place in voxels.

    Parameters
    ----------
    layer, layers
        The layer, and those among which its results are.
    axes
        A letter per dimension of the layer.
    spacing
        µm along those of z, y, x that there are; empty: the layer keeps its scale.
    """
    known = dict(zip((axis for axis in "zyx" if axis in axes), spacing, strict=False))
    for each in (layer, *results_on(layer, layers)):
        letters = axes if each is layer else "".join(each.axis_labels)
        scale = [known.get(axis, step) for axis, step in zip(letters, each.scale, strict=True)]
        each.translate = [at / old * new for at, old, new in zip(each.translate, each.scale, scale, strict=True)]
        each.scale = scale
        each.units = ["µm" if axis in known else unit for axis, unit in zip(letters, each.units, strict=True)]
        each.axis_labels = tuple(letters)
        each.metadata.get(ACQUISITION, {}).pop("spacing", None)  # which took precedence over the layer's own
