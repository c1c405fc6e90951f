"""The driver: prepare, count, stop, report."""

import math
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, At
from ..optics.measured import MeasuredPsf, conditioned
from ..parameters import Parameters, param
from . import direct  # noqa: F401  lists its algorithms
from .algorithm import Algorithm
from .camera import Camera
from .forward import Forward, Piecewise, Store
from .multiplicative import RichardsonLucy
from .spectral import Spectral
from .stopping import Iterations, Never, Rule, Seconds, Step, Stop

History = tuple[tuple[float, float | None], ...]


@dataclass(frozen=True)
class Result:
    """What came out of a run."""

    image: Array
    """The estimate where the data are: float32, in the image's units above offset and background."""
    reason: str
    """Why it stopped."""
    updates: int
    """Updates done."""
    history: History
    """Of every update: seconds since the start, and the misfit of the estimate before it (see `Step`)."""
    record: dict[str, Any]
    """Everything that decided the result and what came of it, fit for JSON."""


@dataclass(frozen=True)
class Deconvolution(Parameters):
    """How to deconvolve: all but the image and the PSF. The same fields, with the same defaults, at every door.

    >>> Deconvolution().assign(algorithm="tikhonov", weight=0.01).algorithm.weight
    0.01
    """

    algorithm: Algorithm = param(RichardsonLucy(), "Method")
    iterations: int = param(50, "Updates at most", low=1, high=100_000)
    stop: Stop = param(Never(), "When to stop before that")
    seconds: float | None = param(None, "Time at most; none: no limit", low=0, unit="s")
    boundary: Literal["open", "mirror", "zero", "periodic"] = param(
        "open", "What lies beyond the edges: open takes nothing for granted, mirror reflects, zero is dark, periodic wraps round"
    )
    start: Literal["flat", "image"] = param("flat", "Estimate to begin with: the mean everywhere, or the image itself")
    threads: int = param(0, "Threads; 0 for all cores", low=0, high=1024)
    camera: Camera = param(Camera(), "How photons became numbers")
    measured: MeasuredPsf = param(MeasuredPsf(), "How a PSF that is given is to be taken")

    def steps(
        self, image: ArrayLike, psf: Array, *, start: ArrayLike | None = None, spacing: Sequence[float] | None = None
    ) -> Generator[Step, None, Result]:
        """Run, one step at a time; what the generator returns is the result. Closing it cancels the run.

        The PSF is fit to deconvolve with, as `conditioned` makes it; the rest is as in `deconvolve`.
        """
        data = checked(image, "image")
        if data.ndim != psf.ndim:
            raise ValueError(f"psf: it has {psf.ndim} dimensions and the image {data.ndim}; give a PSF of the image's dimensions.")
        observed, background = self.camera.expected(data, self.algorithm.needs_counts)
        H = self.algorithm.forward_model(psf, data.shape, self.boundary, background=background, spacing=spacing, threads=self.threads)
        y = H.place(observed)
        x = self._start(y, H, None if start is None else checked(start, "start"), data.shape)
        rules: list[Rule] = [Iterations(self.iterations), self.stop, *([] if self.seconds is None else [Seconds(self.seconds)])]
        updates, reason, history = yield from steps(y, H, self.algorithm, x, rules)
        estimate = x[H.inside].copy()
        if not np.isfinite(estimate).all():
            raise ValueError(f"{self.algorithm.name}: the result is not finite; raise its weight, or take another method.")
        above = self.camera.offset + self.camera.background
        record = {
            "deconvolution": self.to_dict(),
            "updates": updates,
            "reason": reason,
            "sum before": float(data.sum(dtype=np.float64)) - above * data.size,
            "sum after": float(estimate.sum(dtype=np.float64)),
        }
        return Result(estimate, reason, updates, history, record)

    def _start(self, y: Array, H: Forward, given: np.ndarray | None, shape: tuple[int, ...]) -> Array:
        if given is not None and given.shape != shape:
            raise ValueError(f"start: its shape {given.shape} is not that of the image, {shape}.")
        level = np.float32(max(float(y.mean(dtype=np.float64)) - H.background, 1e-6 * float(y.max())))
        x = np.where(H.weight > 0.01 * H.weight.max(), level, np.float32(0))
        if given is not None or self.start == "image":
            inner = (y - np.float32(H.background))[tuple(map(slice, shape))] if given is None else given
            # What is exactly zero would stay so under a multiplicative update.
            x[H.inside] = np.maximum(inner, 1e-3 * level) if self.algorithm.positive else inner
        return x


def deconvolve(
    image: ArrayLike,
    psf: ArrayLike,
    algorithm: str | Algorithm = "richardson-lucy",
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
        Any field of `Deconvolution`, of its camera (offset, background, gain, read_noise), of the algorithm, and of what is known of
        the PSF (psf_background, psf_origin), by name.

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
        If the PSF stands on a pedestal or its centre is not at its origin.

    >>> import numpy as np
    >>> image = np.zeros((16, 16))
    >>> image[7:10, 7:10] = 1
    >>> result = deconvolve(image, np.outer([0, 1, 2, 1, 0], [0, 1, 2, 1, 0]), iterations=5)
    >>> result.image.shape, result.reason
    ((16, 16), '5 updates done')
    """
    named = isinstance(start, str)
    job = Deconvolution().assign(algorithm=algorithm, **({"start": start} if named else {}), **settings)
    kernel = conditioned(psf, job.measured, spacing=psf_spacing, image_spacing=spacing)
    walk = job.steps(image, kernel, start=None if named else start, spacing=spacing)
    while True:
        try:
            step = next(walk)
        except StopIteration as end:
            result: Result = end.value
            return result
        if watch is not None:
            watch(step)


def steps(y: Array, H: Forward, algorithm: Algorithm, x: Array, rules: Sequence[Rule]) -> Generator[Step, None, tuple[int, str, History]]:
    """Drive an algorithm: yield every step, return the number of updates, the reason it ended, and the history."""
    watched = H if isinstance(H, Spectral) else Watched(H, y)
    tests, began, history = [rule.start() for rule in rules], time.perf_counter(), []
    total = next((rule.count for rule in rules if isinstance(rule, Iterations)), 0)
    number = 0
    for number, estimate in enumerate(algorithm.iterates(y, watched, x)):
        step = Step(number, total, time.perf_counter() - began, getattr(watched, "misfit", None), estimate, H.inside)
        if number:
            history.append((round(step.seconds, 6), step.misfit))
        yield step
        reasons = [reason for test in tests if (reason := test(step))]
        if number and reasons:
            return number, reasons[0], tuple(history)
    return number, "a direct filter, done in one step", tuple(history)


class Watched(Forward):
    """H, measuring the misfit of every estimate on its way through, piece by piece, so that a report costs no extra pass."""

    def __init__(self, H: Forward, y: Array) -> None:
        self.H, self.y = H, y
        self.misfit: float | None = None
        self.shape, self.data_shape, self.inside = H.shape, H.data_shape, H.inside
        self.background, self.spacing = H.background, H.spacing

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return self.H.forward(x, out)

    def adjoint(self, y: Array, out: Array | None = None) -> Array:
        return self.H.adjoint(y, out)

    @cached_property
    def weight(self) -> Array:
        return self.H.weight

    def through(self, x: Array, between: Piecewise, after: Store) -> None:
        sums: list[float] = []
        background, tiny = np.float32(self.background), np.float32(1e-6 * float(self.y.max()) or 1)

        def watched(blurred: Array, at: At) -> Array:
            expected = np.maximum(blurred + background, tiny)
            miss = self.y[at] - expected
            np.divide(miss, expected, out=expected)
            sums.append(float(np.vdot(miss, expected)))
            return between(blurred, at)

        self.H.through(x, watched, after)
        self.misfit = math.fsum(sums) / self.y.size


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
            f"{what}: it has {values.ndim} dimensions, shape {values.shape}; (y, x) or (z, y, x) is needed, one channel, one time."
        )
    bad = int(values.size - np.count_nonzero(np.isfinite(values)))
    if bad:
        raise ValueError(f"{what}: {bad} of its {values.size} values are NaN or infinite; replace them, for instance by numpy.nan_to_num.")
    return values
