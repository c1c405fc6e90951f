"""Measure the PSF of a microscope with beads."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..psf_measures import fwhm
from .average import average_beads
from .bead import FoundBeads
from .find import checked_stack, find_beads
from .neighbours import Crowd
from .register import centred
from .settings import BeadSettings
from .symmetry import ASYMMETRIC, asymmetry, symmetrised

Array = NDArray[np.float64]

CORE = 1.5
"""Expected widths on each side of the middle that register a bead."""
ENOUGH = 5
"""Beads below which a warning is due."""
LONG, WIDE = 1.5, 1.35
"""Times longer and wider than expected beads are where something stated is wrong; aberrations lengthen more."""

REMEDIES = {
    "saturated": "lower the light or the exposure until the brightest voxel is below the limit of the camera",
    "doublet": "they stick together: sonicate the suspension and dilute it more",
    "elongated": "they stick together or drift: sonicate the suspension, and see that the stage is at rest",
    "too wide": "check the diameter of the beads, the voxel size and the optics; clumps want sonication",
    "too narrow": "these are hot pixels or noise: check the voxel size and the optics, or expose longer",
    "too close": "dilute the beads more, or let neighbours be subtracted (neighbours = subtract)",
    "edge": "take a larger field, or a smaller window",
    "end of stack": "take more planes above and below the beads",
    "dim": "expose longer",
    "left out by hand": "take one in",
}
"""What to do where no bead is good, by the most frequent reason."""


@dataclass(frozen=True, eq=False)
class BeadPsf:
    """A PSF measured with beads, and how."""

    psf: NDArray[np.float32]
    """z, y, x; sums to 1, its origin at n // 2."""
    spacing: tuple[float, float, float]
    """Voxel size along z, y, x, µm."""
    found: FoundBeads
    """Every bead, the refused ones with their reasons."""
    average: NDArray[np.float32]
    """The mean bead, before its size was removed; its highest voxel is about 1."""
    widths: tuple[float, float, float]
    """Full width at half maximum of the PSF along z, y, x, µm."""
    theory: tuple[float, float, float]
    """The same of a microscope without aberration."""
    misfit: float
    """How much beads differ from the average in the core, root mean square, of their height; NaN for one bead."""
    settings: BeadSettings

    def summary(self) -> str:
        """What was measured, in a few lines."""
        lines = [self.found.counted()]
        for name, values in (("PSF", self.widths), ("theory", self.theory)):
            lines.append(f"FWHM of the {name} (z y x): " + " ".join(f"{1e3 * width:.0f}" for width in values) + " nm")
        if math.isfinite(self.misfit):
            lines.append(
                f"beads differ from their average by {self.misfit:.1%} of their height (root mean square in the core)"
            )
        return "\n".join(lines)


def psf_from_beads(
    image: ArrayLike,
    spacing: tuple[float, ...],
    settings: BeadSettings | None = None,
    *,
    found: FoundBeads | None = None,
    **values: object,
) -> BeadPsf:
    """Measure the PSF with a stack of beads: find them, bring them onto each other, average them, take their size off.

    What to image, and how: Cole, Jinadasa & Brown 2011, doi:10.1038/nprot.2011.407.

    Parameters
    ----------
    image
        Counts along z, y, x, one channel; not modified.
    spacing
        Of its voxels along z, y, x, µm.
    settings, **values
        Bead, microscope, window and tolerances; single values by name, for instance `bead=0.2, na=1.3`.
    found
        Beads from `find_beads`, where a person has taken some in or out; none: they are looked for.

    Returns
    -------
    BeadPsf
        Its `psf` is on the voxels of the image, float32, sums to 1, with its origin at n // 2.

    Raises
    ------
    ValueError
        If the image is no stack, is sampled too coarsely, the diameter of the beads is not known, or no bead is good;
        the message says what to do.

    Warns
    -----
    UserWarning
        If there are few beads, they are far wider than the optics have it, or the PSF is to be symmetrised and is not
        symmetric.

    Examples
    --------
    >>> z, y, x = np.ogrid[-12:13, -30:31, -30:31]
    >>> stack = 100 + 900 * np.exp(-(z**2 / 3.5 + (y**2 + x**2) / 2.4))
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # one bead is few
    ...     measured = psf_from_beads(stack, (0.2, 0.1, 0.1), bead=0.1, na=1.3, wavelength=0.52)
    >>> measured.psf.dtype.name, measured.psf.sum().round(4).item(), [n % 2 for n in measured.psf.shape]
    ('float32', 1.0, [1, 1, 1])
    """
    settings = (settings or BeadSettings()).assign(**values)
    volume = checked_stack(image, spacing, settings)
    found = found or find_beads(image, spacing, settings)
    _check(found, settings)
    spacing, half = found.spacing, found.half
    good = [bead.position for bead in found.good]
    sphere, reach = settings.sphere(half, spacing), settings.core(spacing, CORE)
    window = max(half[1] * spacing[1], half[2] * spacing[2])
    alone = [bead.position for bead in found.good if bead.nearest > window]

    def take(_: int, place: Array) -> Array:
        return centred(volume, place, half)

    if len(alone) == len(good) or settings.neighbours == "refuse":
        average = average_beads(take, good, sphere, reach)
    elif alone:
        first = average_beads(take, alone, sphere, reach)
        peaks = [bead.peak for bead in found.good if bead.nearest > window]
        ratio = float(np.median(first.heights / peaks))
        clear = [bead for bead in found.beads if math.isfinite(bead.peak)]
        crowd = Crowd(
            volume, [b.position for b in clear], [ratio * b.peak for b in clear], first, half, spacing, settings
        )
        numbers = [k for k, bead in enumerate(clear) if bead.good]
        average = average_beads(lambda k, place: crowd.take(numbers[k], place), crowd.places[numbers], sphere, reach)
    else:
        raise ValueError(
            f"{found.counted()}, and none of them stands alone: neighbours are subtracted with what lone beads show; "
            "dilute the beads, or take a smaller window."
        )
    way = settings.way()
    if way == "wiener":
        point = sphere.point(average.image)
    else:
        point = average.image if way == "none" else sphere.richardson_lucy(average.image, settings.iterations)
    if settings.symmetrise:
        point = _symmetric(point, sphere.noise(average.image), spacing)
    total = float(point.sum())
    if not total > 0:
        raise ValueError("the beads sum to nothing above their background: expose longer, or use more beads.")
    psf = (point / total).astype(np.float32)
    z, y, x = fwhm(psf, spacing)
    tz, ty, tx = fwhm(sphere.theory, spacing)
    kept = average.image.astype(np.float32)
    return BeadPsf(psf, spacing, found, kept, (z, y, x), (tz, ty, tx), average.misfit, settings)


def _check(found: FoundBeads, settings: BeadSettings) -> None:
    good = found.good
    if not good:
        reasons = [bead.reason for bead in found.beads]
        most = max(set(reasons), key=lambda reason: (reasons.count(reason), reason))
        raise ValueError(f"no bead can be used. {found.counted()}: {REMEDIES[most]}.")
    if len(good) < ENOUGH:
        warnings.warn(
            f"only {len(good)} of {len(found.beads)} beads can be used: their noise and their faults go into the PSF; "
            "10 or more are wanted, so take a larger field or dilute less.",
            stacklevel=3,
        )
    axial, lateral = settings.expected_widths()
    length, width = np.median([(bead.widths[0], math.sqrt(bead.widths[1] * bead.widths[2])) for bead in good], axis=0)
    if width > WIDE * lateral or length > LONG * axial:
        warnings.warn(
            f"the beads are {1e3 * width:.0f} nm wide and {1e3 * length:.0f} nm long where {1e3 * lateral:.0f} and "
            f"{1e3 * axial:.0f} nm are expected: check the voxel size, na, wavelength and the diameter of the beads.",
            stacklevel=3,
        )


def _symmetric(point: Array, noise: float, spacing: tuple[float, ...]) -> Array:
    core = tuple(
        slice(n // 2 - reach, n // 2 + reach + 1)
        for n, reach in (
            (n, min(n // 2, math.ceil(width / step)))
            for n, width, step in zip(point.shape, fwhm(point, spacing), spacing, strict=True)
        )
    )
    share = asymmetry(point, core, noise)
    if share > ASYMMETRIC:
        warnings.warn(
            f"the PSF differs from its mean over all angles by {share:.0%} of its core, more than noise explains: "
            "symmetrising hides an aberration that the images have too; leave it off.",
            stacklevel=3,
        )
    return symmetrised(point)
