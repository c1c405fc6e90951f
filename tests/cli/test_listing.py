"""The list command names everything there is, once."""

import contextlib
import io
import re

from napari_deconvolution import ALGORITHMS, MODELS, PENALTIES
from napari_deconvolution.algorithms.stopping.base import STOPS
from napari_deconvolution.cli import main
from napari_deconvolution.cli.listing import usual_stops
from napari_deconvolution.optics.psf import Model


def test_list_names_all_there_is(command):
    code, said, _ = command("list")
    assert code == 0
    for registry in (ALGORITHMS, MODELS, PENALTIES, STOPS):
        for name, member in registry.items():
            assert re.search(rf"^  {name}: ", said, re.MULTILINE)
            for parameter in member.parameters():
                assert parameter.description.split(":")[0][:40] in " ".join(said.split())


def test_list_tells_what_an_alias_stands_for(command, monkeypatch):
    monkeypatch.setitem(ALGORITHMS._members, "gentle", ALGORITHMS["tikhonov"].replace(weight=0.5))
    monkeypatch.setattr(ALGORITHMS, "aliases", {"gentle"})
    assert "  gentle: alias of --algorithm tikhonov --weight 0.5\n" in command("list")[1]


def test_options_that_all_models_share_are_listed_once(command):
    said = command("list")[1]
    models = said[: said.index("Algorithms (")]
    for parameter in Model.parameters():
        assert len(re.findall(rf"^ +--{parameter.name.replace('_', '-')}:", models, re.MULTILINE)) == 1
    assert "--detection.accuracy" not in models


def test_the_usual_stops_are_those_of_the_algorithms():
    said = usual_stops()
    for name, algorithm in ALGORITHMS.items():
        if algorithm.usual_stop != "none" and name not in ALGORITHMS.aliases:
            assert re.search(rf"{algorithm.usual_stop} for [^;]*\b{name}\b", said)
    assert said.endswith("none for all others")
    assert said in " ".join(command_text().split())


def command_text():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main(["list"])
    return out.getvalue()
