"""The microscope in one line, and what it opens: the PSF, from the optics or from a layer."""

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from ...optics.lens import Lens
from ...optics.media import immersion_name
from ...optics.microscope import Microscope
from ...optics.psf import Model
from ...parameters import in_words
from ...recipes.known_optics import NEEDED, model_of
from ...recipes.recipe import Recipe
from ..layers.layer_source import Source
from ..ui.form import EDITED, Form
from ..ui.microscope_buttons import MicroscopeButtons
from ..ui.parts import FAILURE, HINT, column
from ..ui.section import Section
from .image_panel import FILE, LAYER
from .named_optics import NamedOptics
from .psf_panel import PsfPanel

DEFAULT, PROFILE, EARLIER = "default", "profile", "earlier layer"
"""Where values come from, if not from the layer or its file; the form itself marks what was edited."""

FROM = {
    EARLIER: "of an earlier layer: open to check",
    DEFAULT: "assumed: open to enter yours",
    LAYER: "from the layer",
    FILE: "from the file",
    PROFILE: "from the profile",
    EDITED: "entered",
}
"""The same in the line about the microscope; what has to be looked at comes first."""

DOUBTFUL = (DEFAULT, EARLIER)

OPTICS = ("model", "microscope")
EXCITATION = "model.excitation"

MICROSCOPE = [parameter.name for parameter in Microscope.parameters()]


class MicroscopePanel(QWidget):
    """One line; opened, the forms of the microscope and of the PSF model, or the PSF layer and how it is used.

    Parameters
    ----------
    viewer
        Its layers are offered as PSFs.
    ask
        Returns the recipe, to save its microscope.
    """

    changed = Signal()
    refused = Signal(str, str)
    """What is wrong, and with which field."""

    def __init__(self, viewer: Any, ask: Callable[[], Recipe]) -> None:
        super().__init__()
        recipe = Recipe()
        self.psfs, self.names, self.buttons = PsfPanel(viewer), NamedOptics(), MicroscopeButtons(ask)
        self.microscope, self.measured = Form(recipe, OPTICS, origin=DEFAULT), Form(recipe, ("measured",))
        self.forms = (self.microscope, self.measured)
        self.computed, content = QWidget(), QWidget()
        column(self.computed, self.names, self.microscope, self.buttons)
        column(content, self.psfs, self.computed, self.measured)
        self.fold = Section("", content)
        column(self, self.fold)
        self.source: Source | None = None
        self.microscope.changed.connect(self._fill_excitation)
        self.psfs.changed.connect(self._touch)
        self.names.named.connect(self._take_named)
        self.names.refused.connect(self.refused)
        for form in self.forms:
            form.changed.connect(self._touch)
        self._touch()

    def take_profile(self, values: dict[str, Any]) -> None:
        """Show a microscope, and its PSF model, by the names that `Recipe.assign` takes."""
        known: Recipe = Recipe().assign(**values)
        self.microscope.value = known if "model" in values else known.replace(model=self.microscope.values["model"])
        self._mark({**dict.fromkeys(MICROSCOPE, DEFAULT), **dict.fromkeys(values, PROFILE)})
        self._touch()

    def take_optics(self, known: Mapping[str, float], origin: str) -> None:
        """Fill in the optics stated in the layer or its file; what another layer stated is marked as such."""
        stale = [name for name, at in self.microscope.origins.items() if at in (LAYER, FILE)]
        self._mark(dict.fromkeys(stale, EARLIER))
        try:
            self.microscope.value = self.microscope.value.assign(**known)
        except ValueError:
            return
        self._mark(dict.fromkeys(known, origin))

    def take_source(self, source: Source | None) -> None:
        """Take the model for the way in which a layer was taken, and its excitation; unless they have been chosen."""
        self.source = source
        if source is None:
            return
        if self._is_open("model") and (model := model_of(source.modality)):
            shown: Recipe = self.microscope.value
            if shown.model.name != model:
                self.microscope.value = shown.assign(model=model)
            self.microscope.mark({"model": LAYER})
        self._fill_excitation()
        self._describe()

    def _take_named(self, values: dict[str, float]) -> None:
        """Fill in what a name stands for, as if its numbers had been typed."""
        try:
            self.microscope.value = self.microscope.value.assign(**values)
        except ValueError as error:
            self.refused.emit(str(error), next(iter(values)))
            return
        self._mark(dict.fromkeys(values, EDITED))

    def call_earlier(self) -> None:
        """The optics shown are those of an earlier result."""
        self._mark(dict.fromkeys(MICROSCOPE, EARLIER))

    def _mark(self, origins: Mapping[str, str]) -> None:
        self.microscope.mark(origins)
        self._describe()

    def _is_open(self, name: str) -> bool:
        """Nobody has chosen it."""
        return self.microscope.origins.get(name) in (DEFAULT, LAYER, EARLIER)

    def _fill_excitation(self) -> None:
        """Show the excitation stated in the layer, in a model that has one."""
        channel = None if self.source is None else self.source.channel
        if self._is_open(EXCITATION) and channel is not None and channel.excitation is not None:
            shown: Recipe = self.microscope.value
            self.microscope.value = shown.excited(channel)
            self.microscope.mark({EXCITATION: LAYER})

    def _touch(self) -> None:
        computed = not self.psfs.layers
        self.computed.setVisible(computed)
        self.measured.setVisible(not computed)
        self._describe()
        self.changed.emit()

    def _describe(self) -> None:
        if self.psfs.layers:
            names = ", ".join(layer.name if layer else "none chosen" for layer in self.psfs.layers)
            self.fold.say(f"PSF of the layer {names}", HINT if None in self.psfs.layers else "")
            return
        try:
            model, microscope = self.microscope.values["model"], self.microscope.values["microscope"]
        except ValueError as error:
            self.fold.say(str(error), FAILURE)
            return
        origins = {self.microscope.origins[name] for name in NEEDED}
        self.fold.say(in_a_line(model, microscope, origins, self.names.lens), HINT if origins & set(DOUBTFUL) else "")


def in_a_line(model: Model, microscope: Microscope, origins: set[str], lens: Lens | None = None) -> str:
    """What matters most of a microscope, and where it comes from.

    Parameters
    ----------
    model, microscope
        Its PSF model and its optics.
    origins
        Where numerical aperture, wavelength and immersion come from.
    lens
        What was typed as its objective; its magnification is shown as long as its aperture holds.

    Examples
    --------
    >>> from napari_deconvolution import MODELS
    >>> in_a_line(MODELS["born-wolf"], Microscope(na=1.4), {FILE})
    'Widefield · NA 1.4 oil · 525 nm · from the file'
    >>> in_a_line(MODELS["confocal"], Microscope(na=1.2, n_immersion=1.333), {FILE, DEFAULT})
    'Confocal · NA 1.2 water · 525 nm · partly assumed: open to enter yours'
    >>> in_a_line(MODELS["born-wolf"], Microscope(na=1.4), {EDITED}, Lens.read("63x/1.4 oil"))
    'Widefield · 63x/1.4 oil · 525 nm · entered'
    """
    modality = in_words(model_of(model.name) or "widefield")
    known = [name for name in FROM if name in origins]
    sources = " and ".join(FROM[name] for name in known)
    if known[0] in DOUBTFUL:
        sources = f"{'partly ' if len(known) > 1 else ''}{FROM[known[0]]}"
    enlarged = lens.magnification if lens is not None and lens.na == microscope.na else None
    objective = f"{f'{enlarged:g}x/' if enlarged else 'NA '}{microscope.na:g} {immersion_name(microscope.n_immersion)}"
    return " · ".join((modality, objective, f"{1000 * microscope.wavelength:.4g} nm", sources))
