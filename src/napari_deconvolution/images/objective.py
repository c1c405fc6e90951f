"""What a file tells of its objective."""

MEDIA = {"air": 1.0, "water": 1.333, "waterdipping": 1.333, "glyc": 1.47, "glycerol": 1.47, "glycerin": 1.47}
MEDIA |= {"oil": 1.515, "silicone": 1.406, "siliconeoil": 1.406, "silicon": 1.406, "dry": 1.0, "w": 1.333, "imm": 1.518}
"""Refractive indices at room temperature by the names that files give to media."""


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
    index = index or MEDIA.get("".join(letter for letter in (medium or "").lower() if letter.isalpha()))
    if na and index and na >= index:  # files that call an immersion lens "Air" exist: its aperture is more reliable
        index = None
    return {name: float(f"{value:.9g}") for name, value in (("na", na), ("n_immersion", index)) if value and value > 0}
