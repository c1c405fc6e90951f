"""The command that measures a PSF: a layer in, the PSF and its beads out, without Qt."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...images.image import Image
from ...optics.beads import measure
from ...optics.beads.bead import FoundBeads
from ...plots.beads import REASONS
from ...recipes.bead_psf import bead_psf
from ..layers.layer_data import LayerData, psf_layer_data
from ..layers.layer_source import Source

SIZE = 10
"""Of a point, in voxels."""


def psf_from_beads(image: Any, spacing: Sequence[float] | None = None, **settings: Any) -> list[LayerData]:
    """Measure the PSF with a stack of beads.

    Parameters
    ----------
    image
        An array z, y, x, or an image layer, or its layer data; one channel.
    spacing
        Voxel size along z, y, x, µm; None: that of the layer.
    **settings
        Any field of `BeadSettings` or of its microscope, by name: `bead=0.2` is needed.

    Returns
    -------
    list
        The PSF (sum 1, origin at n // 2), and a layer of points: every bead with its reason.

    Raises
    ------
    ValueError
        As `napari_deconvolution.psf_from_beads`.
    """
    source = Source.of(image)
    if spacing is None:
        own = source.spacing("zyx") if source.data.ndim == 3 else {}
        spacing = tuple(own[axis] for axis in "zyx" if axis in own)
    samples = np.asarray(source.data)
    measured = measure.psf_from_beads(samples, tuple(spacing), **{**source.optics, **settings})
    field = Image(samples, "zyx", dict(zip("zyx", measured.spacing, strict=True)), name=source.name)
    return [psf_layer_data(bead_psf(measured, field)), points(measured.found, source)]


def points(found: FoundBeads, source: Source) -> LayerData:
    """Every bead as a point, in the colour of its reason, at the place of the image."""
    beads = found.beads
    attributes = {
        "name": f"beads of {source.name}" if source.name else "beads",
        "scale": source.scale or found.spacing,
        "units": source.units or ("µm",) * 3,
        "translate": source.translate or (0.0,) * 3,
        "size": SIZE,
        "face_color": "transparent",
        "border_color": [REASONS[bead.reason][1] for bead in beads],
        "features": {
            "reason": [bead.reason or "used" for bead in beads],
            "peak": [bead.peak for bead in beads],
            "snr": [bead.snr for bead in beads],
            "elongation": [bead.elongation for bead in beads],
        },
        "out_of_slice_display": True,
    }
    return np.array([bead.position for bead in beads]), attributes, "points"
