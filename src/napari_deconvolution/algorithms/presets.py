"""Settings that suit a kind of image, by name: what to take where one does not want to choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Preset:
    """Values for `Deconvolution().assign(**values)`, and for a recipe, that go together.

    >>> from napari_deconvolution import Deconvolution
    >>> Deconvolution().assign(**PRESETS["quick-look"].values).stop.name
    'settled'
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
        _preset(
            "quick-look",
            "in a quarter of the time of the default: 30 iterations with the usual regularization weight, no search",
            algorithm="maximum-likelihood",
            stop="settled",
        ),
        _preset(
            "good-roughness",
            "the default of versions before: Good's roughness, its weight and the stop searched for over all of the "
            "image",
            algorithm="maximum-likelihood-good-roughness",
        ),
        _preset(
            "quantitative",
            "measurements of brightness: the default, with a map of what it leaves unexplained",
            algorithm="maximum-likelihood",
            residual=True,
        ),
        _preset(
            "very-noisy",
            "20 photons or fewer in the brightest voxels: the default, with a map of how uncertain every voxel is",
            algorithm="maximum-likelihood",
            uncertainty=8,
        ),
        _preset(
            "flat-walls",
            "even regions with sharp borders, of 20 to 1000 photons: total variation, with the automatic stop",
            algorithm="richardson-lucy-total-variation",
            **{"penalty.weight": 0.01},
            acceleration="momentum",
            stop="auto",
        ),
    )
}
"""Every preset by its name; what each reaches is measured in docs/algorithms.md."""
