"""Deconvolution and point spread functions of light microscopes, in Python and in napari."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .algorithms.camera.camera import Camera
from .algorithms.deconvolve import Deconvolution, deconvolve
from .algorithms.forward.base import Forward
from .algorithms.invert import invert
from .algorithms.methods.base import ALGORITHMS
from .algorithms.penalties.base import PENALTIES
from .algorithms.result import Result

if TYPE_CHECKING:
    from .optics.beads.measure import psf_from_beads
    from .optics.microscope import Grid, Microscope
    from .optics.psf import MODELS, psf

__all__ = [
    "ALGORITHMS",
    "MODELS",
    "PENALTIES",
    "Camera",
    "Deconvolution",
    "Forward",
    "Grid",
    "Microscope",
    "Result",
    "deconvolve",
    "invert",
    "psf",
    "psf_from_beads",
]

MADE_IN = {
    "Grid": "microscope",
    "Microscope": "microscope",
    "MODELS": "psf",
    "psf": "psf",
    "psf_from_beads": "beads.measure",
}
"""Modules of optics, which take a third of the time of an import and are loaded when they are asked for: deconvolving takes none."""


def __getattr__(name: str) -> Any:
    if name not in MADE_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".optics.{MADE_IN[name]}", __name__), name)
