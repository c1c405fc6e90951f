"""Common fluorophores and their emission peaks."""

import re

DYES = {
    "BFP": 448,
    "DAPI": 461,
    "Hoechst": 461,
    "Alexa Fluor 405": 421,
    "CFP": 475,
    "mTurquoise2": 474,
    "GFP": 509,
    "EGFP": 507,
    "mNeonGreen": 517,
    "Alexa Fluor 488": 519,
    "FITC": 519,
    "Fluo-4": 516,
    "GCaMP": 510,
    "SYTOX Green": 523,
    "BODIPY FL": 512,
    "ATTO 488": 523,
    "YFP": 527,
    "Venus": 528,
    "Alexa Fluor 532": 554,
    "Cy3": 570,
    "TRITC": 572,
    "Alexa Fluor 546": 573,
    "Alexa Fluor 555": 565,
    "TMRM": 574,
    "tdTomato": 581,
    "DsRed": 583,
    "mScarlet": 594,
    "RFP": 584,
    "MitoTracker Red": 599,
    "Alexa Fluor 568": 603,
    "mCherry": 610,
    "Texas Red": 615,
    "Alexa Fluor 594": 617,
    "propidium iodide": 617,
    "Alexa Fluor 633": 647,
    "mPlum": 649,
    "Cy5": 666,
    "Alexa Fluor 647": 665,
    "ATTO 647N": 664,
    "SiR": 674,
    "DRAQ5": 697,
    "Alexa Fluor 680": 702,
    "Cy7": 773,
}
"""Wavelength in nm at which each emits most, bound or in water; filters may move what reaches the camera by some 10 nm.

As commonly published: a start. The emission filter of the microscope decides.
"""

SHORT = {
    **dict.fromkeys(("alexa", "af", "a"), "alexafluor"),
    **dict.fromkeys(("hoechst33342", "hoechst33258"), "hoechst"),
    "pi": "propidiumiodide",
    "fluorescein": "fitc",
    "rhodamine": "tritc",
}
"""What people write for them; a number after it stays."""


def emission_peak(text: str) -> float | None:
    """The emission peak of a dye in µm; None if its name is not known.

    Parameters
    ----------
    text
        Its name, for instance "DAPI", "AF488" or "Alexa 647"; capitals, blanks and hyphens do not matter.

    Examples
    --------
    >>> emission_peak("dapi"), emission_peak("Alexa 488"), emission_peak("AF-647"), emission_peak("ink")
    (0.461, 0.519, 0.665, None)
    """
    known = {_bare(name): peak for name, peak in DYES.items()}
    name = _bare(text)
    letters = name.rstrip("0123456789")
    for spelling in (name, SHORT.get(name, ""), SHORT.get(letters, letters) + name[len(letters) :]):
        if spelling in known:
            return known[spelling] / 1000
    return None


def _bare(text: str) -> str:
    """Letters and digits alone, small."""
    return re.sub(r"[\W_]", "", text.lower())
