"""Lengths and times in the spellings of files."""

import pytest

from napari_deconvolution.images.units import PREFIXES, micrometres, seconds


@pytest.mark.parametrize("spelling", ["um", "µm", "μm", "\\u00B5m", "Âµm", "Microns", " um.", "um\0", "micrometre"])
def test_a_micrometre_in_every_spelling(spelling):
    assert micrometres(spelling) == 1


@pytest.mark.parametrize(("symbol", "name", "power"), [(symbol, *rest) for symbol, rest in PREFIXES.items()])
def test_every_prefix_of_the_si(symbol, name, power):
    expected = 10.0 ** (power + 6)
    for spelling in (f"{symbol}m", f"{name}meter", f"{name.title()}metres"):
        assert micrometres(spelling) == pytest.approx(expected, rel=1e-12), spelling
    assert seconds(f"{name}seconds") == pytest.approx(10.0**power, rel=1e-12)


def test_capitals_of_symbols_count():
    assert (micrometres("mm"), micrometres("Mm")) == (1e3, 1e12)


@pytest.mark.parametrize("unit", ["", "pixel", "px", "inch", "in", "s", "reference frame"])
def test_what_is_no_length_is_zero(unit):
    assert micrometres(unit) == 0


def test_times():
    spellings = ["", "s", "sec", "Seconds", "ms", "msec", "µs", "ns", "min", "minutes", "h", "hrs", "d", "days"]
    assert [seconds(each) for each in spellings] == pytest.approx(
        [1, 1, 1, 1, 1e-3, 1e-3, 1e-6, 1e-9, 60, 60, 3600, 3600, 86400, 86400]
    )
    assert [seconds(each) for each in ("frame", "pixel", "m")] == [0, 0, 0]
