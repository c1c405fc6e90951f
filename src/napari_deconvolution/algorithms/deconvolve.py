"""Deconvolve an image with a PSF: what may be asked for, and the way in."""

import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..optics.measured_psf import MeasuredPsf, conditioned
from ..parameters import Parameters, param
from ..runs import finished
from .camera.camera import Camera, Measured
from .diagnostics import Report
from .fitted_camera import fitted_camera
from .forward.masked import Mask
from .forward.periodic import Spectral
from .inspection import inspected
from .methods.base import Algorithm
from .methods.maximum_likelihood import MaximumLikelihood
from .problem import Problem
from .result import Result
from .run import Run
from .stopping.rules import STOPS, Automatic, Default, HeldOut, Never, QualityChange, Refined, RelativeChange, Stop
from .stopping.step import Step


@dataclass(frozen=True)
class Deconvolution(Parameters):
    """How to deconvolve: all but the image and the PSF. The same fields, with the same defaults, at every door.

    >>> Deconvolution().assign(algorithm="tikhonov", weight=0.01).algorithm.weight
    0.01
    """

    algorithm: Algorithm = param(MaximumLikelihood(), "Deconvolution algorithm", label="Algorithm")
    iterations: int = param(200, "Maximum number of iterations", label="Maximum iterations", low=1, high=100_000)
    stop: Stop = param(Default(), "When to stop before the maximum number of iterations", label="Stopping criterion")
    seconds: float | None = param(None, "Time limit; none: no limit", label="Time limit", importance="advanced", low=0, unit="s")
    boundary: Literal["open", "mirror", "zero", "periodic"] = param(
        "open",
        "What is assumed beyond the edges of the image: open assumes nothing, mirror reflects, zero is dark, periodic wraps around",
        label="Boundary condition",
        importance="advanced",
    )
    start: Literal["flat", "image"] = param(
        "flat",
        "Initial estimate: the mean everywhere, or the image itself",
        label="Initial estimate",
        importance="advanced",
        choices={"flat": "Uniform", "image": "The image"},
    )
    threads: int = param(0, "Number of threads; 0 for all cores", label="Threads", importance="advanced", low=0, high=1024)
    camera: Camera = param(Camera(), "How photons become counts", label="Camera")
    measured: MeasuredPsf = param(MeasuredPsf(), "Preprocessing of a supplied PSF", label="Preprocessing of a supplied PSF")
    report: Report = param(Report(), "Additional output next to the estimate", label="Diagnostics")

    def steps(
        self,
        image: ArrayLike,
        psf: Array,
        *,
        start: ArrayLike | None = None,
        spacing: Sequence[float] | None = None,
        kept: dict[str, Any] | None = None,
    ) -> Generator[Step, None, Result]:
        """Run, one step at a time; what the generator returns is the result. Closing it cancels the run.

        The PSF is fit to deconvolve with, as `conditioned` makes it; the rest is as in `deconvolve`.
        `kept` is a dictionary that holds the OTF from one image to the next of the same shape, PSF and method.
        """
        data, gaps = self._filled(image)
        if data.ndim != psf.ndim:
            raise ValueError(f"psf: it has {psf.ndim} dimensions and the image {data.ndim}; give a PSF of the image's dimensions.")
        if psf.ndim == 3 and psf.size > 1 and len(psf) == 1 < len(data):
            warnings.warn(
                f"the PSF has one plane, and the image {len(data)}: each is deconvolved by itself, and the haze of the others stays.",
                stacklevel=2,
            )
        if self.report.uncertainty == 1:
            raise ValueError("uncertainty = 1: a spread needs two runs or more; 8 tell it to a quarter.")
        looked = inspected(data, gaps, psf, self.camera, self.needs_gain)
        data, seen, mask = looked.image, looked.camera, looked.mask
        if seen.doubt:
            warnings.warn(seen.doubt, stacklevel=2)
        stop, unasked = self._stop(seen)
        given = self._given(data, seen.camera, None if start is None else checked(start, "start"))
        sizes = None if spacing is None else tuple(spacing)
        problem = Problem(
            data, psf, seen.camera, self.algorithm, self.boundary, sizes, self.threads, mask, looked.exposure, seen.dark, given, kept
        )
        if self.algorithm.needs_gain and (seen.camera.gain is None or (seen.unknown and seen.raw)):
            problem, found = fitted_camera(problem, self.camera.background is None and self.camera.offset == 0)
            seen.told.update(found)
        result = yield from Run(problem, stop, self.updates, self.seconds, seen.camera.gain, self.report).steps()
        record: dict[str, Any] = {"deconvolution": self.to_dict(), **result.record}
        if seen.told:
            record["told by the image"] = seen.told
        if seen.haze:
            record["haze"] = (
                f"{seen.haze:.4g} counts of light in the darkest region were left in the image: in a widefield stack they are likely "
                f"haze of the specimen; if they are not, give background = {seen.camera.known.background + seen.haze:.4g}."
            )
        record |= looked.record
        if unasked:
            record["stop"] = unasked
        return replace(result, record=record)

    @property
    def needs_gain(self) -> bool:
        """It asks the image for the camera's gain, where that is not given."""
        halves = self.report.uncertainty > 0 or self.report.reproducibility
        noisy = self.camera.gain is None and self.camera.read_noise != 0
        stop = self.criterion
        return halves or noisy or stop.needs_gain or (isinstance(stop, Automatic) and self.iterates) or self.algorithm.needs_gain

    @property
    def iterates(self) -> bool:
        """The algorithm updates an estimate; else it is a direct filter, or works like one."""
        return not issubclass(self.algorithm.forward_model, Spectral)

    @property
    def updates(self) -> int:
        """Updates of a run at most."""
        settles = self.algorithm.settles if isinstance(self.criterion, (Automatic, Refined)) else 0
        return min(self.iterations, settles) if settles else self.iterations

    @property
    def criterion(self) -> Stop:
        """The stop that is asked for, or the algorithm's usual one."""
        return STOPS[self.algorithm.usual_stop] if isinstance(self.stop, Default) else self.stop

    def _stop(self, seen: Measured) -> tuple[Stop, str]:
        """The criterion, and why it is that one, if it was not asked for by name."""
        stop, known = self.criterion, seen.camera.gain is not None
        halves = self.report.uncertainty > 0 or self.report.reproducibility
        if not known and (halves or stop.needs_gain):
            what = f"stop = {stop.name}" if stop.needs_gain else f"{'uncertainty' if self.report.uncertainty else 'reproducibility'}"
            raise ValueError(
                f"{what}: it needs the camera's gain, which this image does not tell ({seen.unknown}): give gain in electrons per "
                "count (--gain), or snr" + (", or take the stop i-divergence." if stop.needs_gain else ".")
            )
        if not isinstance(stop, Automatic):
            return stop, ""
        if not self.iterates:
            return Never(), "none: a direct filter"
        if self.algorithm.settles and not seen.raw:
            return Never(), f"the {self.updates} updates within which it settles with its usual weight: {seen.unknown}"
        if self.algorithm.settles:
            doubt = "" if known else f", with a gain from a fit, for the image does not tell it better: {seen.unknown}"
            return Refined(), f"refined by held-out photons{doubt}"
        if known:
            return HeldOut(), "held-out photons"
        rule = QualityChange() if self.algorithm.needs_counts else RelativeChange()
        return rule, f"{rule.name}, for the image does not tell the camera's gain: {seen.unknown}"

    def _filled(self, image: ArrayLike) -> tuple[np.ndarray, Mask | None]:
        """The image with something plausible where nothing is known, and where that is."""
        values = np.asarray(image)
        gaps = ~np.isfinite(values) if self.camera.missing and values.dtype.kind == "f" else np.zeros(0, bool)
        if not gaps.any() or gaps.all():
            return checked(image, "image"), None
        return checked(np.where(gaps, np.median(values[~gaps]), values), "image"), gaps

    def _given(self, data: np.ndarray, camera: Camera, given: np.ndarray | None) -> np.ndarray | None:
        if given is not None and given.shape != data.shape:
            raise ValueError(f"start: its shape {given.shape} is not that of the image, {data.shape}.")
        if given is None and self.start == "image":
            return data.astype(np.float32) - np.float32(camera.known.offset + camera.known.background)
        return given


def deconvolve(
    image: ArrayLike,
    psf: ArrayLike,
    algorithm: str | Algorithm = "maximum-likelihood",
    *,
    start: str | ArrayLike = "flat",
    spacing: tuple[float, ...] | None = None,
    psf_spacing: tuple[float, ...] | None = None,
    watch: Callable[[Step], object] | None = None,
    **settings: Any,
) -> Result:
    """Deconvolve an image with a PSF.

    Parameters
    ----------
    image
        (z,) y, x, any real type. Never modified.
    psf
        Of as many dimensions and the same voxel size as the image, its origin at index n // 2; `psf_background`, `psf_origin` and
        `psf_spacing` say so where it is otherwise. It is scaled to sum 1.
    algorithm
        A name from `ALGORITHMS`, or such an object.
    start
        The estimate to begin with: "flat", "image", or an array of the image's shape.
    spacing
        Size of a voxel (z,) y, x, in µm. Penalties and spectra need its proportions.
    psf_spacing
        That of the PSF, if it is another: the PSF is then resampled. In µm.
    watch
        Called with every `Step`.
    **settings
        Any field of `Deconvolution`, of its camera (offset, background, gain, read_noise ...), of the algorithm, of its report
        (residual, uncertainty ...), and of what is known of the PSF (psf_background, psf_origin), by name.

    Returns
    -------
    Result
        Its `image` has the shape of the input, float32, in the image's units above offset and background.

    Raises
    ------
    ValueError
        If image, PSF or a setting cannot be used; the message says why and what to do.

    Warns
    -----
    UserWarning
        If the PSF stands on a pedestal, its centre is not at its origin, or it is one plane for a stack.

    >>> import numpy as np
    >>> image = np.zeros((16, 16))
    >>> image[7:10, 7:10] = 1
    >>> result = deconvolve(image, np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]), "richardson-lucy", iterations=5)
    >>> result.image.shape, result.reason
    ((16, 16), '5 updates done')
    """
    named = isinstance(start, str)
    job = Deconvolution().assign(algorithm=algorithm, **({"start": start} if named else {}), **settings)
    kernel = conditioned(psf, job.measured, spacing=psf_spacing, image_spacing=spacing)
    return finished(job.steps(image, kernel, start=None if named else start, spacing=spacing), watch)


def checked(array: ArrayLike, what: str) -> np.ndarray:
    """An image or a PSF as an array, or a ValueError that says why it cannot be one."""
    values = np.asarray(array)
    if values.dtype.kind not in "buif":
        raise ValueError(f"{what}: its type is {values.dtype}, but real numbers are needed.")
    if values.size == 0:
        raise ValueError(f"{what}: it is empty, its shape is {values.shape}.")
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] in (3, 4) and min(values.shape[:2]) > 8:
        raise ValueError(f"{what}: shape {values.shape} looks like an RGB photograph; take one channel, for instance image[..., 1].")
    if values.ndim not in (2, 3):
        raise ValueError(
            f"{what}: it has {values.ndim} dimensions, shape {values.shape}; (y, x) or (z, y, x) is needed, one channel, one time "
            "(deconvolve_image in napari_deconvolution.recipes.volumes takes series and channels)."
        )
    bad = int(values.size - np.count_nonzero(np.isfinite(values)))
    if bad:
        remedy = "say missing=True (--missing yes) to leave them out" if what == "image" else "replace them, as by numpy.nan_to_num"
        raise ValueError(f"{what}: {bad} of its {values.size} values are NaN or infinite; {remedy}.")
    return values
