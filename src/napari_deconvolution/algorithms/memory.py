"""How much memory a run will take, known before it, and whether there is as much."""

import math
from collections.abc import Sequence

from .camera.camera import NOISE_VOXELS
from .camera.noise import DARKEST_VOXELS
from .camera.region import part_shape
from .deconvolve import Deconvolution
from .forward.padding import Work
from .methods.base import Algorithm, Memoryless
from .stopping.refined import MARKS
from .stopping.rules import Automatic, HeldOut, Refined, RelativeChange
from .system_memory import available, in_words

SLACK = 1.06, 4 << 20
"""What the allocator of the system adds: a share, and bytes."""


def memory(job: Deconvolution, shape: Sequence[int], psf_shape: Sequence[int], symmetric: bool = False) -> int:
    """Bytes that a run takes at its peak, beyond the interpreter and the image: the greatest of its stages.

    Parameters
    ----------
    job
        What is to be done.
    shape, psf_shape
        Of the image and of the PSF, of as many dimensions.
    symmetric
        The PSF is its own mirror image, see `is_symmetric`: its transform then takes half the room.

    >>> from napari_deconvolution import Deconvolution
    >>> job = Deconvolution().assign(algorithm="richardson-lucy")
    >>> open_, periodic = (memory(job.replace(boundary=name), (64, 512, 512), (63, 127, 127)) for name in ("open", "periodic"))
    >>> 2 * periodic < open_
    True
    """
    image = 4 * math.prod(shape)
    peak = max(_looking(job, shape), _running(job, _work(job, shape, psf_shape, symmetric), image))
    stop = job.criterion
    if isinstance(stop, (Automatic, HeldOut, Refined)) and job.iterates:
        held = stop if isinstance(stop, (HeldOut, Refined)) else Refined() if job.algorithm.settles else HeldOut()
        part = part_shape(shape, held.voxels)
        peak = max(peak, _searching(job, _work(job, part, psf_shape, symmetric), 4 * math.prod(part), held))
    return int(SLACK[0] * peak + SLACK[1])


def check_memory(
    job: Deconvolution, shape: Sequence[int], psf_shape: Sequence[int], symmetric: bool = False, most: float | None = None
) -> int:
    """What `memory` says, if there is as much, and it is not more than `most`.

    Raises
    ------
    MemoryError
        If there is not; the message says how much is missing and what to do.
    """
    needed, free = memory(job, shape, psf_shape, symmetric), available()
    free = free if most is None else int(most if free is None else min(most, free))
    if free is not None and needed > free:
        way = "crop the image" + (", take fewer planes" if len(shape) == 3 and shape[0] > 1 else "")
        if job.boundary != "periodic":
            less = memory(job.replace(boundary="periodic"), shape, psf_shape, symmetric)
            way += f", or take the boundary periodic, which needs {in_words(less)}"
        raise MemoryError(f"The run needs {in_words(needed)} of memory and {in_words(free)} are free: {way}.")
    return needed


def _work(job: Deconvolution, shape: Sequence[int], psf_shape: Sequence[int], symmetric: bool) -> Work:
    return job.algorithm.forward_model.work(shape, psf_shape, job.boundary, symmetric, job.threads)


def _own(algorithm: Algorithm, work: Work, shape: tuple[int, ...], updates: int) -> int:
    """What the algorithm and its acceleration take."""
    peak = max(v.estimates * work.estimate + v.data * work.data for v in algorithm.volumes(shape, updates))
    accelerated = algorithm.acceleration.volumes if isinstance(algorithm, Memoryless) else 0
    return math.ceil(peak) + accelerated * work.estimate


def _looking(job: Deconvolution, shape: Sequence[int]) -> float:
    """Background, noise and defects are looked for in the image before anything else is made."""
    camera, peak, image = job.camera, 0.0, 4 * math.prod(shape)
    if camera.mask:
        peak = 3.6 * image
    if camera.background is None:
        plane = 4 * math.prod(shape[-2:])
        peak = max(5.6 * image, 2 * image + 14 * min(image, 4 * DARKEST_VOXELS + 6 * plane))
    unsaid = job.needs_gain and camera.gain is None and camera.snr is None
    if unsaid or camera.read_noise is None or (camera.background is None and camera.offset == 0):
        peak = max(peak, 11.8 * min(image, 4 * NOISE_VOXELS))
    return peak


def _running(job: Deconvolution, work: Work, image: int) -> float:
    """The forward model, weight, data, mask and estimate; then the algorithm's own, and after it the result."""
    held = work.kept + 2 * work.estimate + image * (1.25 if job.camera.mask else 1)
    own = _own(job.algorithm, work, work.shape, job.iterations)
    if isinstance(job.criterion, RelativeChange):
        held += work.estimate
    if job.report.keep:
        held += job.iterations // job.report.keep * image
    after = image - work.estimate  # the weight has gone
    if job.report.residual:
        after += 10 * image
    if job.report.uncertainty or job.report.reproducibility:
        after += work.estimate + (10 if job.report.reproducibility else 5) * image + max(7 * image, work.estimate + own)
    return max(work.built + image, held + own, held + after)


def _searching(job: Deconvolution, work: Work, part: int, stop: HeldOut | Refined) -> float:
    """For every split its two parts, what was seen of it, a taper and a transfer function, an estimate and the algorithm's own."""
    own = max(_own(choice, work, work.shape, job.iterations) for choice in job.algorithm.choices)
    splits, seen = stop.times(part // 4), len(MARKS) + 2 if isinstance(stop, Refined) else 0
    return work.kept + work.estimate + 1.25 * part + splits * ((3.5 + seen) * part + work.estimate + own) + 4 * part
