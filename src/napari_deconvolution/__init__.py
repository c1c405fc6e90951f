"""Deconvolution and point spread functions of light microscopes, in Python and in napari."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .algorithms.camera.camera import Camera
from .algorithms.deconvolve import Deconvolution, deconvolve
from .algorithms.deconvolve_views import deconvolve_views
from .algorithms.forward.base import Forward
from .algorithms.forward.varying import VaryingPsf
from .algorithms.invert import invert
from .algorithms.methods.base import ALGORITHMS
from .algorithms.penalties.base import PENALTIES
from .algorithms.result import Result

if TYPE_CHECKING:
    from .images.files import read, write
    from .optics.beads.measure import psf_from_beads
    from .optics.microscope import Grid, Microscope
    from .optics.psf import MODELS, psf
    from .optics.psf_by_depth import psf_by_depth
    from .recipes.batch import deconvolve_file
    from .recipes.recipe import Recipe
    from .scale.deconvolve_tiles import deconvolve_tiles

__all__ = [
    "ALGORITHMS",
    "MODELS",
    "PENALTIES",
    "Camera",
    "Deconvolution",
    "Forward",
    "Grid",
    "Microscope",
    "Recipe",
    "Result",
    "VaryingPsf",
    "deconvolve",
    "deconvolve_file",
    "deconvolve_tiles",
    "deconvolve_views",
    "invert",
    "psf",
    "psf_by_depth",
    "psf_from_beads",
    "read",
    "write",
]

MADE_IN = {
    "Grid": "optics.microscope",
    "Microscope": "optics.microscope",
    "MODELS": "optics.psf",
    "psf": "optics.psf",
    "psf_by_depth": "optics.psf_by_depth",
    "psf_from_beads": "optics.beads.measure",
    "Recipe": "recipes.recipe",
    "deconvolve_file": "recipes.batch",
    "deconvolve_tiles": "scale.deconvolve_tiles",
    "read": "images.files",
    "write": "images.files",
}
"""Modules that are loaded when they are asked for: an import of the package loads what deconvolves arrays, and no
more.
"""


def __getattr__(name: str) -> Any:
    if name not in MADE_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{MADE_IN[name]}", __name__), name)
