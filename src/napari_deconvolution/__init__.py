"""Deconvolution and point spread functions of light microscopes, in Python and in napari."""

from .algorithms.algorithm import ALGORITHMS
from .algorithms.camera import Camera
from .algorithms.penalties import PENALTIES
from .algorithms.result import Result
from .algorithms.solve import Deconvolution, deconvolve
from .optics.microscope import Grid, Microscope
from .optics.models import MODELS, psf

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
