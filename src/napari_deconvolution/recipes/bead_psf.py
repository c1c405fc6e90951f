"""A PSF measured with beads as an image, with the optics of the beads."""

from ..images.image import Channel, Image
from ..optics.beads.measure import BeadPsf
from .record import Record, software


def bead_psf(measured: BeadPsf, field: Image) -> Image:
    """The PSF with its voxel size, the optics that the beads were imaged with, and a record of how it was made.

    >>> import warnings
    >>> import numpy as np
    >>> from napari_deconvolution import psf_from_beads
    >>> z, y, x = np.ogrid[-12:13, -30:31, -30:31]
    >>> stack = 100 + 900 * np.exp(-(z**2 / 3.5 + (y**2 + x**2) / 2.4))
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # one bead is few
    ...     measured = psf_from_beads(stack, (0.2, 0.1, 0.1), bead=0.1, na=1.3, wavelength=0.52)
    >>> image = bead_psf(measured, Image(stack, "zyx", name="field"))
    >>> image.optics["na"], image.record["beads"]["used"], image.voxel
    (1.3, 1, (0.2, 0.1, 0.1))
    """
    optics = measured.settings.microscope
    known = {name: getattr(optics, name) for name in ("na", "n_immersion", "n_sample")}
    made = Record(software=software(), name=field.name, source=str(field.source) if field.source else None)
    beads = {
        "settings": measured.settings.to_dict(),
        "used": len(measured.found.good),
        "found": len(measured.found.beads),
        "fwhm": list(measured.widths),
    }
    record = {**made.to_dict(), "beads": beads}
    channel = field.channels[0] if len(field.channels) == 1 else Channel()
    emission = Channel(channel.name, optics.wavelength, channel.excitation)
    spacing = dict(zip("zyx", measured.spacing, strict=True))
    return Image(measured.psf, "zyx", spacing, (emission,), known, record, name="PSF from beads")
