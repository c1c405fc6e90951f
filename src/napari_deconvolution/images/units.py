"""Lengths and times in every spelling that files and layers use."""

from ..parameters import LENGTHS

PREFIXES = {
    "y": ("yocto", -24), "z": ("zepto", -21), "a": ("atto", -18), "f": ("femto", -15), "p": ("pico", -12),
    "n": ("nano", -9), "u": ("micro", -6), "m": ("milli", -3), "c": ("centi", -2), "d": ("deci", -1), "": ("", 0),
    "da": ("deca", 1), "h": ("hecto", 2), "k": ("kilo", 3), "M": ("mega", 6), "G": ("giga", 9), "T": ("tera", 12),
}  # fmt: skip
"""Names and powers of ten of the prefixes of the SI, by their symbols."""

SYMBOLS = {f"{symbol}m": power + 6 for symbol, (_, power) in PREFIXES.items()}
WORDS = {prefix + word: power + 6 for prefix, power in PREFIXES.values() for word in ("meter", "metre")}
OTHERS = {"micron": 0, "å": -4, "angstrom": -4, "ångström": -4, "ångstrom": -4}

TIMES = {"": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0}
TIMES |= {"hour": 3600.0, "d": 86400.0, "day": 86400.0}
TIMES |= {short + word: 10.0**power for short, (_, power) in PREFIXES.items() if power < 0 for word in ("s", "sec")}
TIMES |= {prefix + "second": 10.0**power for prefix, power in PREFIXES.values()}
del TIMES["ds"], TIMES["as"]  # plurals of a day, and no unit that a camera has


def micrometres(unit: str) -> float:
    r"""Micrometres in a unit of length; 0 if it is none, as a pixel, or a printer's, as an inch.

    >>> [micrometres(unit) for unit in ("nm", "Microns", "\\u00B5m", "millimetres", "Å", "pixel", "inch")]
    [0.001, 1.0, 1.0, 1000.0, 0.0001, 0.0, 0.0]
    """
    text = _plain(unit)
    if text in LENGTHS:
        return LENGTHS[text]
    if text in SYMBOLS:
        return _power(SYMBOLS[text])
    word = text.lower()
    word = word if word in WORDS or word in OTHERS else word.removesuffix("s")
    power = {**WORDS, **OTHERS, "um": 0, "nm": -3}.get(word)
    return 0.0 if power is None else _power(power)


def seconds(unit: str) -> float:
    """Seconds in a unit of time; 0 if it is none, and 1 where none is told.

    >>> seconds("ms"), seconds("Minutes"), seconds("µs"), seconds("frame")
    (0.001, 60.0, 1e-06, 0.0)
    """
    text = _plain(unit).lower()
    return TIMES.get(text, TIMES.get(text.removesuffix("s"), 0.0))


def _plain(unit: str) -> str:
    """Without escapes, dots and blanks, and with one letter for micro."""
    if "\\u" in unit:
        unit = unit.encode("ascii", "backslashreplace").decode("unicode_escape", "replace")
    return unit.strip().strip("\0").rstrip(".").replace("µ", "u").replace("μ", "u").replace("Â", "")


def _power(exponent: int) -> float:
    return float(f"1e{exponent}")
