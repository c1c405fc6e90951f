"""An experiment with a known truth: draw a specimen, image it, deconvolve, and compare with the truth."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..algorithms.camera.camera import Camera
from ..algorithms.deconvolve import Deconvolution
from ..algorithms.methods.base import ALGORITHMS, Algorithm
from ..algorithms.metrics.errors import fitted_error
from ..algorithms.metrics.spectra import Spectra, spectra
from ..algorithms.result import Result
from ..algorithms.stopping.base import STOPS, Stop
from ..algorithms.stopping.step import Step
from ..arrays import Array
from ..optics.microscope import Grid, Microscope
from ..optics.psf import MODELS, Model, psf
from ..parameters import Parameters, param
from ..recipes.progress import Progress
from ..runs import relayed
from ..simulation.acquisition import Acquisition, acquire
from ..simulation.specimens import Chirp, Specimen

LARGEST = 1 << 21
"""Voxels of the field, so that a run takes seconds."""


@dataclass(frozen=True)
class Experiment(Parameters):
    """A specimen, a microscope, its light, and a method. The camera counts photons: no offset, no noise of its own.

    >>> Experiment().assign(specimen="beads", photons=50, iterations=7).algorithm.name
    'richardson-lucy'
    """

    specimen: Specimen = param(Chirp(coarsest=2.5, finest=0.115), "Specimen to be imaged", label="Specimen")
    grid: Grid = param(Grid(shape=(96, 256), spacing=(0.05, 0.05)), "Voxels of the image", label="Field")
    axis: Literal["x", "z"] = param("x", "Axis along which profiles and spectra are shown", label="Displayed axis")
    microscope: Microscope = param(Microscope(na=1.4, wavelength=0.51), "Optics of the microscope", label="Microscope")
    model: Model = param(MODELS["gibson-lanni"], "Model of the point spread function", label="PSF model")
    photons: float = param(
        1000.0,
        "Photoelectrons per voxel in bright parts of the specimen",
        label="Photoelectrons per voxel",
        low=0.01,
        high=1e9,
    )
    background: float = param(
        20.0, "Photoelectrons in every voxel that do not come from the specimen", label="Background", low=0, high=1e9
    )
    seed: int = param(0, "Seed of the specimen and of the noise", label="Random seed", low=0)
    assumed_depth: float | None = param(
        None,
        "Depth below the coverslip assumed for the PSF of the deconvolution; none: the true one",
        label="Assumed depth",
        low=0,
        high=1e4,
        unit="µm",
    )
    algorithm: Algorithm = param(ALGORITHMS["richardson-lucy"], "Deconvolution algorithm", label="Algorithm")
    iterations: int = param(100, "Maximum number of iterations", label="Maximum iterations", low=1, high=10_000)
    stop: Stop = param(
        STOPS["none"], "When to stop before the maximum number of iterations", label="Stopping criterion"
    )

    @property
    def camera(self) -> Camera:
        """What counts the photons."""
        return Camera(gain=1.0, background=self.background)

    def run(self) -> Generator[Progress, None, "Findings"]:
        """Run it, yielding after every iteration; closing the generator cancels.

        Raises
        ------
        ValueError
            If the field is too large or has no such axis; if specimen, PSF or method cannot be used.

        Examples
        --------
        >>> from napari_deconvolution.runs import finished
        >>> findings = finished(Experiment().assign(shape=(32, 64), iterations=20).run())
        >>> findings.before > findings.errors[-1]
        True
        """
        if math.prod(self.grid.shape) > LARGEST:
            raise ValueError(f"shape = {self.grid.shape}: the lab is for small fields, of {LARGEST} voxels at most.")
        if self.axis == "z" and len(self.grid.shape) == 2:
            raise ValueError(
                f"axis = 'z': the field of {self.grid.shape} has no z; choose x, or give the shape three numbers."
            )
        yield Progress(0, 1, {}, None)
        acquisition = Acquisition(photons=self.photons, camera=self.camera, seed=self.seed)
        truth, image, true = acquire(self.specimen, self.model, self.microscope, self.grid, acquisition)
        assumed = true if self.assumed_depth is None else self._assumed(self.assumed_depth)
        # One thread: on fields so small several would mostly wait for each other.
        method = Deconvolution(
            algorithm=self.algorithm, iterations=self.iterations, stop=self.stop, camera=self.camera, threads=1
        )
        walk, errors = method.steps(image, assumed, spacing=self.grid.spacing), list[float]()

        def seen(step: Step) -> Progress:
            if not step.phase:
                del errors[step.iteration :]  # which is repeated after iterations that diverged
                errors.append(fitted_error(step.estimate[step.inside], truth))
            return Progress(0, 1, {}, step)

        result = yield from relayed(walk, seen)
        return Findings(self, truth, image, true, assumed, result, tuple(errors))

    def _assumed(self, depth: float) -> Array:
        microscope = self.microscope.replace(depth=depth)
        return psf(self.model, microscope, Grid.for_image(self.grid.shape, self.grid.spacing, self.microscope))


@dataclass(frozen=True, eq=False)
class Findings:
    """What came of an experiment. Volumes are (z,) y, x on the experiment's grid."""

    experiment: Experiment
    truth: Array
    """The specimen in counts above background."""
    image: Array
    """In counts."""
    psf: Array
    """What blurred it."""
    assumed: Array
    """What the deconvolution took for that."""
    result: Result
    errors: tuple[float, ...]
    """Distance of the estimate from the truth after 0, 1, 2 ... iterations: the rms error after one fitted scale."""

    @property
    def before(self) -> float:
        """Distance of the image from the truth."""
        return fitted_error(self.image - np.float32(self.experiment.background), self.truth)

    @property
    def best(self) -> int:
        """After how many iterations the estimate was closest to the truth."""
        return int(np.argmin(self.errors))

    @property
    def cut_off(self) -> float:
        """The highest frequency in 1/µm that the microscope transmits along the axis."""
        nyquist = self.experiment.model.nyquist(self.experiment.microscope)
        return 1 / (2 * nyquist[0 if self.experiment.axis == "z" else 1])

    @property
    def scales(self) -> dict[str, Any]:
        """What gives profiles and spectra their scales: axis, step in µm, and cut-off in 1/µm."""
        return {"axis": self.experiment.axis, "step": self.experiment.grid.spacing[self._axis], "cut_off": self.cut_off}

    @property
    def spectra(self) -> Spectra:
        """What image and estimate have of the truth by frequency along the axis, in 1/µm."""
        arrays = self.truth, self.image, self.result.image, self.psf, np.maximum(self.image, 0)
        return spectra(*arrays, step=self.scales["step"], axis=self._axis)

    @property
    def profiles(self) -> dict[str, NDArray[np.float32]]:
        """Truth, image without background, and estimate along the line on which the truth changes most."""
        axis = self._axis
        change = np.square(np.diff(self.truth, axis=axis)).sum(axis=axis)
        middle = np.full(change.shape, 0.1)
        middle[tuple(slice(n // 4, n - n // 4) for n in change.shape)] = 1
        at = np.unravel_index((change * middle).argmax(), change.shape)
        seen = self.image - np.float32(self.experiment.background)
        volumes = {"truth": self.truth, "image": seen, "estimate": self.result.image}
        return {name: np.moveaxis(volume, axis, -1)[at] for name, volume in volumes.items()}

    @property
    def _axis(self) -> int:
        return 0 if self.experiment.axis == "z" else -1
