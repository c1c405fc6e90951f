"""What a file tells of its objective."""

from ..optics.media import IMMERSIONS, immersion_of

ANY = 1.518
"""Refractive index for lenses of several media, which files call "Imm": that of the oil they are mostly used with."""


def objective_optics(na: float | None, index: float | None, medium: str | None) -> dict[str, float]:
    """Numerical aperture and refractive index of the immersion, as far as they are told and can be.

    Parameters
    ----------
    na, index
        Numerical aperture and refractive index of the immersion, if they are told.
    medium
        The name of the immersion, which counts where no index is told.

    Examples
    --------
    >>> objective_optics(1.3, None, "Glycerol"), objective_optics(1.4, 1.0, "")
    ({'na': 1.3, 'n_immersion': 1.47}, {'na': 1.4})
    """
    index = index or _index_of(medium or "")
    if na and index and na >= index:  # files that call an immersion lens "Air" exist: its aperture is more reliable
        index = None
    return {name: float(f"{value:.9g}") for name, value in (("na", na), ("n_immersion", index)) if value and value > 0}


def _index_of(medium: str) -> float | None:
    name = immersion_of(medium)
    return IMMERSIONS[name] if name else ANY if medium.strip(" .").lower() == "imm" else None
