"""OME-XML: what it says of an image, and an image said in it.

Schema: https://www.openmicroscopy.org/Schemas/OME/2016-06. A length without a unit is in µm, a wavelength in nm, a time in seconds.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from ..parameters import LENGTHS
from .image import AXES, Channel, Image

SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
NAMESPACE = "napari-deconvolution"
SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0, "d": 86400.0}
IMMERSIONS = {"Air": 1.0, "Water": 1.333, "WaterDipping": 1.333, "Glycerol": 1.47, "Oil": 1.515}
"""Refractive indices of media at room temperature, where a file names the medium alone."""

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


def parse(xml: str, index: int = 0) -> Metadata:
    """Read the metadata of one image of an OME-XML document.

    Raises
    ------
    ValueError
        If the text is no XML, or has no such image.
    """
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as error:
        raise ValueError(f"the OME-XML is damaged ({error}).") from error
    images = list(_every(root, "Image"))
    if index >= len(images):
        raise ValueError(f"the OME-XML describes {len(images)} images; there is no image {index}.")
    image = images[index]
    pixels = next(_every(image, "Pixels"), Element("Pixels"))
    spacing = {axis: _number(pixels, f"PhysicalSize{axis.upper()}", LENGTHS, "µm") for axis in "zyx"}
    spacing["t"] = _number(pixels, "TimeIncrement", SECONDS, "s")
    notes = _notes(root, image)
    optics = json.loads(notes.get("optics", "{}")) | _optics(root, image)
    magnification = _number(_objective(root, image), "NominalMagnification")
    airy = 1.22 * magnification / optics["na"] if magnification and "na" in optics else None
    channels = tuple(_channel(channel, airy) for channel in _every(pixels, "Channel"))
    pinholes = json.loads(notes.get("pinholes", "null")) or [channel.pinhole for channel in channels]
    return Metadata(
        name=image.get("Name", ""),
        spacing={axis: step for axis, step in spacing.items() if step},
        channels=tuple(replace(channel, pinhole=pinhole) for channel, pinhole in zip(channels, pinholes, strict=False)),
        optics=optics,
        record=json.loads(notes.get("record", "{}")),
        axes=notes.get("axes", ""),
    )


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
    pixels = SubElement(described, "Pixels", ID="Pixels:0", DimensionOrder="XYZCT", Type=TYPES[dtype.name], BigEndian="false")
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
        raise ValueError(f"the record of the image cannot be stored: {error}; use texts, numbers, lists, dictionaries.") from error
    annotation = SubElement(SubElement(root, "StructuredAnnotations"), "MapAnnotation", ID="Annotation:0", Namespace=NAMESPACE)
    value = SubElement(annotation, "Value")
    axes = "".join(axis for axis in AXES if axis in image.axes)
    further = {name: float(number) for name, number in image.optics.items()}
    notes = {"axes": axes, "optics": json.dumps(further), "record": record}
    if any(channel.pinhole is not None for channel in image.channels):
        notes["pinholes"] = json.dumps([channel.pinhole for channel in image.channels])
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
    if channel.colour:
        rgba = int(channel.colour.lstrip("#") + "ff", 16)
        element.set("Color", str(rgba - (1 << 32) if rgba >> 31 else rgba))


def _channel(element: Element, airy: float | None) -> Channel:
    """A channel; the diameter of the first dark ring at the pinhole is `airy` times the emission wavelength, where that is known."""
    colour, emission = element.get("Color"), _number(element, "EmissionWavelength", LENGTHS, "nm")
    pinhole = _number(element, "PinholeSize", LENGTHS, "µm")
    return Channel(
        name=element.get("Name", ""),
        emission=emission,
        excitation=_number(element, "ExcitationWavelength", LENGTHS, "nm"),
        colour=None if colour is None else f"#{(int(colour) >> 8) & 0xFFFFFF:06x}",
        pinhole=float(f"{pinhole / (airy * emission):.6g}") if pinhole and airy and emission else None,
    )


def _settings(image: Element) -> Element:
    return next((found for word in ("ObjectiveSettings", "ObjectiveRef") for found in _every(image, word)), Element("None"))


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
    na = _number(objective, "LensNA")
    index = _number(_settings(image), "RefractiveIndex") or IMMERSIONS.get(objective.get("Immersion", ""))
    if na and index and na >= index:  # files that call an immersion lens "Air" exist: its aperture is the more reliable of the two
        index = None
    return {name: value for name, value in (("na", na), ("n_immersion", index)) if value}


def _notes(root: Element, image: Element) -> dict[str, str]:
    """Our own map annotation of the image, if it has one."""
    wanted = {reference.get("ID") for reference in _every(image, "AnnotationRef")}
    for annotation in _every(root, "MapAnnotation"):
        if annotation.get("Namespace") == NAMESPACE and annotation.get("ID") in wanted:
            return {entry.get("K", ""): entry.text or "" for entry in _every(annotation, "M")}
    return {}


def _number(element: Element, attribute: str, units: dict[str, float] | None = None, unit: str = "") -> Any:
    """A positive number in our units, or None if there is none or its unit is no length or time (a pixel, for instance)."""
    try:
        value = float(element.get(attribute, ""))
    except ValueError:
        return None
    factor = 1.0 if units is None else units.get(element.get(f"{attribute}Unit", unit), 0.0)
    converted = float(f"{value * factor:.12g}")
    return converted if math.isfinite(converted) and converted > 0 else None


def _every(element: Element, word: str) -> Iterator[Element]:
    """Every descendant of that name, in whichever version of the schema."""
    return (found for found in element.iter() if isinstance(found.tag, str) and found.tag.rpartition("}")[2] == word)
