"""Options are the declared parameters: every one, for every alternative, and back."""

import json

import pytest

from napari_deconvolution import ALGORITHMS, MODELS
from napari_deconvolution.algorithms.stopping.base import STOPS
from napari_deconvolution.cli import main
from napari_deconvolution.cli.blur import Simulation
from napari_deconvolution.cli.options import CommandLine
from napari_deconvolution.options import as_text, from_text, options_of
from napari_deconvolution.recipes.psf_recipe import PsfRecipe
from napari_deconvolution.recipes.recipe import Recipe

PARTS = {
    (part.name, choice): ["--algorithm", name, f"--{part.name}", choice]
    for name, algorithm in ALGORITHMS.items()
    for part in algorithm.parameters()
    if part.group is not None and part.group.registry is not None
    for choice in part.group.registry
}
"""Every penalty, acceleration and so on, with one algorithm that has it."""

CHOICES = [
    *(["--algorithm", name] for name in ALGORITHMS),
    *PARTS.values(),
    *(["--model", name] for name in MODELS),
    *(["--stop", name] for name in STOPS),
]


def read(argv, settings):
    chosen, values, _ = CommandLine("test", "", "").read(argv, settings)
    return chosen.assign(**values)


def other(parameter, value):
    """A value that is allowed and not the default."""
    if isinstance(value, tuple):
        kinds = {tuple[str, ...]: ("a.tif", "b.tif"), tuple[int, ...]: (4, 2)}
        return tuple(other(parameter, item) for item in value) or kinds.get(parameter.type, (0.25, 0.5))
    if isinstance(value, bool):
        return not value
    if parameter.choices:
        return next(choice for choice in parameter.choices if choice != value)
    if isinstance(value, int):
        return value + 2 if parameter.high is None or value + 2 <= parameter.high else value - 1
    low, high = parameter.low, parameter.high
    if value is None and parameter.type in (int, str):
        return parameter.type(7)
    if value is None:
        return 1.625 if low is None or high is None else (low + high) / 2
    grown = value * 1.0078125 or 0.125
    return grown if high is None or grown <= high else value * 0.9


def typed(value):
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("choice", CHOICES, ids=" ".join)
@pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
def test_every_option_sets_its_parameter_and_nothing_else(choice, full):
    settings = read(choice, Recipe())
    expected, argv = settings.to_dict(), list(choice)
    for option in options_of(settings):
        if option.parameter.group is not None or option.name == "snr":  # which may not be given beside the gain
            continue
        value = other(option.parameter, option.value)
        assert value != option.value
        *groups, name = option.strings[-1].removeprefix("--").replace("-", "_").split(".")
        inner = expected
        for group in groups:
            inner = inner[group]
        assert name in inner
        inner[name] = value
        argv += [option.strings[-1 if full else 0], *map(typed, value if isinstance(value, tuple) else [value])]
    again = read(argv, Recipe())
    assert again == Recipe.of(json.loads(json.dumps(expected)))
    assert again != settings


@pytest.mark.parametrize(
    "settings", [Recipe(), PsfRecipe(), Simulation()], ids=lambda settings: type(settings).__name__
)
def test_options_are_all_parameters_and_their_defaults_read_back(settings):
    options = options_of(settings)
    assert set(settings.flat()) <= {option.name for option in options}
    strings = [string for option in options for string in option.strings]
    assert len(strings) == len(set(strings))
    assert not [string for string in strings if "_" in string]
    for option in options:
        if option.parameter.group is None:
            text = as_text(option.parameter, option.value)
            typed = text.replace("none", "").split() if isinstance(option.value, tuple) else text
            assert from_text(option.parameter, typed) == pytest.approx(option.value), option.name


def test_a_field_whose_name_is_taken_keeps_the_name_of_its_group():
    settings = Recipe().assign(algorithm="tikhonov", stop="relative-change")
    assert {"--tolerance", "--stop.tolerance"} <= {
        string for option in options_of(settings) for string in option.strings
    }
    nested = read("--algorithm richardson-lucy --penalty total-variation --penalty.weight 0.1".split(), Recipe())
    assert "--weight" not in {string for option in options_of(nested) for string in option.strings}
    assert nested.algorithm.penalty.weight == 0.1


def test_lengths_take_a_unit():
    made = read(["--wavelength", "461nm", "--spacing", "300nm", "0.13", "130nm"], PsfRecipe())
    assert made.microscope.wavelength == pytest.approx(0.461)
    assert made.grid.spacing == pytest.approx((0.3, 0.13, 0.13))


@pytest.mark.parametrize("choice", CHOICES, ids=" ".join)
def test_help_shows_the_options_of_what_is_chosen_and_no_others(choice, capsys):
    assert main(["deconvolve", *choice, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    options = options_of(read(choice, Recipe()))
    for option in options:
        assert f"{option.strings[0]} " in said
        assert option.parameter.description in said
    shown = {option.strings[0] for option in options}
    for name in ("--noise", "--weight", "--t-coverslip", "--penalty.weight", "--tolerance"):
        assert (f"{name} " in said) == (name in shown)
    for name in (*ALGORITHMS, *MODELS, *STOPS):
        assert f" {name}" in said


def test_help_shows_advanced_options_last(capsys):
    assert main(["deconvolve", "--model", "confocal", "--help"]) == 0
    said = capsys.readouterr().out
    assert said.index("--iterations N") < said.index("--seconds X")
    model = said[said.index("model confocal") :]
    assert model.index("--pinhole X") < model.index("--accuracy X")


def test_help_promises_no_default_for_what_the_file_or_the_user_must_tell(capsys):
    assert main(["deconvolve", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for option in ("--na X", "--wavelength X", "--n-immersion X"):
        assert "default: that of the file; needed where the file has none" in said[said.index(option) :][:260]
