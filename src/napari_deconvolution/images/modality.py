"""How an image was taken, by the name of the PSF model that fits it, as files say it in words of their own."""

WORDS = {
    "widefield": "widefield",
    "laserscanningconfocalmicroscopy": "confocal",
    "laserscanningconfocal": "confocal",
    "laserscanconfocal": "confocal",
    "confocal": "confocal",
    "spinningdiskconfocal": "spinning-disk",
    "spinningdisk": "spinning-disk",
    "spinningdiskconfocalmicroscopy": "spinning-disk",
    "multiphotonmicroscopy": "two-photon",
    "multiphoton": "two-photon",
    "twophoton": "two-photon",
    "spim": "light-sheet",
    "lightsheet": "light-sheet",
    "sted": "sted",
    "imagescanning": "image-scanning",
    "airyscan": "image-scanning",
}
"""By words of OME, Zeiss, Leica and Nikon, in small letters and without what joins them."""

OME = {
    "widefield": "WideField",
    "confocal": "LaserScanningConfocalMicroscopy",
    "spinning-disk": "SpinningDiskConfocal",
    "two-photon": "MultiPhotonMicroscopy",
    "light-sheet": "SPIM",
    "sted": "STED",
}
"""What OME calls them."""


def modality(said: str | None) -> str | None:
    """The modality that a file names; None if it names none that a PSF model is for.

    >>> modality("LaserScanningConfocalMicroscopy"), modality("Spinning Disk Confocal"), modality("PALM")
    ('confocal', 'spinning-disk', None)
    """
    return WORDS.get("".join(letter for letter in (said or "").lower() if letter.isalpha()))
