"""OME-XML: what it says of an image, and an image said in it.

Schema: https://www.openmicroscopy.org/Schemas/OME/2016-06. A length without a unit is in µm,
a wavelength in nm, a time in seconds.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from ..parameters import LENGTHS
from .image import AXES, Channel, Image
from .modality import OME, modality
from .objective import objective_optics
from .units import micrometres, seconds

SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
NAMESPACE = "napari-deconvolution"
NOTED = {"pinhole": "pinholes", "modality": "modalities"}
"""What we note of channels in words of our own, and under which keys."""

DIFFERENT = 0.02
"""Two voxel sizes that differ by more contradict each other."""

WHOLE = ("int8", "int16", "int32", "uint8", "uint16", "uint32")
TYPES = {"float32": "float", "float64": "double"} | {name: name for name in WHOLE}
"""OME's names of types by numpy's."""


@dataclass(frozen=True)
class Metadata:
    """What OME-XML says of one image; the fields are those of `Image`."""

    name: str
    spacing: dict[str, float]
    channels: tuple[Channel, ...]
    optics: dict[str, float]
    record: dict[str, Any]
    axes: str
    """The axes that were there before the file gave all five of them a size; "" in files of others."""
    origins: dict[str, str] = field(default_factory=dict)
    """Where a value comes from, if not from where OME keeps it."""
    contradictions: tuple[str, ...] = ()
    """What is told twice, and differently."""


def parse(xml: str, index: int = 0) -> Metadata:
    """Read the metadata of one image of an OME-XML document.

    Raises
    ------
    ValueError
        If the text is no XML, or has no such image.
    """
    root = _root(xml)
    images = list(_every(root, "Image"))
    if index >= len(images):
        raise ValueError(f"the OME-XML describes {len(images)} images; there is no image {index}.")
    image = images[index]
    pixels = next(_every(image, "Pixels"), Element("Pixels"))
    spacing = {axis: _number(pixels, f"PhysicalSize{axis.upper()}", micrometres, "µm") for axis in "zyx"}
    spacing["t"] = _number(pixels, "TimeIncrement", seconds, "s")
    origins: dict[str, str] = {}
    contradictions: tuple[str, ...] = ()
    if step := _plane_step(pixels):
        said = spacing["z"]
        if not said:
            spacing["z"], origins["z"] = step, "plane positions"
        elif abs(step / said - 1) > DIFFERENT:
            told = f"PhysicalSizeZ is {said:g} µm, but the positions of the planes are {step:g} µm apart"
            contradictions = (f"{told}: {said:g} µm is taken. If that is wrong, give the spacing (--spacing).",)
    notes = _notes(root, image)
    optics = json.loads(notes.get("optics", "{}")) | _optics(root, image)
    magnification = _number(_objective(root, image), "NominalMagnification")
    airy = 1.22 * magnification / optics["na"] if magnification and "na" in optics else None
    channels = tuple(_channel(channel, airy) for channel in _every(pixels, "Channel"))
    for word, key in NOTED.items():
        known = json.loads(notes.get(key, "[]")) or [getattr(channel, word) for channel in channels]
        pairs = zip(channels, known, strict=False)
        channels = tuple(replace(channel, **{word: value}) for channel, value in pairs)
    return Metadata(
        name=image.get("Name", ""),
        spacing={axis: step for axis, step in spacing.items() if step},
        channels=channels,
        optics=optics,
        record=json.loads(notes.get("record", "{}")),
        axes=notes.get("axes", ""),
        origins=origins,
        contradictions=contradictions,
    )


def plane_count(xml: str) -> int:
    """How many planes an OME-XML document plans, over all its images.

    Raises
    ------
    ValueError
        If the text is no XML.
    """
    sizes = [[int(_number(pixels, f"Size{axis}") or 1) for axis in "ZCT"] for pixels in _every(_root(xml), "Pixels")]
    return sum(math.prod(size) for size in sizes)


def pixels(xml: str) -> list[Element]:
    """What an OME-XML document says of the planes of each of its images.

    Raises
    ------
    ValueError
        If the text is no XML.
    """
    return [next(_every(image, "Pixels"), Element("Pixels")) for image in _every(_root(xml), "Image")]


def metadata_file(xml: str) -> str | None:
    """The file that holds the metadata, where a document says no more than that; else None.

    >>> metadata_file('<OME><BinaryOnly MetadataFile="a.companion.ome" UUID="urn:uuid:1"/></OME>')
    'a.companion.ome'
    """
    only = next(_every(_root(xml), "BinaryOnly"), None)
    return None if only is None else only.get("MetadataFile")


def _root(xml: str) -> Element:
    try:
        return ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise ValueError(f"the OME-XML is damaged ({error}).") from error


def _plane_step(pixels: Element) -> float | None:
    """The distance of the planes of the first volume by their positions, if they are evenly spaced."""
    first = [plane for plane in _every(pixels, "Plane") if plane.get("TheC", "0") == plane.get("TheT", "0") == "0"]
    places = [(int(plane.get("TheZ", "0")), _position(plane)) for plane in first]
    known = sorted((number, place) for number, place in places if place is not None)
    if len(known) < 2 or [number for number, _ in known] != list(range(len(known))):
        return None
    steps = [after - before for (_, before), (_, after) in pairwise(known)]
    mean = sum(steps) / len(steps)
    even = all(abs(step - mean) <= DIFFERENT * abs(mean) + 1e-3 for step in steps)  # positions are rounded to 1 nm
    return float(f"{abs(mean):.6g}") if even and abs(mean) > 1e-3 else None


def _position(plane: Element) -> float | None:
    try:
        factor = micrometres(plane.get("PositionZUnit", "µm"))
        return float(plane.get("PositionZ", "")) * factor if factor else None
    except ValueError:
        return None


def compose(image: Image, dtype: np.dtype[Any]) -> bytes:
    """The OME-XML of an image whose planes follow each other in the order t, c, z.

    Whatever OME has no word for (the axes, the record, further optics) goes into a map annotation.

    Raises
    ------
    ValueError
        If the record holds values that JSON does not know.
    """
    root = Element("OME", {"xmlns": SCHEMA, "Creator": NAMESPACE})
    size = {axis: image.samples.shape[image.axes.index(axis)] if axis in image.axes else 1 for axis in AXES}
    instrument = SubElement(root, "Instrument", ID="Instrument:0")
    objective = SubElement(instrument, "Objective", ID="Objective:0")
    if "na" in image.optics:
        objective.set("LensNA", repr(float(image.optics["na"])))
    described = SubElement(root, "Image", ID="Image:0", Name=_printable(image.name))
    SubElement(described, "InstrumentRef", ID="Instrument:0")
    settings = SubElement(described, "ObjectiveSettings", ID="Objective:0")
    if "n_immersion" in image.optics:
        settings.set("RefractiveIndex", repr(float(image.optics["n_immersion"])))
    pixels = SubElement(
        described, "Pixels", ID="Pixels:0", DimensionOrder="XYZCT", Type=TYPES[dtype.name], BigEndian="false"
    )
    for axis in AXES[::-1]:
        pixels.set(f"Size{axis.upper()}", str(size[axis]))
    for axis in "xyz":
        if axis in image.spacing:
            pixels.set(f"PhysicalSize{axis.upper()}", repr(float(image.spacing[axis])))
            pixels.set(f"PhysicalSize{axis.upper()}Unit", "µm")
    if "t" in image.spacing:
        pixels.set("TimeIncrement", repr(float(image.spacing["t"])))
        pixels.set("TimeIncrementUnit", "s")
    for at, channel in enumerate(image.channels or (Channel(),) * size["c"]):
        _describe(SubElement(pixels, "Channel", ID=f"Channel:0:{at}", SamplesPerPixel="1"), channel)
    SubElement(pixels, "TiffData", IFD="0", PlaneCount=str(size["t"] * size["c"] * size["z"]))
    SubElement(described, "AnnotationRef", ID="Annotation:0")
    _annotate(root, image)
    return bytes(ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True))


def _annotate(root: Element, image: Image) -> None:
    """Add the map annotation that holds what OME has no word for."""
    try:
        record = json.dumps(dict(image.record))
    except TypeError as error:
        raise ValueError(
            f"the record of the image cannot be stored: {error}; use texts, numbers, lists, dictionaries."
        ) from error
    annotation = SubElement(
        SubElement(root, "StructuredAnnotations"), "MapAnnotation", ID="Annotation:0", Namespace=NAMESPACE
    )
    value = SubElement(annotation, "Value")
    axes = "".join(axis for axis in AXES if axis in image.axes)
    further = {name: float(number) for name, number in image.optics.items()}
    notes = {"axes": axes, "optics": json.dumps(further), "record": record}
    for word, key in NOTED.items():
        if any(getattr(channel, word) is not None for channel in image.channels):
            notes[key] = json.dumps([getattr(channel, word) for channel in image.channels])
    for key, text in notes.items():
        SubElement(value, "M", K=key).text = text


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable())


def _describe(element: Element, channel: Channel) -> None:
    if channel.name:
        element.set("Name", _printable(channel.name))
    for word, wavelength in (("Emission", channel.emission), ("Excitation", channel.excitation)):
        if wavelength:
            element.set(f"{word}Wavelength", f"{wavelength / LENGTHS['nm']:.12g}")
            element.set(f"{word}WavelengthUnit", "nm")
    if channel.modality in OME:
        element.set("AcquisitionMode", OME[channel.modality])
    if channel.colour:
        rgba = int(channel.colour.lstrip("#") + "ff", 16)
        element.set("Color", str(rgba - (1 << 32) if rgba >> 31 else rgba))


def _channel(element: Element, airy: float | None) -> Channel:
    """A channel; at the pinhole, the first dark ring has a diameter of `airy` times the emission wavelength."""
    colour, emission = element.get("Color"), _number(element, "EmissionWavelength", micrometres, "nm")
    pinhole = _number(element, "PinholeSize", micrometres, "µm")
    return Channel(
        name=element.get("Name", ""),
        emission=emission,
        excitation=_number(element, "ExcitationWavelength", micrometres, "nm"),
        colour=None if colour is None else f"#{(int(colour) >> 8) & 0xFFFFFF:06x}",
        pinhole=float(f"{pinhole / (airy * emission):.6g}") if pinhole and airy and emission else None,
        modality=modality(element.get("AcquisitionMode")),
    )


def _settings(image: Element) -> Element:
    return next(
        (found for word in ("ObjectiveSettings", "ObjectiveRef") for found in _every(image, word)), Element("None")
    )


def _objective(root: Element, image: Element) -> Element:
    """The objective that the image names, or else its instrument's first one."""
    settings = _settings(image)
    instrument = next(_every(image, "InstrumentRef"), Element("None")).get("ID")
    objectives = list(_every(root, "Objective"))
    named = [objective for objective in objectives if objective.get("ID") == settings.get("ID")]
    housed = [o for one in _every(root, "Instrument") if one.get("ID") == instrument for o in _every(one, "Objective")]
    return next(iter(named or housed or objectives), Element("None"))


def _optics(root: Element, image: Element) -> dict[str, float]:
    """Numerical aperture and immersion of the objective."""
    objective = _objective(root, image)
    index = _number(_settings(image), "RefractiveIndex")
    return objective_optics(_number(objective, "LensNA"), index, objective.get("Immersion", ""))


def _notes(root: Element, image: Element) -> dict[str, str]:
    """Our own map annotation of the image, if it has one."""
    wanted = {reference.get("ID") for reference in _every(image, "AnnotationRef")}
    for annotation in _every(root, "MapAnnotation"):
        if annotation.get("Namespace") == NAMESPACE and annotation.get("ID") in wanted:
            return {entry.get("K", ""): entry.text or "" for entry in _every(annotation, "M")}
    return {}


def _number(element: Element, attribute: str, unit_of: Callable[[str], float] | None = None, unit: str = "") -> Any:
    """A positive number in our units, or None if there is none or its unit is no length or time, as a pixel."""
    try:
        value = float(element.get(attribute, ""))
    except ValueError:
        return None
    factor = 1.0 if unit_of is None else unit_of(element.get(f"{attribute}Unit", unit))
    converted = float(f"{value * factor:.12g}")
    return converted if math.isfinite(converted) and converted > 0 else None


def _every(element: Element, word: str) -> Iterator[Element]:
    """Every descendant of that name, in whichever version of the schema."""
    return (found for found in element.iter() if isinstance(found.tag, str) and found.tag.rpartition("}")[2] == word)
