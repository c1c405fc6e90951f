"""What the optics resolve, and how finely that must be sampled, updated as the values change."""

from collections.abc import Callable

from ...optics.psf import coarse_axes
from ...recipes.psf_recipe import PsfRecipe
from ..ui.debounce import Debounce
from ..ui.parts import FAILURE, HINT, Note

MOMENT = 150
"""Milliseconds without a change after which the sentence is renewed."""


class Limits(Note):
    """Resolution and Nyquist step for the values of a form; or what is wrong with them.

    Parameters
    ----------
    ask
        Returns what is shown, or raises a ValueError, whose message is then shown.
    """

    def __init__(self, ask: Callable[[], PsfRecipe]) -> None:
        super().__init__()
        self.ask = ask
        self.debounce = Debounce(self.renew, MOMENT)
        self.setToolTip(
            "<p>Resolution: the finest period that the microscope transmits (Abbe). "
            "Nyquist: half of it, the coarsest voxel size that retains it.</p>"
        )

    def renew(self) -> None:
        """Show them for the present values."""
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
    """A sentence if some rays do not travel in the sample.

    >>> beyond_sample(PsfRecipe().assign(na=1.4, n_sample=1.33))
    ('NA above 1.33 (sample): those rays are excluded.',)
    """
    aperture, microscope = recipe.model.aperture(recipe.microscope), recipe.microscope
    if aperture < microscope.na:
        return (f"NA above {aperture:g} (sample): those rays are excluded.",)
    evanescent = microscope.na > microscope.n_sample
    return (
        (f"NA above {microscope.n_sample:g} (sample): those rays are evanescent there, and included.",)
        if evanescent
        else ()
    )


def coarsely_sampled(recipe: PsfRecipe) -> tuple[str, ...]:
    """A sentence if the voxel size is coarser than Nyquist.

    >>> coarsely_sampled(PsfRecipe().assign(spacing=(0.2, 0.13, 0.13)))
    ('Voxel size along y, x loses detail: 1.4 times Nyquist.',)
    """
    steps = dict(zip("zyx"[-len(recipe.grid.spacing) :], recipe.grid.spacing, strict=True))
    limits = coarse_axes(recipe.model, recipe.microscope, recipe.grid)
    if not limits:
        return ()
    times = sorted({f"{steps[axis] / limit:.2g}" for axis, limit in limits.items()}, key=float)
    return (f"Voxel size along {', '.join(limits)} loses detail: {' and '.join(times)} times Nyquist.",)
