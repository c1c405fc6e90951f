"""What a layer says of itself: samples, axes, voxel size, channel, optics, record."""

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
from ...parameters import LENGTHS

RECORD = "napari-deconvolution"
"""Where the metadata of a layer hold the record of how it was made."""

ACQUISITION = "napari-deconvolution.acquisition"
"""Where they hold the optics and the channel."""

USUAL = {2: "yx", 3: "zyx", 4: "tzyx", 5: "tczyx"}
"""The axes that images mostly have; for all but two dimensions only an assumption."""

SHOWN = (0.1, 99.95)
"""Percentiles between which samples are shown; a few voxels far above the rest would leave the rest in the dark."""

PREFIXES = {"": "m", "centi": "cm", "milli": "mm", "micro": "µm", "nano": "nm", "pico": "pm"}
WORDS = {prefix + word: LENGTHS[unit] for prefix, unit in PREFIXES.items() for word in ("meter", "metre")}


@dataclass(frozen=True, eq=False)
class Source:
    """What a layer, a layer data tuple or an array says of itself, taken once: the layer may change or go while work is done."""

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
                f"The layer {name!r} is shown as a colour picture (RGB). If its colours are channels, as in an ImageJ composite, open the "
                "file with napari-deconvolution (File, Open with Plugin); else split it (Layers, Data, Split RGB) and choose one colour."
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
        """Percentages of samples below its limits, within the usual ones; the usual ones for lazy samples, which stay so."""
        if self.limits is None or not isinstance(self.data, np.ndarray) or not self.data.size:
            return SHOWN
        values = some(self.data)
        low, high = (100 * float(np.mean(values <= limit)) for limit in self.limits)
        return (max(low, SHOWN[0]), min(high, SHOWN[1])) if low < high else SHOWN

    @property
    def axes(self) -> str | None:
        """A letter per dimension where the layer tells, or leaves no choice; else None."""
        letters = "".join(self.labels).lower()
        if len(letters) == self.data.ndim == len(set(letters)) and set("yx") <= set(letters) <= set(AXES):
            return letters
        return "yx" if self.data.ndim == 2 else None

    @cached_property
    def ome(self) -> Metadata:
        """What the OME-XML tells that other readers leave in the metadata, as text or as an object that can write it."""
        for value in self.metadata.values():
            xml = value.to_xml() if hasattr(value, "to_xml") else value
            if isinstance(xml, str) and "<OME" in xml:
                with suppress(ValueError):
                    return parse(xml)
        return Metadata("", {}, (), {}, {}, "")

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What its metadata tell of its channels; of one, where it has no axis c."""
        known = self.metadata.get(ACQUISITION, {}).get("channels")
        return self.ome.channels if known is None else tuple(Channel(**channel) for channel in known)

    @property
    def channel(self) -> Channel | None:
        """What its metadata tell of its only channel."""
        return self.channels[0] if len(self.channels) == 1 else None

    @property
    def is_psf(self) -> bool:
        """It was made as a PSF, by this plugin."""
        record = self.metadata.get(RECORD, {})
        return bool(self.metadata.get(ACQUISITION, {}).get("psf")) or ("psf" in record and "recipe" not in record)

    @property
    def number(self) -> int | None:
        """Which channel of its file it is, if that has several."""
        at: int | None = self.metadata.get(ACQUISITION, {}).get("number")
        return at

    @property
    def optics(self) -> dict[str, float]:
        """What its metadata tell of the microscope, by the names of `Microscope`."""
        known = self.metadata.get(ACQUISITION, {})
        emission = self.channel.emission if self.channel is not None else None
        return {**self.ome.optics, **known.get("optics", {})} | ({"wavelength": emission} if emission else {})

    def spacing(self, axes: str) -> dict[str, float]:
        """Distance of samples along z, y, x in µm and t in seconds, as its metadata tell, or where the layer has a unit for it."""
        found = {}
        for axis, step, unit in zip(axes, self.scale, self.units, strict=False):
            factor = _factor(unit, "second") if axis == "t" else _factor(unit, "micrometer")
            if factor is not None and axis != "c" and step:
                found[axis] = float(f"{abs(step) * factor:.12g}")
        known = self.metadata.get(ACQUISITION, {}).get("spacing", {})
        found = {axis: step for axis, step in self.ome.spacing.items() if axis in axes} | found
        return found | {axis: float(step) for axis, step in known.items() if axis in axes}

    def image(self, axes: str | None = None) -> Image:
        """The image in this layer; lazy samples stay so.

        Parameters
        ----------
        axes
            A letter per dimension, where the layer has no labels or wrong ones.

        Raises
        ------
        ValueError
            If neither the layer nor `axes` tells the axes, or they do not fit.
        """
        axes = self.axes if axes is None else axes
        if axes is None:
            usual = USUAL.get(self.data.ndim, "zyx")
            raise ValueError(
                f"The image {self.name or 'array'} of shape {'x'.join(map(str, self.data.shape))} does not say what its axes are: give "
                f'axes="{usual}" or the like, or label the layer (layer.axis_labels = {tuple(usual)}).'
            )
        count = self.data.shape[axes.index("c")] if "c" in axes and len(axes) == self.data.ndim else 1
        channels = self.channels if len(self.channels) == count else ()
        record = self.metadata.get(RECORD, {})
        optics = self.metadata.get(ACQUISITION, {}).get("optics", {})
        samples = self.data if hasattr(self.data, "transpose") else np.asarray(self.data)
        return Image(samples, axes, self.spacing(axes), channels, optics, record, self.path, self.name)


def layers_beside(layer: Any, layers: Iterable[Any]) -> list[Any]:
    """The image layers that were opened from the same file as this one, as its channels; nothing if it is alone."""
    source = Source.of(layer)
    if source.path is None or source.number is None:
        return []
    others = [(Source.of(other), other) for other in layers if getattr(other, "_type_string", "") == "image" and not other.rgb]
    found = {own.number: other for own, other in others if own.path == source.path and own.number is not None}
    return [found[number] for number in sorted(found)] if len(found) > 1 else []


def channels_beside(layer: Any, layers: Iterable[Any]) -> list[Channel]:
    """The channels with a known wavelength among the image layers that were opened from the same file as this one."""
    path = Source.of(layer).path
    found = [Source.of(other).channel for other in layers if path is not None and Source.of(other).path == path]
    return list(dict.fromkeys(channel for channel in found if channel is not None and channel.emission))


def results_on(layer: Any, layers: Iterable[Any]) -> list[Any]:
    """The results that lie on this layer and know the voxel size that it does not have."""
    known = [other for other in layers if other is not layer and "spacing" in other.metadata.get(ACQUISITION, {})]
    return [other for other in known if other.metadata.get(RECORD, {}).get("name") == layer.name]


def some(samples: Any) -> np.ndarray:
    """Up to a million of them, evenly spread."""
    values = np.asarray(samples).flat[:: max(1, samples.size // 1_000_000)]  # of what does not lie in one piece, no copy is made
    finite = np.isfinite(values)
    return values if finite.all() or not finite.any() else values[finite]


def _turned(thing: Any, ndim: int) -> dict[str, np.ndarray]:
    """What turns a layer beside scale and translation, as matrices."""
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
    """How many micrometres (or seconds) a unit is; None if it is no length (or time), for instance a pixel."""
    if not isinstance(unit, str):
        return float((1 * unit).to(base).magnitude) if unit.is_compatible_with(base) else None
    if base == "second":
        return 1.0 if unit in ("s", "second") else None
    return LENGTHS.get(unit, WORDS.get(unit))


def _or(given: Any, default: tuple[Any, ...]) -> Any:
    return default if given is None else given
