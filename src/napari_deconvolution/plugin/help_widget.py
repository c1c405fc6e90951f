"""The dock widget that leads to the documentation."""

from qtpy.QtWidgets import QWidget

from .ui.parts import Note, column

SITE = "https://napari-deconvolution.github.io/napari-deconvolution/"
PAGES = {
    "Documentation": "",
    "Getting started": "getting-started/",
    "Deconvolve an image": "guides/deconvolve/",
    "Choose a point spread function (PSF)": "guides/choose-a-psf/",
    "Measure the PSF with beads": "guides/measure-the-psf/",
    "Judge a result": "guides/read-the-result/",
    "Many files": "guides/batch/",
    "What to do when something is wrong": "guides/troubleshoot/",
}
"""Places on the site, by what they help with."""


class HelpWidget(QWidget):
    """Links that open in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.links = Note()
        self.links.setOpenExternalLinks(True)
        items = "".join(f"<p><a href='{SITE}{page}'>{title}</a></p>" for title, page in PAGES.items())
        self.links.setText(f"<p>They open in the browser.</p>{items}")
        column(self, self.links, margin=8).addStretch()
