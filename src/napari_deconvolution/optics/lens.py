"""What is printed on an objective."""

import re
from dataclasses import dataclass

from .media import IMMERSIONS, immersion_of

DRIEST = 0.96
"""The largest aperture of usual dry lenses, which often bear no word for their immersion."""

OILY = 1.34
"""A larger aperture is that of an oil lens, where no word says otherwise: water and silicone do not reach it."""


@dataclass(frozen=True)
class Lens:
    """An objective as far as its text tells.

    >>> Lens.read("Plan-Apo 100x/1.45 oil")
    Lens(na=1.45, magnification=100.0, immersion='oil')
    """

    na: float
    """Numerical aperture."""
    magnification: float | None = None
    immersion: str | None = None
    """A name in `IMMERSIONS`; None if it is neither told nor follows from the aperture."""

    @classmethod
    def read(cls, text: str) -> "Lens":
        """Read what is printed on an objective, in the makers' usual orders.

        Parameters
        ----------
        text
            With the numerical aperture as a decimal number, for instance "63x/1.4 Oil", "60XW/1.20" or "40x NA 0.95".
            Of a range, as of a lens with an iris, the first number holds.

        Raises
        ------
        ValueError
            If there is no numerical aperture in it; the message says how it is written.

        Examples
        --------
        >>> Lens.read("C-Apochromat 63x/1,20 W Korr UV-VIS-IR")
        Lens(na=1.2, magnification=63.0, immersion='water')
        >>> Lens.read("HCX PL APO 63x/1.40-0.60 OIL").na, Lens.read("20x/0.8 ∞/0.17").immersion
        (1.4, 'air')
        """
        plain = re.sub(r"(\d),(\d)", r"\1.\2", text)
        plain = re.sub(r"(∞|inf\w*)\s*/\s*[\d.]+(\s*-\s*[\d.]+)?", " ", plain, flags=re.IGNORECASE)  # tube, coverslip
        enlarged = re.search(r"(\d+(?:\.\d+)?)\s*[x×]", plain, re.IGNORECASE)
        rest = plain if enlarged is None else plain[: enlarged.start()] + " " + plain[enlarged.end() :]
        named = re.search(r"NA\s*[=:]?\s*([01]?\.\d+)", rest, re.IGNORECASE)
        numbers = [named[1]] if named else re.findall(r"(?<![\d.])[01]?\.\d+(?![\d.])", rest)
        found = next((float(number) for number in numbers if 0.02 <= float(number) <= 1.7), None)
        if found is None:
            raise ValueError(
                f"objective {text!r}: it has no numerical aperture; write it as on the lens, for instance 63x/1.4 oil."
            )
        words = (immersion_of(word) for word in re.findall(r"[^\W\d_]+", rest))
        medium = next((word for word in words if word), None)
        usual = "air" if found < DRIEST else "oil" if found > OILY else None
        return cls(found, float(enlarged[1]) if enlarged else None, medium or usual)

    @property
    def optics(self) -> dict[str, float]:
        """What it tells, by the names of `Microscope`.

        >>> Lens.read("25x/0.95 W").optics
        {'na': 0.95, 'n_immersion': 1.333}
        """
        return {"na": self.na} | ({} if self.immersion is None else {"n_immersion": IMMERSIONS[self.immersion]})
