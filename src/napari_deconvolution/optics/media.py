"""Immersion and mounting media by name."""

import re

IMMERSIONS = {"air": 1.0, "water": 1.333, "silicone": 1.406, "glycerol": 1.47, "oil": 1.515}
"""Refractive indices of what objectives are used with, at room temperature."""

SPELLINGS = {
    "dry": "air",
    **dict.fromkeys(("w", "wi", "waterdipping", "dipping"), "water"),
    **dict.fromkeys(("sil", "silicon", "siliconeoil", "siliconoil"), "silicone"),
    **dict.fromkeys(("gly", "glyc", "glycerin", "glycerine"), "glycerol"),
    **dict.fromkeys(("oel", "öl", "oi"), "oil"),
}
"""What lenses and files call them."""

MOUNTINGS = {
    "water": 1.333,
    "PBS": 1.335,
    "culture medium": 1.337,
    "agarose 1 %": 1.334,
    "living cells": 1.37,
    "glycerol 50 %": 1.40,
    "SlowFade Diamond": 1.42,
    "glycerol 80 %": 1.45,
    "Vectashield": 1.45,
    "glycerol 90 %": 1.46,
    "glycerol": 1.47,
    "ProLong Gold": 1.47,
    "ProLong Diamond": 1.47,
    "CUBIC": 1.48,
    "Mowiol": 1.49,
    "TDE 97 %": 1.515,
    "immersion oil": 1.515,
    "ProLong Glass": 1.52,
    "SlowFade Glass": 1.52,
    "RapiClear 1.52": 1.52,
    "DPX": 1.52,
    "Canada balsam": 1.53,
}
"""Refractive indices of what specimens are mounted in, cured where they cure, to two or three digits.

As commonly published, at room temperature near 589 nm: a start. The data sheet of the batch decides on the last digit.
"""

NEAR = 0.012
"""Indices that differ by less are of the same immersion: oils differ as much."""


def immersion_of(text: str) -> str | None:
    """The immersion that a name stands for; None if it is not known.

    Parameters
    ----------
    text
        As lenses and files write it.

    Examples
    --------
    >>> immersion_of("Oil"), immersion_of("W"), immersion_of("Glyc."), immersion_of("honey")
    ('oil', 'water', 'glycerol', None)
    """
    name = _bare(text)
    name = SPELLINGS.get(name, name)
    return name if name in IMMERSIONS else None


def immersion_name(index: float) -> str:
    """The immersion of a refractive index in a word, or the index.

    >>> immersion_name(1.518), immersion_name(1.333), immersion_name(1.44)
    ('oil', 'water', 'n 1.44')
    """
    name, known = min(IMMERSIONS.items(), key=lambda item: abs(item[1] - index))
    return name if abs(known - index) < NEAR else f"n {index:g}"


def mounting_index(text: str) -> float | None:
    """The refractive index of a mounting medium or an immersion; None if its name is not known.

    >>> mounting_index("prolong gold"), mounting_index("Glycerol 80%"), mounting_index("jam")
    (1.47, 1.45, None)
    """
    known = {_bare(name): index for name, index in (IMMERSIONS | MOUNTINGS).items()}
    return known.get(_bare(text))


def _bare(text: str) -> str:
    """Letters and digits alone, small."""
    return re.sub(r"[\W_]", "", text.lower())
