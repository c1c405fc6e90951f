"""Settings that suit a kind of image, by name: what to take where one does not want to choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Preset:
    """Values for `Deconvolution().assign(**values)`, and for a recipe, that go together.

    >>> from napari_deconvolution import Deconvolution
    >>> Deconvolution().assign(**PRESETS["quick-look"].values).algorithm.name
    'regularized-inverse'
    """

    name: str
    use: str
    """When to take it, in one line."""
    values: Mapping[str, Any]


def _preset(name: str, use: str, **values: Any) -> Preset:
    return Preset(name, use, MappingProxyType(values))


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _preset("quick-look", "done in one step, to see what there is", algorithm="regularized-inverse"),
        _preset(
            "quantitative",
            "to measure brightness: the default, and the map of what it leaves unexplained",
            algorithm="maximum-likelihood",
            residual=True,
        ),
        _preset("very-noisy", "some 20 photons or fewer in the brightest voxels", algorithm="maximum-likelihood", roughness=0.1),
        _preset(
            "flat-walls",
            "even regions with sharp borders: walls, membranes, lithography",
            algorithm="richardson-lucy-total-variation",
            acceleration="momentum",
            stop="auto",
        ),
    )
}
"""Every preset by its name."""
