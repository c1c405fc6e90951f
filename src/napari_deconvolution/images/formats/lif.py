"""Leica LIF (and XLIF, LOF): images, channels, optics."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ..image import Channel
from ..lazy import by_planes
from ..objective import objective_optics
from .base import Format, Found

MULTIPHOTON = 690.0
"""nm; laser lines beyond it excite with two photons."""

IMAGES_OF = "M"
"""Leica's axis of tiles: each of them is an image of its own."""


class Lif(Format):
    """Every image of a Leica file; tiles of a mosaic are images of their own."""

    name = "Leica LIF"
    suffixes = (".lif", ".lof", ".xlif")
    extra = "formats"
    tells = "voxel size, time step, channels, aperture, immersion, pinhole, modality"

    def recognises(self, path: Path, start: bytes) -> bool:
        """By the tag of its first block, or by its suffix."""
        return (start[:1] == b"\x70" and start[8:9] == b"\x2a") or path.suffix.lower() == ".xlif"

    def images(self, path: Path) -> list[Found]:
        """In the order in which LAS X lists them."""
        liffile = self.needed("liffile")
        with liffile.LifFile(path) as lif:
            images = list(lif.images)
            return [found for number, image in enumerate(images) for found in _images(liffile, path, number, image)]


def _images(liffile: Any, path: Path, number: int, image: Any) -> Iterator[Found]:
    dims, shape = tuple(image.dims), tuple(image.shape)
    inner = len(dims) - (3 if dims[-1] == "S" else 2)
    outer = dims[:inner]

    @contextmanager
    def session() -> Iterator[Callable[[int], Any]]:
        with liffile.LifFile(path) as lif:
            own = lif.images[number]

            def plane(at: int) -> Any:
                places = np.unravel_index(at, shape[:inner])
                return own.frame(**{axis: int(place) for axis, place in zip(outer, places, strict=True)})

            yield plane

    letters, frame = "".join(dims).lower(), list(shape[inner:])
    if "Y" not in dims and dims[-1] == "X":  # a section along x and z has one row
        letters, frame = f"{letters[:-1]}yx", [*frame[:-1], 1, frame[-1]]
    whole = by_planes(shape[:inner], frame, image.dtype, session)
    settings = _settings(image.xml_element)
    count = shape[dims.index("C")] if "C" in dims else 1
    channels = _channels(settings, count)
    bands = any(each.emission and each.modality != "widefield" for each in channels)
    origins = {"channels": "middle of the detector's band, laser line before it"} if bands else {}
    known = Found(whole, letters, _spacing(image), channels, _optics(settings), name=image.name, origins=origins)
    if IMAGES_OF not in dims:
        yield known
        return
    at = dims.index(IMAGES_OF)
    for tile in range(shape[at]):
        samples = whole[(slice(None),) * at + (tile,)]
        axes = letters[:at] + letters[at + 1 :]
        yield known.replace(samples=samples, axes=axes, name=f"{image.name}, tile {tile}")


def _spacing(image: Any) -> Mapping[str, float]:
    """From the places of samples, in metres and seconds."""
    found = {}
    for axis, places in image.coords.items():
        if axis in ("T", "Z", "Y", "X") and len(places) > 1:
            step = abs(float(places[-1] - places[0])) / (len(places) - 1) * (1.0 if axis == "T" else 1e6)
            if step > 0:
                found[axis.lower()] = float(f"{step:.9g}")
    return found


def _settings(element: Element) -> list[Element]:
    """The settings of each sequence in turn, or the one that there is."""
    kinds = ("ATLConfocalSettingDefinition", "ATLCameraSettingDefinition")
    sequences = [each for kind in kinds for each in element.findall(f".//LDM_Block_Sequential_List/{kind}")]
    return sequences or [
        each for kind in kinds for each in element.findall(f".//Attachment[@Name='HardwareSetting']/{kind}")
    ]


def _optics(settings: list[Element]) -> dict[str, float]:
    if not settings:
        return {}
    said = settings[0]
    return objective_optics(_number(said, "NumericalAperture"), _number(said, "RefractionIndex"), said.get("Immersion"))


def _channels(settings: list[Element], count: int) -> tuple[Channel, ...]:
    """Of the detectors that were on, in order; nothing if they are not as many as the channels."""
    found = [channel for said in settings for channel in (_camera(said) or _confocal(said))]
    return tuple(found) if len(found) == count else ()


def _camera(said: Element) -> list[Channel]:
    return [
        Channel(
            each.get("UserDefName") or each.get("FluoCubeName") or "",
            _number(each, "EmissionWavelength") / 1e3 or None,
            _number(each, "ExcitationWavelength") / 1e3 or None,
            modality="widefield",
        )
        for each in said.iter("WideFieldChannelInfo")
    ]


def _confocal(said: Element) -> list[Channel]:
    """Emission: the middle of the band of the detector. Excitation: the laser line before it."""
    bands = {band.get("Channel"): band for band in said.iter("MultiBand")}
    lines = sorted(
        _number(line, "LaserLine") for line in said.iter("LaserLineSetting") if _number(line, "IntensityDev")
    )
    airy = _number(said, "PinholeAiry") * _number(said, "EmissionWavelengthForPinholeAiryCalculation") / 1e3
    way = "sted" if said.get("IsSTEDActive") == "1" else "confocal"
    channels = []
    for detector in said.iter("Detector"):
        if detector.get("IsActive") != "1":
            continue
        band = bands.get(detector.get("Channel"), Element("None"))
        low, high = _number(band, "LeftWorld"), _number(band, "RightWorld")
        emission = float(f"{(low + high) / 2e3:.6g}") if low and high else None
        before = [line for line in lines if line < low or line > MULTIPHOTON]
        excitation = before[-1] / 1e3 if before else None
        two_photon = bool(excitation and 1e3 * excitation > MULTIPHOTON)
        channels.append(
            Channel(
                band.get("DyeName") or detector.get("Name") or "",
                emission,
                excitation,
                pinhole=float(f"{airy / emission:.6g}") if airy and emission and not two_photon else None,
                modality="two-photon" if two_photon else way,
            )
        )
    return channels


def _number(element: Element, word: str) -> float:
    """A positive number; 0 if there is none."""
    try:
        return max(float(element.get(word, "0")), 0.0)
    except ValueError:
        return 0.0
