"""Deconvolution and point spread functions of light microscopes, in Python and in napari."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .algorithms.camera.camera import Camera
from .algorithms.deconvolve import Deconvolution, deconvolve
from .algorithms.methods.base import ALGORITHMS
from .algorithms.penalties.base import PENALTIES
from .algorithms.result import Result

if TYPE_CHECKING:
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
]

MADE_IN = {"Grid": "microscope", "Microscope": "microscope", "MODELS": "psf", "psf": "psf"}
"""Modules of optics, which take a third of the time of an import and are loaded when they are asked for: deconvolving takes none."""


def __getattr__(name: str) -> Any:
    if name not in MADE_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".optics.{MADE_IN[name]}", __name__), name)
