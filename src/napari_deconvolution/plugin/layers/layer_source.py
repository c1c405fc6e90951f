"""The content of a layer: samples, axes, voxel size, channel, optics, record."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np

from ...images.image import AXES, Channel, Image
from ...images.ome_xml import Metadata, parse
from ...images.units import micrometres, seconds
from ...recipes.known_optics import known_optics
from ...recipes.record import Record

RECORD = "napari-deconvolution"
"""Key of a layer's metadata for the record of how it was made."""

ACQUISITION = "napari-deconvolution.acquisition"
"""Key of a layer's metadata for optics and channel."""

USUAL = {2: "yx", 3: "zyx", 4: "tzyx", 5: "tczyx"}
"""The usual axes of images; except for two dimensions only an assumption."""

SHOWN = (0.1, 99.95)
"""Percentiles between which samples are shown; a few very bright voxels would leave the rest dark."""


LAZY = 250_000_000
"""Samples; more than so many are not read to find out how to show them."""


@dataclass(frozen=True, eq=False)
class Source:
    """The content of a layer, of layer data or of an array, taken once: the layer may change or go during a run."""

    data: Any
    """Samples, perhaps lazy."""
    name: str = ""
    labels: tuple[str, ...] = ()
    scale: tuple[float, ...] = ()
    translate: tuple[float, ...] = ()
    units: tuple[Any, ...] = ()
    """Units of pint, or their names."""
    colormap: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None
    """The file it was opened from."""
    levels: int = 1
    """Of a multiscale layer; the finest one is `data`."""
    turned: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Matrices of the layer's `rotate`, `shear` and `affine`, where they do anything."""
    limits: tuple[float, float] | None = None
    """Between which it is shown."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        """Read a layer, a tuple of layer data, or an array.

        Raises
        ------
        ValueError
            If it is no image layer of grey values.

        Examples
        --------
        >>> import numpy as np
        >>> Source.of((np.zeros((4, 5)), {"scale": (0.1, 0.1), "units": ("µm", "µm")}, "image")).spacing("yx")
        {'y': 0.1, 'x': 0.1}
        """
        if isinstance(thing, tuple) and len(thing) in (2, 3) and isinstance(thing[1], Mapping):
            thing = SimpleNamespace(data=thing[0], kind=thing[2] if len(thing) == 3 else "image", **thing[1])
        elif not hasattr(thing, "scale"):
            return cls(thing if hasattr(thing, "shape") else np.asarray(thing))
        kind = getattr(thing, "_type_string", None) or getattr(thing, "kind", "image")
        name = getattr(thing, "name", None) or ""
        if kind != "image":
            raise ValueError(f"The layer {name!r} holds {kind}; choose an image layer.")
        if getattr(thing, "rgb", False):
            raise ValueError(
                f"The layer {name!r} is shown as a colour picture (RGB). If its colours are channels, as in an ImageJ "
                "composite, open the file with napari-deconvolution (File, Open with Plugin); else split it (Layers, "
                "Data, Split RGB) and choose one colour."
            )
        levels = len(thing.data) if getattr(thing, "multiscale", False) else 0
        data = thing.data[0] if levels else thing.data
        ones = (1.0,) * data.ndim
        path = getattr(getattr(thing, "source", None), "path", None)
        return cls(
            data,
            name,
            tuple(getattr(thing, "axis_labels", None) or ()),
            tuple(float(step) for step in _or(thing.scale, ones)),
            tuple(float(at) for at in _or(getattr(thing, "translate", None), (0.0,) * data.ndim)),
            tuple(_or(getattr(thing, "units", None), ("pixel",) * data.ndim)),
            getattr(thing, "colormap", None),
            dict(getattr(thing, "metadata", None) or {}),
            None if path is None else Path(path),
            max(levels, 1),
            _turned(thing, data.ndim),
            getattr(thing, "contrast_limits", None),
        )

    @cached_property
    def shares(self) -> tuple[float, float]:
        """Percentages of samples below its limits, within the usual ones; for lazy samples the usual ones."""
        if self.limits is None or not isinstance(self.data, np.ndarray) or not self.data.size:
            return SHOWN
        values = some(self.data)
        low, high = (100 * float(np.mean(values <= limit)) for limit in self.limits)
        return (max(low, SHOWN[0]), min(high, SHOWN[1])) if low < high else SHOWN

    @property
    def axes(self) -> str | None:
        """A letter per dimension where the layer has labels, or leaves no choice; else None."""
        letters = "".join(self.labels).lower()
        if len(letters) == self.data.ndim == len(set(letters)) and set("yx") <= set(letters) <= set(AXES):
            return letters
        return "yx" if self.data.ndim == 2 else None

    @cached_property
    def ome(self) -> Metadata:
        """OME metadata that other readers leave in the layer, as XML or as an object that can write it."""
        for value in self.metadata.values():
            xml = value.to_xml() if hasattr(value, "to_xml") else value
            if isinstance(xml, str) and "<OME" in xml:
                with suppress(ValueError):
                    return parse(xml)
        return Metadata("", {}, (), {}, {}, "")

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels in its metadata; one, where it has no axis c."""
        known = self.metadata.get(ACQUISITION, {}).get("channels")
        return self.ome.channels if known is None else tuple(Channel(**channel) for channel in known)

    @property
    def channel(self) -> Channel | None:
        """Its only channel, as in its metadata."""
        return self.channels[0] if len(self.channels) == 1 else None

    @property
    def modality(self) -> str | None:
        """How its channels were taken, as its metadata tell; None where that is unknown, or differs."""
        ways = {channel.modality for channel in self.channels}
        return ways.pop() if len(ways) == 1 else None

    @property
    def is_psf(self) -> bool:
        """It was made as a PSF, by this plugin."""
        if self.metadata.get(ACQUISITION, {}).get("psf"):
            return True
        with suppress(ValueError):  # of a record of a later version
            return Record.of(self.metadata.get(RECORD, {})).is_psf
        return False

    @property
    def number(self) -> int | None:
        """Which channel of its file it is, if that has several."""
        at: int | None = self.metadata.get(ACQUISITION, {}).get("number")
        return at

    @property
    def optics(self) -> dict[str, float]:
        """The optics in its metadata, by the names of `Microscope`."""
        return known_optics({**self.ome.optics, **self.metadata.get(ACQUISITION, {}).get("optics", {})}, self.channel)

    def spacing(self, axes: str) -> dict[str, float]:
        """Distance between samples along z, y, x in µm and t in s, from its metadata, or where the layer has a unit."""
        found = {}
        for axis, step, unit in zip(axes, self.scale, self.units, strict=False):
            factor = _factor(unit, "second") if axis == "t" else _factor(unit, "micrometer")
            if factor is not None and axis != "c" and step:
                found[axis] = float(f"{abs(step) * factor:.12g}")
        known = self.metadata.get(ACQUISITION, {}).get("spacing", {})
        found = {axis: step for axis, step in self.ome.spacing.items() if axis in axes} | found
        return found | {axis: float(step) for axis, step in known.items() if axis in axes}

    def scale_without_unit(self, axes: str) -> dict[str, float]:
        """The scale along z, y, x where it has no unit, and is not 1 throughout: most readers mean µm."""
        units = dict(zip(axes, map(str, self.units), strict=False))
        steps = {axis: abs(step) for axis, step in zip(axes, self.scale, strict=False) if axis in "zyx"}
        bare = all(units.get(axis, "") in ("", "pixel", "dimensionless") for axis in steps)
        return steps if bare and all(steps.values()) and set(steps.values()) != {1.0} else {}

    def image(self, axes: str | None = None) -> Image:
        """The image in this layer; lazy samples stay lazy.

        Parameters
        ----------
        axes
            A letter per dimension, where the layer has no labels or wrong ones.

        Raises
        ------
        ValueError
            If the axes are unknown, or do not fit.
        """
        axes = self.axes if axes is None else axes
        if axes is None:
            usual = USUAL.get(self.data.ndim, "zyx")
            raise ValueError(
                f"The image {self.name or 'array'} of shape {'x'.join(map(str, self.data.shape))} has no axis labels: "
                f'give axes="{usual}" or the like, or label the layer (layer.axis_labels = {tuple(usual)}).'
            )
        count = self.data.shape[axes.index("c")] if "c" in axes and len(axes) == self.data.ndim else 1
        channels = self.channels if len(self.channels) == count else ()
        record = self.metadata.get(RECORD, {})
        optics = self.metadata.get(ACQUISITION, {}).get("optics", {})
        samples = self.data if hasattr(self.data, "transpose") else np.asarray(self.data)
        return Image(samples, axes, self.spacing(axes), channels, optics, record, self.path, self.name)


def sibling_layers(layer: Any, layers: Iterable[Any]) -> list[Any]:
    """The image layers that were opened from the same file as this one, as its channels; nothing if it is alone."""
    source = Source.of(layer)
    if source.path is None or source.number is None:
        return []
    others = [
        (Source.of(other), other) for other in layers if getattr(other, "_type_string", "") == "image" and not other.rgb
    ]
    found = {own.number: other for own, other in others if own.path == source.path and own.number is not None}
    return [found[number] for number in sorted(found)] if len(found) > 1 else []


def sibling_channels(layer: Any, layers: Iterable[Any]) -> list[Channel]:
    """The channels with a known wavelength among the image layers that were opened from the same file as this one."""
    path = Source.of(layer).path
    found = [Source.of(other).channel for other in layers if path is not None and Source.of(other).path == path]
    return list(dict.fromkeys(channel for channel in found if channel is not None and channel.emission))


def results_on(layer: Any, layers: Iterable[Any]) -> list[Any]:
    """The results that lie on this layer and know the voxel size that it does not have."""
    known = [other for other in layers if other is not layer and "spacing" in other.metadata.get(ACQUISITION, {})]
    return [other for other in known if other.metadata.get(RECORD, {}).get("name") == layer.name]


def some(samples: Any) -> np.ndarray:
    """Up to a million samples, evenly spread; of large lazy ones, out of the plane in the middle."""
    if not isinstance(samples, np.ndarray) and samples.size > LAZY:
        samples = samples[tuple(size // 2 for size in samples.shape[:-2])]
    values = np.asarray(samples).flat[:: max(1, samples.size // 1_000_000)]  # without a copy of non-contiguous data
    finite = np.isfinite(values)
    return values if finite.all() or not finite.any() else values[finite]


def _turned(thing: Any, ndim: int) -> dict[str, np.ndarray]:
    """Rotation, shear and affine transform of a layer, as matrices."""
    found = {}
    for name in ("rotate", "shear", "affine"):
        given = getattr(thing, name, None)
        matrix = np.asarray(getattr(given, "affine_matrix", given))
        if name == "shear" and matrix.shape == (ndim * (ndim - 1) // 2,):
            upper = np.eye(ndim)
            upper[np.triu_indices(ndim, 1)] = matrix
            matrix = upper
        if matrix.shape in ((ndim, ndim), (ndim + 1, ndim + 1)) and not np.allclose(matrix, np.eye(len(matrix))):
            found[name] = matrix.astype(float)
    return found


def _factor(unit: Any, base: str) -> float | None:
    """Micrometres (or seconds) per unit; None if it is not a length (or time), for instance a pixel."""
    if not isinstance(unit, str):
        return float((1 * unit).to(base).magnitude) if unit.is_compatible_with(base) else None
    return (seconds(unit) if unit and base == "second" else micrometres(unit) if base != "second" else 0.0) or None


def _or(given: Any, default: tuple[Any, ...]) -> Any:
    return default if given is None else given
