"""What people read of parameters: labels, descriptions and choices are words of the field, never identifiers."""

import importlib
import inspect
import pkgutil
import re

import pytest

import napari_deconvolution
from napari_deconvolution.parameters import Parameter, Parameters, param
from napari_deconvolution.registry import Registry

OLD_WORDS = re.compile(r"\b(updates?|told|tells?|beside|foretold|mends?|says?)\b")
"""Words that the project does not use for iterations, estimates, places and fixes."""


def classes() -> list[type[Parameters]]:
    """Every class that declares parameters, wherever it is; those of tests are not among them."""
    for module in pkgutil.walk_packages(napari_deconvolution.__path__, "napari_deconvolution."):
        if ".plugin" not in module.name:
            importlib.import_module(module.name)
    found, new = [], [Parameters]
    while new:
        new = [cls for parent in new for cls in parent.__subclasses__() if cls not in found]
        found += new
    return [cls for cls in dict.fromkeys(found) if cls.__module__.startswith("napari_deconvolution.")]


CLASSES = classes()
DECLARED = {
    f"{cls.__name__}.{parameter.name}": parameter
    for cls in CLASSES
    for parameter in cls.parameters()
    if parameter.name in inspect.get_annotations(cls)
}
REGISTRIES = {cls.registry.what: cls.registry for cls in CLASSES if cls.registry is not None}


def is_identifier(label: str, name: str) -> bool:
    """A name of the program, or the name of the field where that is no word."""
    if "_" in label or re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", label):
        return True
    parts = name.split("_")
    unread = [part for part in parts if len(part) < 3 or not re.search("[aeiouy]", part)]
    return label.lower() == " ".join(parts) and any(part.upper() not in label.split() for part in unread)


def complaints(parameter: Parameter) -> list[str]:
    """What is wrong with what people read of a parameter."""
    about, label = parameter.description, parameter.label
    labels = [parameter.label_of(choice) for choice in parameter.choices]
    found = {
        "no label": not label,
        f"an identifier as label: {label}": is_identifier(label, parameter.name),
        f"not a label: {label}": not re.match(r"[A-ZΑ-Ω]", label) or label.endswith("."),
        f"too long for a label: {label}": len(label) > 40,
        f"an identifier in the description: {about}": re.search(r"\w_\w", about) is not None,
        f"not a description: {about}": len(about.split()) < 2 or not about[0].isupper() or about.endswith("."),
        f"not our words: {about}": OLD_WORDS.search(about) is not None,
        f"identifiers as choices: {labels}": any(
            is_identifier(text, "") or text in parameter.choices for text in labels
        ),
        f"labels of no choice: {parameter.labels}": not set(parameter.labels) <= set(parameter.choices),
    }
    return [words for words, wrong in found.items() if wrong]


@pytest.mark.parametrize("name", DECLARED)
def test_what_people_read_of_a_parameter(name):
    assert complaints(DECLARED[name]) == []


def test_every_registry_is_looked_at():
    assert {"algorithm", "PSF model", "penalty", "acceleration", "specimen", "stop criterion"} <= REGISTRIES.keys()
    assert len(DECLARED) > 130


@pytest.mark.parametrize("registry", REGISTRIES.values(), ids=REGISTRIES)
def test_members_of_registries_have_labels(registry: Registry):
    labels = [registry.label_of(name) for name in registry]
    assert len(set(labels)) == len(labels)
    for name, label in zip(registry, labels, strict=True):
        assert not is_identifier(label, ""), name
        assert label != name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("n_sample", "n_sample"),
        ("n sample", "n_sample"),
        ("richardson-lucy", ""),
        ("Na", "na"),
        ("Snr", "snr"),
        ("offset", "offset"),
    ],
)
def test_identifiers_are_seen(label, name):
    assert is_identifier(label, name)


def test_a_parameter_without_a_label_is_found():
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Bare(Parameters):
        n_sample: float = param(1.3, "Refractive index of sample")

    assert complaints(Bare.parameters()[0])[0] == "no label"
