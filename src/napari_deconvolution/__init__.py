"""Deconvolution and point spread functions of light microscopes, in Python and in napari."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .algorithms.camera.camera import Camera
from .algorithms.deconvolve import Deconvolution, deconvolve
from .algorithms.methods.base import ALGORITHMS
from .algorithms.penalties.base import PENALTIES
from .algorithms.result import Result

if TYPE_CHECKING:
    from .images.files import read, write
    from .optics.microscope import Grid, Microscope
    from .optics.psf import MODELS, psf

__all__ = [
    "ALGORITHMS",
    "MODELS",
    "PENALTIES",
    "Camera",
    "Deconvolution",
    "Grid",
    "Microscope",
    "Result",
    "deconvolve",
    "psf",
    "read",
    "write",
]

MADE_IN = {"Grid": "optics.microscope", "Microscope": "optics.microscope", "MODELS": "optics.psf", "psf": "optics.psf"}
MADE_IN |= {"read": "images.files", "write": "images.files"}
"""Modules that are loaded when they are asked for: optics take a third of the time of an import, and deconvolving takes none."""


def __getattr__(name: str) -> Any:
    if name not in MADE_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{MADE_IN[name]}", __name__), name)
