"""What is found out about an image before it is deconvolved: defects, camera, exposure of its planes."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .camera.camera import Camera, Measured
from .camera.defects import filled, find_defects
from .camera.exposure import exposure, field
from .forward.formation import ImageFormation
from .forward.masked import Mask

FEWEST = 6
"""Planes that a stack needs for their exposure to be looked at."""


class Inspected(NamedTuple):
    """What was found."""

    image: np.ndarray
    """What to deconvolve: filled from around where it is left out, with the background that dim planes lack."""
    camera: Measured
    mask: Mask | None
    """Voxels to leave out."""
    left_out: dict[str, int]
    """How many of each kind they are."""
    exposure: NDArray[np.float32] | None
    """Brightness of the planes, if it is not the same."""

    @property
    def record(self) -> dict[str, Any]:
        """What is to be told of it, by fields of `VolumeRecord`."""
        told: dict[str, Any] = {}
        if self.left_out:
            told["left_out"] = self.left_out
        if self.exposure is not None:
            told["exposure"] = [round(float(factor), 4) for factor in self.exposure]
        if not self.camera.raw:
            told["processed"] = f"{self.camera.unknown}; its photon counts are not trusted"
        if self.camera.doubt:
            told["gain_doubt"] = self.camera.doubt
        return told


def inspected(
    image: np.ndarray, gaps: Mask | None, formation: ImageFormation, camera: Camera, needs_gain: bool
) -> Inspected:
    """Look at an image: first for defects, then, without them, for its camera, then for the exposure of its planes.

    What the formation does not answer is done without: see `find_defects`, `noise_of`; the exposure needs one image
    on the grid of the field, and the power that it is formed with.

    Parameters
    ----------
    image
        The data, in counts, all finite.
    gaps
        Voxels that are missing; None for none.
    formation
        How the data were formed.
    camera
        What is known.
    needs_gain
        The gain is to be estimated, or held against what was given.

    Raises
    ------
    ValueError
        If too little of the image can be used.
    """
    mask, apart, left_out = gaps, gaps, {} if gaps is None else {"missing": int(gaps.sum())}
    if camera.mask:
        found = find_defects(
            image, formation, offset=camera.offset, read_noise=camera.known.read_noise, saturation=camera.saturation
        )
        bad = found.any
        single = float((bad & ~found.large).mean())
        if single > 0.2:
            raise ValueError(
                f"{single:.0%} of the voxels are saturated, hot or dead: too few are left. If they are not, use "
                "mask=False (--mask no)."
            )
        if bad.any():
            mask = bad if gaps is None else bad | gaps
            apart = found.large if gaps is None else found.large | gaps
        if mask is not None:
            left_out = found.counts | left_out
    clean = image if mask is None else filled(image, mask)
    seen = camera.measured(clean, formation, needs_gain, apart)
    factors = _exposure(clean, formation, seen.camera, mask) if camera.flicker else None
    if factors is not None:
        lacking = (1 - factors) * np.float32(seen.camera.known.background)
        clean = clean + lacking[:, None, None]
    return Inspected(clean, seen, mask, left_out, factors)


def _exposure(
    image: np.ndarray, formation: ImageFormation, camera: Camera, mask: Mask | None
) -> NDArray[np.float32] | None:
    if image.ndim != 3 or len(image) < FEWEST:
        return None
    if mask is not None and mask.mean(axis=(1, 2)).max() > 0.5:  # what fills a lost plane is none, and may look dim
        return None
    if len(formation.of_views) > 1 or formation.field(image.shape) != image.shape:
        return None
    passed = formation.power(field(image.shape))
    if passed is None:
        return None
    found = exposure(image.astype(np.float32) - np.float32(camera.offset), passed)
    return found.factors if found.flickers else None
