"""Optics by name: the objective as printed on it, the dye, what the specimen lies in."""

from collections.abc import Callable, Iterable

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCompleter, QLineEdit, QWidget

from ...optics.dyes import DYES, emission_peak
from ...optics.lens import Lens
from ...optics.media import IMMERSIONS, MOUNTINGS, mounting_index
from ..ui.parts import add_row, rows


class NamedOptics(QWidget):
    """Three rows that fill in numbers: a name is easier to know than a refractive index."""

    named = Signal(dict)
    """Values by the names of `Microscope`."""
    refused = Signal(str, str)
    """What is wrong, and with which of the `fields`."""

    def __init__(self) -> None:
        super().__init__()
        self.lens: Lens | None = None
        """What was typed last as the objective."""
        lens = _line("as printed: 63x/1.4 oil", "Sets numerical aperture and immersion.")
        dye = _line("GFP, Alexa 647 …", "Sets the emission wavelength to the peak of the dye.", DYES)
        media = sorted({*IMMERSIONS, *MOUNTINGS}, key=str.lower)
        medium = _line("water, ProLong Gold …", "Sets the refractive index of the sample.", media)
        self.fields = {"objective": lens, "dye": dye, "medium": medium}
        lines = rows(self)
        for label, name, values in (
            ("Objective", "objective", self._objective),
            ("Dye", "dye", _wavelength),
            ("Mounted in", "medium", _index),
        ):
            add_row(lines, label, self.fields[name])
            self.fields[name].editingFinished.connect(lambda name=name, values=values: self._take(name, values))

    def _take(self, name: str, values: Callable[[str], dict[str, float]]) -> None:
        field = self.fields[name]
        if not field.isModified() or not field.text().strip():
            return  # left as it was
        field.setModified(False)
        try:
            self.named.emit(values(field.text()))
        except ValueError as error:
            self.refused.emit(str(error), name)

    def _objective(self, text: str) -> dict[str, float]:
        self.lens = Lens.read(text)
        return self.lens.optics


def _wavelength(text: str) -> dict[str, float]:
    peak = emission_peak(text)
    if peak is None:
        raise ValueError(f"dye {text!r}: its name is not known; type its emission wavelength in nm below.")
    return {"wavelength": peak}


def _index(text: str) -> dict[str, float]:
    index = mounting_index(text)
    if index is None:
        raise ValueError(f"medium {text!r}: its name is not known; type the refractive index of the sample below.")
    return {"n_sample": index}


def _line(example: str, about: str, known: Iterable[str] = ()) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(example)
    line.setToolTip(f"<p>{about}</p>")
    names = QCompleter(list(known), line)
    names.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    names.setFilterMode(Qt.MatchFlag.MatchContains)
    line.setCompleter(names)
    return line
