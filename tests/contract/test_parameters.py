"""Declarations: checks, text, JSON, flat names."""

from dataclasses import dataclass

import pytest

from napari_deconvolution import ALGORITHMS, MODELS, PENALTIES, Camera, Deconvolution, Grid, Microscope
from napari_deconvolution.parameters import Parameter, Parameters, param


def declared(kind, name) -> Parameter:
    return next(p for p in kind.parameters() if p.name == name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("461nm", 0.461),
        ("461 nm", 0.461),
        ("0.461", 0.461),
        ("0.461 µm", 0.461),
        ("0.461um", 0.461),
        ("4.61e-4mm", 0.461),
        ("4610 Å", 0.461),
    ],
)
def test_lengths_take_a_unit(text, value):
    assert declared(Microscope, "wavelength").parse(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "why"), [("blue", "must be a number"), ("461 s", "its unit is µm, not s"), ("", "must be a number")]
)
def test_other_texts_are_refused(text, why):
    with pytest.raises(ValueError, match=why):
        declared(Microscope, "wavelength").parse(text)


def test_nanometres_typed_as_micrometres_are_asked_back():
    with pytest.raises(ValueError, match=r"wavelength = 461.*Did you mean nm\?"):
        Microscope(wavelength=461)


def test_values_become_their_declared_type():
    microscope = Microscope(na=1)
    assert isinstance(microscope.na, float)
    assert Grid(shape=[3, 5, 5], spacing=[1, 1, 1]).spacing == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="na = True"):
        Microscope(na=True)
    with pytest.raises(ValueError, match="na = nan: must be finite"):
        Microscope(na=float("nan"))


def test_optional_choice_and_truth():
    @dataclass(frozen=True)
    class Some(Parameters):
        limit: float | None = param(None, "Limit", low=0)
        exact: bool = param(False, "Exact")

    limit, exact = Some.parameters()
    assert limit.optional
    assert limit.parse("none") is None
    assert limit.parse("3") == 3.0
    assert exact.parse("yes") is True
    with pytest.raises(ValueError, match="must be yes or no"):
        exact.parse("perhaps")
    assert Some().limit is None


@pytest.mark.parametrize("registry", [ALGORITHMS, MODELS, PENALTIES], ids=lambda registry: registry.what)
def test_registries_find_names_and_suggest_them(registry):
    for name in registry:
        assert name in registry
        assert name == name.lower()
        assert "_" not in name
        assert type(registry[name]).of({"name": registry[name].name}) is not None
    some = next(iter(registry))
    with pytest.raises(ValueError, match=f"did you mean.*{some}"):
        registry[some + "x"]


@pytest.mark.parametrize(
    "kind",
    [
        Microscope,
        Grid,
        Camera,
        Deconvolution,
        *map(type, [*ALGORITHMS.values(), *MODELS.values(), *PENALTIES.values()]),
    ],
)
def test_every_parameter_is_described_and_bounded(kind):
    for parameter in kind.parameters():
        assert len(parameter.description) > 5, parameter.name
        assert parameter.description[0].isupper(), parameter.name
        assert not parameter.description.endswith("."), parameter.name
        assert parameter.check(parameter.default) == parameter.default


def test_flat_names_are_those_that_assign_takes():
    job = Deconvolution()
    for name, (_, value) in job.flat().items():
        assert job.assign(**{name: value}) == job, name
