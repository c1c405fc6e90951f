"""How much memory a run will take, known before it, and whether there is as much."""

import math
from collections.abc import Sequence

from .camera.noise import DARKEST_VOXELS, NOISE_VOXELS
from .deconvolve import Deconvolution
from .forward.formation import ImageFormation
from .forward.padding import Work
from .system_memory import available, size_in_words

SLACK = 1.06, 4 << 20
"""What the allocator of the system adds: a share, and bytes."""


def memory(job: Deconvolution, shape: Sequence[int], formation: ImageFormation) -> int:
    """Bytes that a run takes at its peak, beyond the interpreter and the image: the greatest of its stages.

    Parameters
    ----------
    job
        What is to be done.
    shape
        Of the data.
    formation
        How they were formed; before a PSF is made, a `PlannedPsf` will do.

    >>> from napari_deconvolution import Deconvolution
    >>> from napari_deconvolution.algorithms.forward.formation import PlannedPsf
    >>> job, psf = Deconvolution().assign(algorithm="richardson-lucy"), PlannedPsf((63, 127, 127))
    >>> open_, periodic = (memory(job.replace(boundary=name), (64, 512, 512), psf) for name in ("open", "periodic"))
    >>> 2 * periodic < open_
    True
    """
    image = 4 * math.prod(shape)

    def part(voxels: int) -> Work:
        return _work(job, formation.part_shape(tuple(shape), voxels), formation)

    running = _running(job, _work(job, shape, formation), image)
    peak = max(_looking(job, shape, formation), running, job.criterion.memory(job.algorithm, job.iterations, part))
    return int(SLACK[0] * peak + SLACK[1])


def check_memory(job: Deconvolution, shape: Sequence[int], formation: ImageFormation, most: float | None = None) -> int:
    """What `memory` says, if there is as much, and it is not more than `most`.

    Raises
    ------
    MemoryError
        If there is not; the message says how much is missing and what to do.
    """
    needed, free = memory(job, shape, formation), available()
    free = free if most is None else int(most if free is None else min(most, free))
    if free is not None and needed > free:
        way = "write an OME-Zarr, which is made in tiles (-o OUT.ome.zarr, deconvolve_tiles), crop the image"
        way += ", take fewer planes" if len(shape) == 3 and shape[0] > 1 else ""
        if job.boundary != "periodic":
            less = memory(job.replace(boundary="periodic"), shape, formation)
            way += f", or take the boundary periodic, which needs {size_in_words(less)}"
        raise MemoryError(f"The run needs {size_in_words(needed)} of memory and {size_in_words(free)} are free: {way}.")
    return needed


def _work(job: Deconvolution, shape: Sequence[int], formation: ImageFormation) -> Work:
    return formation.work(tuple(shape), job.boundary, diagonal=job.algorithm.needs_diagonal, threads=job.threads)


def _looking(job: Deconvolution, shape: Sequence[int], formation: ImageFormation) -> float:
    """Background, noise and defects are looked for before anything else is made, in one view after the other."""
    camera, peak, image, plane = job.camera, 0.0, 4 * math.prod(shape), 4 * math.prod(shape[-2:])
    view = image / len(formation.of_views)
    if camera.mask:
        peak = 1.5 * image + 4.1 * view + 7.2 * plane
    if camera.background is None:
        peak = max(peak, 5.6 * image, 2 * image + 14 * min(image, 4 * DARKEST_VOXELS + 6 * plane))
    if job.needs_gain or camera.read_noise is None or (camera.background is None and camera.offset == 0):
        peak = max(peak, 12.2 * min(view, 4 * NOISE_VOXELS))
    return peak


def _running(job: Deconvolution, work: Work, image: int) -> float:
    """The forward model, weight, data, mask and estimate; then the algorithm's own, and after it the result."""
    held = work.kept + 2 * work.estimate + image * (1.25 if job.camera.mask else 1)
    held += job.criterion.estimates * work.estimate
    own = job.algorithm.memory(work, job.iterations)
    if job.report.keep:
        held += job.iterations // job.report.keep * image
    after = image - work.estimate  # the weight has gone
    if job.report.residual:
        after += 10 * image
    if job.report.uncertainty or job.report.reproducibility:
        after += work.estimate + (10 if job.report.reproducibility else 5) * image + max(7 * image, work.estimate + own)
    return max(work.built + image, held + own, held + after)
