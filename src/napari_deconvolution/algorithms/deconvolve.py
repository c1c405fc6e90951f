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
from ..runs import finished, relayed
from .camera.camera import Camera, Measured
from .diagnostics import Report
from .fitted_camera import fitted_camera
from .forward.formation import UNKNOWN_POWER, ImageFormation, Region, formation_of
from .forward.masked import Mask
from .forward.periodic import not_diagonal
from .inspection import inspected
from .methods.base import Algorithm
from .methods.maximum_likelihood import MaximumLikelihood
from .problem import Problem
from .result import Result
from .run import Run
from .stopping.base import Stop, Unknown
from .stopping.step import Step
from .stopping.usual import Default

LEAST_PEAK = 1e-12
"""Counts; images that are dimmer, or brighter than its inverse, are refused: their squares have no single precision."""


@dataclass(frozen=True)
class Deconvolution(Parameters):
    """How to deconvolve: all but the image and the PSF. The same fields, with the same defaults, at every door.

    >>> Deconvolution().assign(algorithm="tikhonov", weight=0.01).algorithm.weight
    0.01
    """

    algorithm: Algorithm = param(MaximumLikelihood(), "Deconvolution algorithm", label="Algorithm")
    iterations: int = param(200, "Maximum number of iterations", label="Maximum iterations", low=1, high=100_000)
    stop: Stop = param(Default(), "When to stop before the maximum number of iterations", label="Stopping criterion")
    seconds: float | None = param(
        None, "Time limit; none: no limit", label="Time limit", importance="advanced", low=0, unit="s"
    )
    boundary: Literal["open", "mirror", "zero", "periodic"] = param(
        "open",
        "What is assumed beyond the edges of the image: open assumes nothing, mirror reflects, zero is dark, periodic "
        "wraps around",
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
    threads: int = param(
        0, "Number of threads; 0 for all cores", label="Threads", importance="advanced", low=0, high=1024
    )
    camera: Camera = param(Camera(), "How photons become counts", label="Camera")
    measured: MeasuredPsf = param(
        MeasuredPsf(), "Preprocessing of a supplied PSF", label="Preprocessing of a supplied PSF"
    )
    report: Report = param(Report(), "Additional output next to the estimate", label="Diagnostics")

    def steps(
        self,
        image: ArrayLike,
        psf: Array | ImageFormation,
        *,
        start: ArrayLike | None = None,
        spacing: Sequence[float] | None = None,
        region: Region | None = None,
        level: float | None = None,
        known: bool = False,
    ) -> Generator[Step, None, Result]:
        """Run, one step at a time; what the generator returns is the result. Closing it cancels the run.

        Parameters
        ----------
        image
            The data: (z,) y, x, or what the image formation makes.
        psf
            Fit to deconvolve with, as `conditioned` makes it; or any other image formation. One `StationaryPsf` for
            several images of one shape keeps its OTF from one to the next.
        start, spacing
            As in `deconvolve`.
        region
            A part of the field, in slices along its axes. It is run with a margin of all that light comes into it from,
            and the result is that of the part.
        level
            Height of a flat start, where it is not the mean of the image: that of a larger one that this is a part of.
        known
            The camera is taken as it is given, and not held against the noise, so that all parts are treated alike.
        """
        formation = formation_of(psf)
        if region is not None:
            return (yield from self._steps_of_part(np.asarray(image), formation, region, start, spacing))
        data, gaps = self._filled(image, formation)
        formation.check(data.shape)
        if not known:
            _check_lit(data, self.camera.offset)
        if self.algorithm.needs_diagonal and not formation.diagonal:
            raise not_diagonal(self.algorithm.name, formation.name)
        if self.report.uncertainty == 1:
            raise ValueError("uncertainty = 1: a spread needs at least two runs; 8 give it to within a quarter.")
        looked = inspected(data, gaps, formation, self.camera, self.needs_gain and not known)
        data, seen = looked.image, looked.camera
        if seen.doubt:
            warnings.warn(seen.doubt, stacklevel=2)
        stop, unasked = self._stop(seen, formation)
        problem = Problem(
            image=data,
            formation=formation,
            camera=seen.camera,
            algorithm=self.algorithm,
            boundary=self.boundary,
            spacing=None if spacing is None else tuple(spacing),
            threads=self.threads,
            mask=looked.mask,
            exposure=looked.exposure,
            dark=seen.dark,
            start=self._given(data, formation, seen.camera, start),
            level=level,
        )
        if seen.camera.gain is None and self.algorithm.needs_gain:
            problem, found = fitted_camera(problem, self.camera.background is None and self.camera.offset == 0)
            seen.told.update(found)
        run = Run(
            problem=problem,
            stop=stop,
            iterations=self.iterations,
            seconds=self.seconds,
            gain=seen.camera.gain,
            report=self.report,
        )
        result = yield from run.run()
        record: dict[str, Any] = {"deconvolution": self.to_dict(), **result.record}
        if seen.told:
            record["estimated_from_image"] = seen.told
        if seen.haze:
            record["haze"] = (
                f"{seen.haze:.4g} counts of light in the darkest region were left in the image: in a widefield stack "
                "they are likely haze of the specimen; if they are not, give background = "
                f"{seen.camera.known.background + seen.haze:.4g}."
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
        return halves or noisy or self.criterion.asks_gain(self.algorithm) or self.algorithm.needs_gain

    @property
    def criterion(self) -> Stop:
        """The stop that is asked for, or the algorithm's usual one."""
        return self.stop.usual(self.algorithm)

    def _stop(self, seen: Measured, formation: ImageFormation) -> tuple[Stop, str]:
        """The criterion, and why it is that one, if it was not asked for by name."""
        unknown = Unknown(
            gain=(seen.unknown or "it was not asked") if seen.camera.gain is None else "",
            power="" if formation.tells_power else UNKNOWN_POWER,
            raw="" if seen.raw else seen.unknown,
        )
        found = self.criterion.settled(self.algorithm, unknown)
        if unknown.gain and (self.report.uncertainty or self.report.reproducibility):
            what = "uncertainty" if self.report.uncertainty else "reproducibility"
            raise ValueError(
                f"{what}: it needs the camera's gain, which cannot be estimated from this image ({unknown.gain}): "
                "give gain "
                "in electrons per count (--gain), or snr."
            )
        return found

    def _filled(self, image: ArrayLike, formation: ImageFormation) -> tuple[np.ndarray, Mask | None]:
        """The image with something plausible where nothing is known, and where that is."""
        values = np.asarray(image)
        gaps = ~np.isfinite(values) if self.camera.missing and values.dtype.kind == "f" else np.zeros(0, bool)
        if not gaps.any() or gaps.all():
            return _at_scale(checked(image, "image", formation.dimensions)), None
        filled = checked(np.where(gaps, np.median(values[~gaps]), values), "image", formation.dimensions)
        return _at_scale(filled), gaps

    def _given(
        self, data: np.ndarray, formation: ImageFormation, camera: Camera, start: ArrayLike | None
    ) -> np.ndarray | None:
        field = formation.field(data.shape)
        if start is None:
            if self.start == "flat":
                return None
            if field != data.shape:
                raise ValueError(
                    "start = image: these data are no image of the specimen on its grid; begin with start = flat."
                )
            return data.astype(np.float32) - np.float32(camera.known.offset + camera.known.background)
        given = checked(start, "start", formation.dimensions)
        if given.shape != field:
            raise ValueError(f"start: its shape {given.shape} is not that of the image, {field}.")
        return given

    def _steps_of_part(
        self,
        data: np.ndarray,
        formation: ImageFormation,
        region: Region,
        start: ArrayLike | None,
        spacing: Sequence[float] | None,
    ) -> Generator[Step, None, Result]:
        outer, inner = formation.around(region, formation.field(data.shape))
        begin = None if start is None else np.asarray(start)[outer]

        def within(step: Step) -> Step:
            return replace(
                step,
                inside=tuple(
                    slice(a.start + b.start, a.start + b.stop) for a, b in zip(step.inside, inner, strict=True)
                ),
            )

        part = formation.part(outer)
        run = self.steps(formation.cut(data, outer), part, start=begin, spacing=spacing)
        result = yield from relayed(run, within)
        return result.cut(inner, lambda array: part.cut(array, inner))


def deconvolve(
    image: ArrayLike,
    psf: ArrayLike | ImageFormation,
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
        (z,) y, x, any real type. Never modified. What a masked array masks is left out of the likelihood.
    psf
        Of as many dimensions and the same voxel size as the image, its origin at index n // 2; `psf_background`,
        `psf_origin` and `psf_spacing` say so where it is otherwise. It is scaled to sum 1. In its place, any other
        `ImageFormation`.
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
        Any field of `Deconvolution`, of its camera (offset, background, gain, read_noise ...), of the algorithm, of its
        report (residual, uncertainty ...), and of what is known of the PSF (psf_background, psf_origin), by name.

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
    ((16, 16), '5 iterations done')
    """
    if np.ma.is_masked(image):
        image, settings = np.ma.filled(np.ma.asarray(image).astype(np.float32), np.nan), {"missing": True, **settings}
    named = isinstance(start, str)
    job = Deconvolution().assign(algorithm=algorithm, **({"start": start} if named else {}), **settings)
    if not isinstance(psf, ImageFormation):
        psf = conditioned(psf, job.measured, spacing=psf_spacing, image_spacing=spacing)
    return finished(job.steps(image, psf, start=None if named else start, spacing=spacing), watch)


def checked(array: ArrayLike, what: str, dimensions: Sequence[int] = (2, 3)) -> np.ndarray:
    """An image or other data as an array, or a ValueError that says why it cannot be one.

    Parameters
    ----------
    array
        Any real numbers, all finite.
    what
        What to call it.
    dimensions
        How many axes it may have; empty for any.
    """
    values = np.asarray(array)
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    if values.dtype.kind not in "uif":
        raise ValueError(f"{what}: its type is {values.dtype}, but real numbers are needed.")
    if values.size == 0:
        raise ValueError(f"{what}: it is empty, its shape is {values.shape}.")
    if not dimensions:
        return _finite(values, what)
    if values.dtype == np.uint8 and values.ndim == 3 and values.shape[-1] in (3, 4) and min(values.shape[:2]) > 8:
        raise ValueError(
            f"{what}: shape {values.shape} looks like an RGB photograph; take one channel, for instance image[..., 1]."
        )
    if values.ndim not in dimensions:
        raise ValueError(
            f"{what}: it has {values.ndim} dimensions, shape {values.shape}; (y, x) or (z, y, x) is needed, one "
            "channel, one time "
            "(deconvolve_file takes time series and channels)."
        )
    return _finite(values, what)


def _check_lit(values: np.ndarray, offset: float) -> None:
    """That there is light in an image."""
    peak = float(values.max())
    if peak <= offset:
        raise ValueError(
            f"The image is dark: its brightest voxel has {peak:g} counts, which is not above offset = {offset:g}, so "
            "that there is nothing to deconvolve."
        )


def _at_scale(values: np.ndarray) -> np.ndarray:
    """An image whose squares and ratios are numbers of single precision, too."""
    peak = max(abs(float(values.max())), abs(float(values.min())))
    if peak and not LEAST_PEAK < peak < 1 / LEAST_PEAK:
        raise ValueError(
            f"image: its largest value is {peak:.3g}, beyond what can be computed in single precision "
            f"({LEAST_PEAK:g} to {1 / LEAST_PEAK:g}): multiply it by a factor."
        )
    return values


def _finite(values: np.ndarray, what: str) -> np.ndarray:
    bad = int(values.size - np.count_nonzero(np.isfinite(values)))
    if bad:
        remedy = (
            "use missing=True (--missing yes) to exclude them"
            if what == "image"
            else "replace them, for instance by numpy.nan_to_num"
        )
        raise ValueError(f"{what}: {bad} of its {values.size} values are NaN or infinite; {remedy}.")
    return values
