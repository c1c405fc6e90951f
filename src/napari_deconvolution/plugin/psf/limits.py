"""What the optics resolve, and how finely that is to be sampled: told while the numbers change."""

from collections.abc import Callable

from qtpy.QtCore import QTimer

from ...recipes.psf_recipe import PsfRecipe
from ..ui.parts import FAILURE, HINT, Note

PAUSE = 150
"""Milliseconds without a change after which the sentence is renewed."""

COARSER = 1.005
"""Nyquist steps from which on a spacing counts as too coarse; less is a matter of rounding."""


class Limits(Note):
    """Resolution and Nyquist step of what a form shows; or what is wrong with it.

    Parameters
    ----------
    ask
        Returns what is shown, or raises a ValueError that is told.
    """

    def __init__(self, ask: Callable[[], PsfRecipe]) -> None:
        super().__init__()
        self.ask = ask
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(PAUSE)
        self.timer.timeout.connect(self.renew)
        self.setToolTip(
            "<p>Resolution: the finest period that the microscope transmits (Abbe). "
            "Nyquist: half of it, the coarsest spacing that keeps all of that.</p>"
        )

    def renew(self) -> None:
        """Tell of the values as they are now."""
        try:
            recipe = self.ask()
            sentence, amiss = limits(recipe), (*beyond_sample(recipe), *coarsely_sampled(recipe))
        except ValueError as error:
            self.say(str(error), FAILURE)
            return
        self.say(" ".join((sentence, *amiss)), HINT if amiss else "")


def limits(recipe: PsfRecipe) -> str:
    """Resolution and Nyquist step in words.

    >>> limits(PsfRecipe())
    'Resolution ≥ 188, z 561 nm; Nyquist 94, z 280 nm.'
    """
    axial, lateral = (1e3 * step for step in recipe.model.nyquist(recipe.microscope))
    if len(recipe.grid.shape) == 2:
        return f"Resolution ≥ {2 * lateral:.0f} nm; Nyquist {lateral:.0f} nm."
    return f"Resolution ≥ {2 * lateral:.0f}, z {2 * axial:.0f} nm; Nyquist {lateral:.0f}, z {axial:.0f} nm."


def beyond_sample(recipe: PsfRecipe) -> tuple[str, ...]:
    """A sentence if there are rays that do not travel in the sample.

    >>> beyond_sample(PsfRecipe().assign(na=1.4, n_sample=1.33))
    ('NA above 1.33 (sample): those rays are left out.',)
    """
    aperture, microscope = recipe.model.aperture(recipe.microscope), recipe.microscope
    if aperture < microscope.na:
        return (f"NA above {aperture:g} (sample): those rays are left out.",)
    evanescent = microscope.na > microscope.n_sample
    return (f"NA above {microscope.n_sample:g} (sample): those rays are evanescent there, and kept.",) if evanescent else ()


def coarsely_sampled(recipe: PsfRecipe) -> tuple[str, ...]:
    """A sentence if spacings are coarser than Nyquist.

    >>> coarsely_sampled(PsfRecipe().assign(spacing=(0.2, 0.13, 0.13)))
    ('Spacing y, x loses detail: 1.4 times Nyquist.',)
    """
    axial, lateral = recipe.model.nyquist(recipe.microscope)
    shape, steps = recipe.grid.shape, recipe.grid.spacing
    axes = zip("zyx"[-len(steps) :], shape, steps, (axial, lateral, lateral)[-len(steps) :], strict=True)
    over = {axis: step / limit for axis, n, step, limit in axes if n > 1 and step > COARSER * limit}
    if not over:
        return ()
    times = sorted({f"{ratio:.2g}" for ratio in over.values()}, key=float)
    return (f"Spacing {', '.join(over)} loses detail: {' and '.join(times)} times Nyquist.",)
